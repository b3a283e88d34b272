"""The end of Java with the end of Python: without a hang, without a crash, with windows or without.

Java's threads must not come for Python while it takes itself apart: they would abort the process, and a good run would
end with an error. Whether Java can be destroyed or not, none is left that could.
"""

from __future__ import annotations

import atexit
import logging
import threading

from pybridge.imagej.jvm import JavaObject, is_running, java_class

COMMAND_THREADS = "pybridge-"
"""How the names of the Python threads begin that do what was clicked."""

_SECONDS_TO_STOP, _SECONDS_TO_ANSWER = 10, 2
_WINDOW_CLOSING = 201
_ESCAPE_KEY = 27

log = logging.getLogger("pybridge.imagej")
_ends_registered = threading.Event()


def end_with_python() -> None:
    """See to it that the process ends when Python does: register once what must be done before the JVM goes."""
    if not _ends_registered.is_set():
        _ends_registered.set()
        atexit.register(_release_java)


def shut_thread_pool() -> None:
    """End the threads of ImageJ's pool; they are no daemons and would keep the JVM, and so the process, alive."""
    java_class("ij.util.ThreadUtil").threadPoolExecutor.shutdownNow()


def _release_java() -> None:
    import jpype.config

    if not is_running():
        return
    try:
        shut_thread_pool()
        if any(str(thread.getName()).startswith("AWT-") for thread in _threads()):
            _leave_windows()
        left = _busy_threads()
    except Exception as error:  # noqa: BLE001 - at exit an error must not turn a good run into a bad one
        log.warning("ending ImageJ: %s", error)
        left = ["?"]
    if left:
        # Destroying the JVM waits for its last thread, for ever if that thread waits for something.
        log.info("Java threads still busy at exit: %s", left)
        jpype.config.destroy_jvm = False
        _stop_releasing()


def _leave_windows() -> None:
    """Stop what was clicked as Esc would, cancel the dialogs, and close all windows: their threads end then."""
    java_class("ij.IJ").setKeyDown(_ESCAPE_KEY)
    queue = java_class("java.awt.Toolkit").getDefaultToolkit().getSystemEventQueue()
    closing = java_class("java.awt.event.WindowEvent")
    for window in _windows():
        if window.isVisible() and isinstance(window, java_class("java.awt.Dialog")):
            queue.postEvent(closing(window, _WINDOW_CLOSING))
    for thread in threading.enumerate():
        if thread.name.startswith(COMMAND_THREADS):
            thread.join(_SECONDS_TO_STOP)
    if _answers(queue):
        for window in _windows():
            window.dispose()


def _answers(queue: JavaObject) -> bool:
    """Say whether the thread of the windows does what it is told to: closing one waits for it, hung or not."""
    import jpype

    # Java's own parts only: the task may come to its turn when Python is no more.
    nothing = java_class("java.util.concurrent.Executors").callable(java_class("java.lang.Thread")())
    task = java_class("java.util.concurrent.FutureTask")(nothing)
    queue.invokeLater(task)
    try:
        task.get(_SECONDS_TO_ANSWER, java_class("java.util.concurrent.TimeUnit").SECONDS)
    except jpype.JException:
        return False
    return True


def _windows() -> list[JavaObject]:
    return list(java_class("java.awt.Window").getWindows())


def _threads() -> list[JavaObject]:
    return list(java_class("java.lang.Thread").getAllStackTraces().keySet())


def _busy_threads() -> list[str]:
    """Names of the Java threads, other than this one, that would keep the JVM alive, after a moment to end."""
    thread_class = java_class("java.lang.Thread")
    here = thread_class.currentThread()
    left: list[str] = []
    for look in range(100):
        left = [str(t.getName()) for t in _threads() if not t.isDaemon() and t.isAlive() and t != here]
        # Java's own threads for windows end by themselves a second after the last event, where no window is open.
        if not left or (look >= 10 and not all(name.startswith("AWT-") for name in left)):
            break
        thread_class.sleep(20)
    return left


def _stop_releasing() -> None:
    """Keep JPype's own thread from coming for Python once it ends: it gives back what Java's collector has freed, and
    Python's last collection sets that collector going. A JVM that is destroyed stops this thread itself."""
    try:
        java_class("org.jpype.ref.JPypeReferenceQueue").getInstance().stop()
    except Exception as error:  # noqa: BLE001 - no public part of JPype: another version may not have it
        log.info("JPype's reference queue was not stopped: %s", error)
