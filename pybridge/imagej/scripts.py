"""Running Jython and Groovy ``#@`` scripts with SciJava's own ScriptService, in the embedded ImageJ or in a Fiji.

The embedded ImageJ gets the engines when the first script is run, from Maven Central: a gateway without scripts is
not slowed down by them.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import itertools
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybridge.core.errors import MacroError, UsageError, did_you_mean
from pybridge.files.home import shipped_folder
from pybridge.imagej.images import close_images_since, open_ids
from pybridge.imagej.jars import APPOSE, SCRIPTING, embedded_jars
from pybridge.imagej.jvm import JavaObject, has_class, java_class
from pybridge.imagej.script_inputs import has_value, text_to_input
from pybridge.imagej.stack import call_stack

ENDINGS = (".py", ".groovy")
_FACTORIES = ("org.python.jsr223.PyScriptEngineFactory", "org.codehaus.groovy.jsr223.GroovyScriptEngineFactory")
# What would bring back the values that were typed last, in this process or an earlier one, and what would ask for a
# file: a script run by a program gets what the program gives, else the defaults.
_LEFT_OUT = ("org.scijava.module.process.LoadInputsPreprocessor", "org.scijava.ui.FilePreprocessor")
_NORMAL_END = re.compile(r"^SystemExit(: (0|None))?$", re.MULTILINE)
_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_TO_STOP = 10.0

log = logging.getLogger("pybridge.imagej")


@dataclass(frozen=True, slots=True)
class ScriptOutput:
    """One ``#@output`` of a script: a number, a text, or a Java object such as an ImagePlus."""

    name: str
    value: Any


def run_script(
    path: Path, values: Mapping[str, str], *, imagej2: Any = None, open_image: Callable[[Path], JavaObject]
) -> tuple[ScriptOutput, ...]:
    """Run a script and wait for its end.

    Parameters
    ----------
    path : Path
        A Jython (``.py``) or Groovy (``.groovy``) script.
    values : mapping of str to str
        Its ``#@`` parameters by name, as texts; those left out take their defaults. An ImagePlus is given by the path
        of its file; a single one that is not given is the active image, as in Fiji.
    imagej2 : object, optional
        PyImageJ's gateway, when ImageJ was started by it: its own ScriptService is used.
    open_image : callable
        Opens an image file.

    Returns
    -------
    tuple of ScriptOutput
        The outputs that have a value.

    Raises
    ------
    UsageError
        If a name or a value does not suit the script's parameters, or a required one is missing.
    MacroError
        If there is no such file, no engine for it, or the script failed; with the script's own message.
    """
    asked = f"run the script {str(path)!r}"
    text = _read(path, asked)
    context = _own_context() if imagej2 is None else imagej2.context()
    with _found_by_scijava():
        return _run_text(text, path, values, context, open_image=open_image, asked=asked)


def _run_text(
    text: str,
    path: Path,
    values: Mapping[str, str],
    context: JavaObject,
    *,
    open_image: Callable[[Path], JavaObject],
    asked: str,
) -> tuple[ScriptOutput, ...]:
    info = java_class("org.scijava.script.ScriptInfo")(context, str(path), java_class("java.io.StringReader")(text))
    declared = {str(item.getName()): item for item in info.inputs()}
    for name in values:
        if name not in declared:
            raise UsageError(f"{asked} with {name}=…", found="no such parameter", do=did_you_mean(name, declared))
    before = open_ids()
    inputs = java_class("java.util.HashMap")()
    for name, item in declared.items():
        given = text_to_input(values.get(name), item, context=context, open_image=open_image, asked=asked)
        if given is not None:
            inputs.put(name, given)
    module = info.createModule()
    context.inject(module)
    for name in declared:
        if not inputs.containsKey(name) and not has_value(declared[name]):
            module.resolveInput(name)  # optional and not given: nobody is to be asked
    found: list[ScriptOutput] = []
    try:
        _run(module, inputs, context, asked)
        for item in info.outputs():
            value = module.getOutput(item.getName())
            # SciJava adds "result", what the last line gave, to scripts that declare no output.
            if value is not None:
                found.append(ScriptOutput(str(item.getName()), _to_python(value)))
    finally:
        _leave_table(before, [output.value for output in found])
    return tuple(found)


def _leave_table(before: frozenset[int], kept: list[Any]) -> None:
    """Close the images of batch mode that the script left open; its outputs are only taken out of the table."""
    interpreter = java_class("ij.macro.Interpreter")
    for value in kept:
        if hasattr(value, "getShortTitle"):
            interpreter.removeBatchModeImage(value)
    close_images_since(before)


def _read(path: Path, asked: str) -> str:
    if path.suffix.lower() in (".ijm", ".txt"):
        raise MacroError(asked, found="an ImageJ macro", do=f"pybridge macro {path}")
    if path.suffix.lower() not in ENDINGS:
        raise MacroError(asked, found=f"a {path.suffix or 'nameless'} file", do=f"give one of {', '.join(ENDINGS)}")
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MacroError(asked, found=error.strerror or str(error), do="check the path") from error
    except UnicodeDecodeError as error:
        raise MacroError(asked, found="no UTF-8 text", do="save the script as UTF-8") from error


@functools.cache
def _own_context() -> JavaObject:
    """Make SciJava's context in the embedded ImageJ, once: its services, the two languages, ImageJ's types."""
    import jpype

    for name, endpoints in (("org.scijava.Context", SCRIPTING), ("org.apposed.appose.Service", APPOSE)):
        if not has_class(name):
            for jar in embedded_jars(endpoints):
                jpype.addClassPath(str(jar))
    with _found_by_scijava():
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
def _found_by_scijava() -> Iterator[None]:
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


def _run(module: JavaObject, inputs: JavaObject, context: JavaObject, asked: str) -> None:
    """Let SciJava run the script; raise when it failed."""
    plugins = context.service(java_class("org.scijava.plugin.PluginService"))
    preprocessors = java_class("java.util.ArrayList")(
        plugins.createInstancesOfType(java_class("org.scijava.module.process.PreprocessorPlugin"))
    )
    for each in list(preprocessors):
        if str(each.getClass().getName()) in _LEFT_OUT:
            preprocessors.remove(each)
    # No postprocessors: they would save the inputs for the next time, and show outputs that are ours to hand over.
    postprocessors = java_class("java.util.ArrayList")()
    for name in list(inputs.keySet()):
        module.setInput(name, inputs.get(name))
        module.resolveInput(name)
    runner = java_class("org.scijava.module.ModuleRunner")(context, module, preprocessors, postprocessors)
    with _Failures(context) as failures:
        _on_own_thread(runner, asked)
    if failures.thrown is not None:
        raise _as_error(failures.thrown, asked)


def _on_own_thread(runner: JavaObject, asked: str) -> None:
    """Run on a thread that ends with the script, and wait; Ctrl-C gets through meanwhile.

    ImageJ keeps the active image of batch mode for each thread: on one of SciJava's pool a script would find the image
    of the script before, which is closed.
    """
    import jpype

    manager, thread_class = java_class("ij.WindowManager"), java_class("java.lang.Thread")
    done = threading.Event()
    here: list[JavaObject] = []
    errors: list[BaseException] = []

    def work() -> None:
        here.append(thread_class.currentThread())
        try:
            with _found_by_scijava():
                runner.run()
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            errors.append(error)
        finally:
            manager.setTempCurrentImage(None)
            done.set()
            thread_class.detach()

    runs = threading.Thread(target=work, name="pybridge-script", daemon=True)
    runs.start()
    try:
        while not done.wait(_SECONDS_BETWEEN_LOOKS):
            pass
    except BaseException:
        for thread in here:
            thread.interrupt()
        raise
    finally:
        runs.join(_SECONDS_TO_STOP)  # a thread that is inside Java when Python ends aborts the process
    for error in errors:
        if isinstance(error, jpype.JException):
            raise _as_error(error.getCause() or error, asked) from error
        raise error


class _Failures:
    """Hears what SciJava only logs: the exception that ended a script."""

    def __init__(self, context: JavaObject) -> None:
        import jpype

        self.thrown: JavaObject | None = None
        self._log = context.service(java_class("org.scijava.log.LogService"))
        self._listener = jpype.JProxy("org.scijava.log.LogListener", dict={"messageLogged": self._hear})

    def __enter__(self) -> _Failures:
        self._log.addLogListener(self._listener)
        return self

    def __exit__(self, *_: object) -> None:
        self._log.removeLogListener(self._listener)

    def _hear(self, message: JavaObject) -> None:
        thrown = message.throwable()
        if thrown is not None and self.thrown is None and _ends_a_script():
            log.info("%s", thrown)
            if not _NORMAL_END.search(str(thrown.toString())):
                self.thrown = thrown


def _ends_a_script() -> bool:
    """Say whether what is being logged here ended a script, and is not something that the script itself logs."""
    methods = iter(call_stack().methods)
    inside = itertools.dropwhile(lambda method: not method.startswith("org.scijava.log."), methods)
    callers = itertools.dropwhile(lambda method: method.startswith("org.scijava.log."), inside)
    return next(callers, "") == "org.scijava.script.ScriptModule.run"


def _quieten(service: JavaObject) -> None:
    """Keep Java's stack trace of a failed script from the terminal: the error that we raise says what happened."""
    import jpype

    if not hasattr(service, "setPrintStreams"):
        return
    system = java_class("java.lang.System")
    nowhere = java_class("java.io.PrintStream")(java_class("java.io.OutputStream").nullOutputStream())
    choose = jpype.JProxy(
        "java.util.function.Function", dict={"apply": lambda level: nowhere if _ends_a_script() else system.err}
    )
    service.setPrintStreams(choose)


def _as_error(thrown: JavaObject, asked: str) -> MacroError:
    """Say what an exception says: of a Jython traceback the last line and the line number, of Java's its message."""
    lines = [line for line in str(thrown.toString()).splitlines() if line.strip()]
    text, place = " ".join(line.strip() for line in lines), ""
    if lines and lines[0].startswith("Traceback"):
        text = lines[-1].strip()
        kind, _, said = text.partition(": ")
        if said.startswith(f"{kind}:"):
            text = said  # Jython names a Java exception twice
        script = lines[1].split(", ")[0]
        places = [line.split(", ")[1].strip() for line in lines if line.startswith(script)]
        place = f" ({places[-1]})"
    text = text.removeprefix("java.lang.RuntimeException: ")
    if text == java_class("ij.Macro").MACRO_CANCELED:
        text = "ImageJ stopped it, for what it said above"
    # An error of ours, from the client or a command, says itself what to do.
    found, _, do = text.partition(". To do: ")
    return MacroError(asked, found=found + place, do=do or "correct the script or its input")


def _to_python(value: JavaObject) -> Any:
    """Turn Java's texts, numbers and truth values into Python's; other objects stay."""
    import jpype

    if isinstance(value, jpype.JClass("java.lang.String")):
        return str(value)
    if isinstance(value, jpype.JClass("java.lang.Boolean")):
        return bool(value)
    if isinstance(value, (jpype.JClass("java.lang.Double"), jpype.JClass("java.lang.Float"))):
        return float(value)
    if isinstance(value, jpype.JClass("java.lang.Number")):
        return int(value)
    return value
