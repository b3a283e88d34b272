"""Where a macro comes from: its text, a file, or one that is shipped with PyBridge, by its name."""

from __future__ import annotations

import os
from pathlib import Path

from pybridge.core.errors import MacroError
from pybridge.files.home import shipped_folder
from pybridge.imagej.jvm import java_class

_MACRO_ENDINGS = (".ijm", ".txt")
_SCRIPT_ENDINGS = (".py", ".js", ".bsh", ".groovy")


def shipped_macros() -> dict[str, Path]:
    """Give the macros that come with PyBridge by their names, such as ``Segment_Folder``."""
    return {path.stem: path for path in sorted(shipped_folder("macros").glob("*.ijm"))}


def shipped_macro(name: str) -> Path | None:
    """Find a macro that comes with PyBridge by its name, with or without ``.ijm`` and ``macros/``; else None.

    Examples
    --------
    >>> shipped_macro("Segment_Folder") == shipped_macro("macros/Segment_Folder.ijm"), shipped_macro("nothing")
    (True, None)
    """
    return shipped_macros().get(name.removeprefix("macros/").removesuffix(".ijm"))


def read_macro(text_or_path: str | os.PathLike[str]) -> tuple[str, str]:
    """Tell a macro's text from a path or the name of a shipped macro, and read the file.

    Returns
    -------
    text : str
        The macro.
    name : str
        How to call it in messages.

    Raises
    ------
    MacroError
        If the file is missing or no ImageJ 1 macro.
    """
    given = os.fspath(text_or_path)
    shipped = None if os.path.exists(given) else shipped_macro(given)
    is_path = not isinstance(text_or_path, str) or (
        "\n" not in given and given.lower().endswith(_MACRO_ENDINGS + _SCRIPT_ENDINGS)
    )
    if not is_path and shipped is None:
        return given, "the macro"
    path = shipped or Path(given)
    asked = f"run the macro {str(path)!r}"
    if path.suffix.lower() in _SCRIPT_ENDINGS:
        raise MacroError(asked, found=f"a {path.suffix} script", do="give an ImageJ macro (.ijm)")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MacroError(asked, found=error.strerror or str(error), do="check the path") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")  # what ImageJ itself takes every macro for
    if "#include" in text:
        text = str(java_class("ij.plugin.frame.Editor").doInclude(text))
    return text, f"the macro {path.name!r}"
