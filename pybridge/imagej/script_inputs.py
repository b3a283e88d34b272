"""From the texts that a shell gives to the values of a script's ``#@`` parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pybridge.core.errors import UsageError, did_you_mean
from pybridge.imagej.jvm import JavaObject, java_class

_FILLED_BY_SCIJAVA = ("org.scijava.service.Service", "org.scijava.Context", "org.scijava.log.Logger")


def text_to_input(
    text: str | None,
    item: JavaObject,
    *,
    context: JavaObject,
    open_image: Callable[[Path], JavaObject],
    asked: str,
) -> Any:
    """Turn a text into the value of one parameter; None leaves it to its default.

    Parameters
    ----------
    text : str or None
        What was given.
    item : org.scijava.module.ModuleItem
        The parameter.
    context : org.scijava.Context
        For SciJava's conversions.
    open_image : callable
        Opens an image file.
    asked : str
        What the user wanted, for messages.

    Raises
    ------
    UsageError
        If the text is no value for it, or a parameter without a default was not given.
    """
    name = str(item.getName())
    kind = item.getType()
    if java_class("ij.ImagePlus").class_.isAssignableFrom(kind):
        return _image(text, item, open_image=open_image, asked=asked)
    if text is None:
        if item.isRequired() and not has_value(item):
            raise UsageError(asked, found=f"no {name} was given", do=f"add {name}=… ({_help(item)})")
        return None
    wrong = f"{asked} with {name}={text!r}"
    if str(kind.getName()) in ("java.lang.Boolean", "boolean") and text.lower() not in ("true", "false"):
        raise UsageError(wrong, found="a boolean is true or false", do=_help(item))
    choices = [str(choice) for choice in item.getChoices() or ()]
    if choices and text not in choices:
        raise UsageError(wrong, found="no such choice", do=did_you_mean(text, choices))
    value = _convert(text, kind, context)
    if value is None:
        raise UsageError(wrong, found=f"no {kind.getSimpleName()}", do=_help(item))
    for bound, sign in ((item.getMinimumValue(), -1), (item.getMaximumValue(), 1)):
        if bound is not None and sign * float(value) > sign * float(bound):
            raise UsageError(
                wrong, found=f"it must be at {'least' if sign < 0 else 'most'} {float(bound):g}", do=_help(item)
            )
    return value


def _image(text: str | None, item: JavaObject, *, open_image: Callable[[Path], JavaObject], asked: str) -> Any:
    """Open the image that was named, which is the active one then; else take the active one."""
    if text is not None:
        imp = open_image(Path(text))
        imp.show()
        return imp
    imp = java_class("ij.WindowManager").getCurrentImage()
    if imp is None and item.isRequired():
        name = str(item.getName())
        raise UsageError(asked, found=f"no {name} was given and no image is open", do=f"add {name}=path")
    return imp


def has_value(item: JavaObject) -> bool:
    """Say whether SciJava will find a value: a default, or something of its own."""
    if item.getDefaultValue() is not None or str(item.getVisibility()) == "MESSAGE":
        return True
    return any(java_class(name).class_.isAssignableFrom(item.getType()) for name in _FILLED_BY_SCIJAVA)


def _convert(text: str, kind: JavaObject, context: JavaObject) -> Any:
    import jpype

    converter = context.service(java_class("org.scijava.convert.ConvertService"))
    try:
        return converter.convert(jpype.JObject(jpype.JString(text), "java.lang.Object"), kind)
    except jpype.JException:
        return None


def _help(item: JavaObject) -> str:
    kind = str(item.getType().getSimpleName())
    said = str(item.getDescription() or item.getLabel() or "")
    return f"{said}: {kind}" if said else f"a value of type {kind}"
