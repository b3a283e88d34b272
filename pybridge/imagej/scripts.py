"""Running Jython and Groovy ``#@`` scripts with SciJava's own ScriptService, in the embedded ImageJ or in a Fiji."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybridge.core.errors import MacroError, UsageError, did_you_mean
from pybridge.imagej.images import close_images_since, open_ids
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.script_context import found_by_scijava, own_context
from pybridge.imagej.script_failures import Failures, thrown_to_error
from pybridge.imagej.script_inputs import has_value, text_to_input

_ENDINGS = (".py", ".groovy")
# What would bring back the values that were typed last, in this process or an earlier one, and what would ask for a
# file: a script run by a program gets what the program gives, else the defaults.
_LEFT_OUT = ("org.scijava.module.process.LoadInputsPreprocessor", "org.scijava.ui.FilePreprocessor")
_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_TO_STOP = 10.0


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
    context = own_context() if imagej2 is None else imagej2.context()
    with found_by_scijava():
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
    if path.suffix.lower() not in _ENDINGS:
        raise MacroError(asked, found=f"a {path.suffix or 'nameless'} file", do=f"give one of {', '.join(_ENDINGS)}")
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise MacroError(asked, found=error.strerror or str(error), do="check the path") from error
    except UnicodeDecodeError as error:
        raise MacroError(asked, found="no UTF-8 text", do="save the script as UTF-8") from error


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
    with Failures(context) as failures:
        _on_own_thread(runner, asked)
    if failures.thrown is not None:
        raise thrown_to_error(failures.thrown, asked)


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
            with found_by_scijava():
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
            raise thrown_to_error(error.getCause() or error, asked) from error
        raise error


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
