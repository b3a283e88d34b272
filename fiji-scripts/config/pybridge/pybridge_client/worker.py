"""The Python process beside Fiji: started once, kept in IJ.setProperty for all scripts, started anew when it died.

Each run of a Jython script has modules of its own, so what must last is a Java object that ImageJ keeps: Appose's
Service. It ends with Fiji, because the pipe to it is closed then, however Fiji ends.
"""

from __future__ import absolute_import

import jarray
from ij import IJ
from java.io import File, IOException
from java.lang import Class, Long, Runnable, RuntimeException, String, System, Thread
from java.util import ArrayList, HashMap
from java.util.concurrent import LinkedBlockingQueue, TimeUnit
from java.util.concurrent.locks import ReentrantLock
from java.util.function import Consumer

from pybridge_client.failures import cancelled, died, failure, told
from pybridge_client.settings import INSTALL, read_settings, settings_stamp

PROTOCOL = 3
SERVICE = "pybridge.worker"
LOCK = "pybridge.worker.lock"

STARTED_ANEW = "PyBridge: its Python process had ended%s; it is started anew."
MS_BETWEEN_LOOKS = 25
MS_TO_CANCEL = 1000
MS_FOR_LAST_WORDS = 1000
DONE = ("COMPLETION", "CANCELATION", "FAILURE", "CRASH")


def worker():
    """The warm worker of this Fiji; a new one when there is none or it died."""
    stamp = settings_stamp()
    kept = IJ.getProperty(SERVICE)
    if kept is not None and kept.get("stamp") == stamp and kept.get("service").isAlive():
        return Worker(kept.get("service"))
    settings = read_settings()
    lock = _lock()
    lock.lock()
    try:
        kept = IJ.getProperty(SERVICE)
        if kept is not None:
            if kept.get("service").isAlive() and kept.get("python") == settings["python"]:
                kept.put("stamp", stamp)
                return Worker(kept.get("service"))
            if not kept.get("service").isAlive():
                IJ.log(STARTED_ANEW % _exit(kept.get("service")))
            stop()
        return Worker(_start(settings, stamp))
    finally:
        lock.unlock()


def stop():
    """End the worker; the next call starts a new one."""
    kept = IJ.getProperty(SERVICE)
    IJ.setProperty(SERVICE, None)
    if kept is not None and kept.get("service").isAlive():
        kept.get("service").close()


def is_running():
    """Whether there is a worker that lives."""
    kept = IJ.getProperty(SERVICE)
    return kept is not None and kept.get("service").isAlive()


class Worker(object):
    """Asks the worker to do things and waits, watching that it lives and that the user has not pressed Esc."""

    def __init__(self, service):
        self._service = service

    def ask(self, verb, inputs, can_cancel=False):
        """Let the worker do one thing; gives its outputs, a Java map.

        While it works, ImageJ's status bar shows how far it is. With can_cancel, Esc stops it.
        """
        task, events = self._start_task(verb, inputs)
        cancelled_at = died_at = None
        while True:
            event = events.poll(MS_BETWEEN_LOOKS, TimeUnit.MILLISECONDS)
            if event is not None:
                kind = event.responseType.toString()
                if kind == "UPDATE":
                    _show(event)
                elif kind in DONE:
                    return self._outcome(task, kind)
            now = System.currentTimeMillis()
            # A process that is gone says nothing more, even where a process that it left behind holds its pipes.
            if not self._service.isAlive():
                died_at = died_at or now
                if now - died_at > MS_FOR_LAST_WORDS:
                    return self._outcome(task, "CRASH")
            if can_cancel and cancelled_at is None and IJ.escapePressed():
                cancelled_at = now
                IJ.showStatus("PyBridge: stopping")
                task.cancel()
            if cancelled_at is not None and now - cancelled_at > MS_TO_CANCEL:
                # Busy in a library that cannot be interrupted: the next call starts a new one.
                self._service.kill()
                IJ.setProperty(SERVICE, None)
                IJ.log("PyBridge: its Python process did not stop in time and was ended; the next call starts it anew.")
                raise cancelled()

    def tell(self, verb, inputs):
        """Let the worker do one thing, without waiting for it."""
        if self._service.isAlive():
            self._start_task(verb, inputs)

    def _start_task(self, verb, inputs):
        events = LinkedBlockingQueue()
        task = self._service.task(verb, to_java(inputs))
        task.listen(_Events(events))
        task.start()
        return task, events

    def _outcome(self, task, kind):
        if kind == "COMPLETION":
            return task.outputs
        if kind == "CANCELATION":
            raise cancelled()
        if kind == "FAILURE":
            raise told(task.error)
        IJ.setProperty(SERVICE, None)
        raise died(_exit(self._service))


class _Events(Consumer):
    def __init__(self, events):
        self._events = events

    def accept(self, event):
        self._events.put(event)


class _Starting(Runnable):
    def __init__(self, service):
        self._service = service
        self.error = None

    def run(self):
        try:
            self._service.start()
        except IOException as error:
            self.error = error


def to_java(value):
    """Dictionaries and lists as Java's own, which Appose writes as JSON."""
    if isinstance(value, dict):
        made = HashMap()
        for key, item in value.items():
            made.put(key, to_java(item))
        return made
    if isinstance(value, (list, tuple)):
        made = ArrayList()
        for item in value:
            made.add(to_java(item))
        return made
    return Long(value) if isinstance(value, long) else value  # noqa: F821 - Jython is Python 2


def _lock():
    lock = IJ.getProperty(LOCK)
    if lock is None:
        lock = ReentrantLock()
        IJ.setProperty(LOCK, lock)
    return lock


def _start(settings, stamp):
    try:
        from org.apposed.appose import Service
    except ImportError:
        raise failure("start PyBridge's Python", "this Fiji has no Appose (jars/appose-*.jar)", INSTALL)
    IJ.showStatus("PyBridge: starting Python")
    here = Thread.currentThread()
    loader = here.getContextClassLoader()
    # Appose's JSON library looks for its parts with the loader of the thread that uses it first.
    here.setContextClassLoader(Class.getClassLoader(Service))
    try:
        service = _process(Service, settings)
    finally:
        here.setContextClassLoader(loader)
    kept = HashMap()
    kept.put("service", service)
    kept.put("python", settings["python"])
    kept.put("stamp", stamp)
    IJ.setProperty(SERVICE, kept)
    return service


def _process(service_class, settings):
    """Start the process and wait until it answers."""
    here = File(System.getProperty("user.dir"))
    command = [settings["python"], "-P", "-X", "utf8", "-m", "pybridge.worker"]
    folder, environment = here if here.isDirectory() else None, to_java(settings["environment"])
    service = service_class(folder, environment, jarray.array(command, String))
    # Appose's threads are daemons when the thread that makes them is one; else they would keep Fiji from ending.
    starting = _Starting(service)
    thread = Thread(starting, "PyBridge-Start")
    thread.setDaemon(True)
    thread.start()
    thread.join()
    if starting.error is not None:
        raise failure("start PyBridge's Python", starting.error.getMessage(), INSTALL)
    try:
        Worker(service).ask("hello", {"protocol": PROTOCOL})
    except RuntimeException:
        if service.isAlive():
            service.kill()
            raise
        raise failure("start PyBridge's Python", "%s ended%s" % (settings["python"], _exit(service)), INSTALL)
    return service


def _exit(service):
    """What is known of the end of a process: its last line on stderr."""
    lines = [line for line in list(service.errorLines()) if line.strip()] if hasattr(service, "errorLines") else []
    return " (%s)" % lines[-1].strip() if lines else ""


def _show(event):
    if event.message is not None:
        IJ.showStatus(event.message)
    if event.maximum > 0:
        IJ.showProgress(int(event.current), int(event.maximum))
