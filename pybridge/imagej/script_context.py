"""SciJava's context for ``#@`` scripts in the embedded ImageJ: services, Jython and Groovy, how it finds classes.

The engines come when the first script is run, from Maven Central: a gateway without scripts is not slowed down by
them.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import sys
from collections.abc import Iterator

from pybridge.files.home import shipped_folder
from pybridge.imagej.jars import APPOSE, SCRIPTING, embedded_jars
from pybridge.imagej.jvm import JavaObject, has_class, java_class
from pybridge.imagej.script_failures import ends_a_script

_FACTORIES = ("org.python.jsr223.PyScriptEngineFactory", "org.codehaus.groovy.jsr223.GroovyScriptEngineFactory")


@functools.cache
def own_context() -> JavaObject:
    """Make SciJava's context in the embedded ImageJ, once: its services, the two languages, ImageJ's types."""
    import jpype

    for name, endpoints in (("org.scijava.Context", SCRIPTING), ("org.apposed.appose.Service", APPOSE)):
        if not has_class(name):
            for jar in embedded_jars(endpoints):
                jpype.addClassPath(str(jar))
    with found_by_scijava():
        # Without an argument JPype would take the constructor that makes no services.
        context = java_class("org.scijava.Context")(False)
    service = context.service(java_class("org.scijava.script.ScriptService"))
    for factory in _FACTORIES:
        language = java_class("org.scijava.script.AdaptedScriptLanguage")(java_class(factory)())
        language.setContext(context)
        service.getIndex().add(language, False)
    for name in ("ij.ImagePlus", "ij.measure.ResultsTable", "ij.gui.Overlay", "ij.gui.Roi"):
        service.addAlias(java_class(name))
    _quieten(context.service(java_class("org.scijava.log.LogService")))
    _show_client()
    atexit.register(context.dispose)  # its threads would keep the process alive
    return context


@contextlib.contextmanager
def found_by_scijava() -> Iterator[None]:
    """Let SciJava find classes: it looks with the loader of the thread, and its jars came after the start of Java."""
    thread = java_class("java.lang.Thread").currentThread()
    before = thread.getContextClassLoader()
    thread.setContextClassLoader(java_class("org.scijava.Context").class_.getClassLoader())
    try:
        yield
    finally:
        thread.setContextClassLoader(before)


def _show_client() -> None:
    """Let scripts find the client where they look for it in a Fiji, below ImageJ's own folder."""
    folder = java_class("ij.Prefs").class_.getDeclaredField("ImageJDir")
    folder.setAccessible(True)
    folder.set(None, str(shipped_folder("fiji-scripts")))
    java_class("java.lang.System").setProperty("pybridge.python", sys.executable)


def _quieten(service: JavaObject) -> None:
    """Keep Java's stack trace of a failed script from the terminal: the error that we raise says what happened."""
    import jpype

    if not hasattr(service, "setPrintStreams"):
        return
    system = java_class("java.lang.System")
    nowhere = java_class("java.io.PrintStream")(java_class("java.io.OutputStream").nullOutputStream())
    choose = jpype.JProxy(
        "java.util.function.Function", dict={"apply": lambda level: nowhere if ends_a_script() else system.err}
    )
    service.setPrintStreams(choose)
