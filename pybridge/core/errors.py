"""The one error tree. Each error is also the builtin that a Python user would expect to catch.

::

    PyBridgeError
    ├── UsageError            (ValueError)       a parameter or an option is wrong
    │   └── ModelNotFoundError (LookupError)     no model of that name
    ├── ModelError            (ValueError)       a model folder is damaged, hostile or of a form we do not run
    ├── ImageError            (ValueError)       an image does not suit what was asked
    │   └── ImageFileError    (OSError)          a file is missing, truncated or no image
    ├── OutputError           (OSError)          an output cannot be written
    │   └── OutputExistsError (FileExistsError)  an output is there already
    ├── DeviceError           (RuntimeError)     the device asked for cannot run
    │   └── DeviceMemoryError (MemoryError)      the device ran out of memory, whatever the tile size
    ├── PackageMissingError   (ImportError)      a package of an extra is not installed
    ├── ImageJError           (RuntimeError)     Java or ImageJ is missing or failed
    │   └── MacroError        (RuntimeError)     a macro or script failed
    ├── TrainingError         (RuntimeError)     a training cannot go on
    └── CancelledError        (RuntimeError)     the user stopped the work

A message has three parts: what was asked, what was found, what to do. ``exit_code`` is what the shell returns.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class PyBridgeError(Exception):
    """Base of all errors that PyBridge raises on purpose.

    Parameters
    ----------
    asked : str
        What the caller wanted, with values by ``!r``.
    found : str
        What stood in the way.
    do : str
        What the user can do about it.

    Examples
    --------
    >>> str(PyBridgeError("open 'a.tif'", found="no such file", do="check the path"))
    "open 'a.tif': no such file. To do: check the path"
    """

    exit_code = 1

    def __init__(self, asked: str, *, found: str, do: str) -> None:
        self.asked = asked
        self.found = found
        self.do = do
        super().__init__(f"{asked}: {found.rstrip('.')}. To do: {do}")

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling of exceptions.
        return (_rebuild, (type(self), self.asked, self.found, self.do))


def _rebuild(kind: type[PyBridgeError], asked: str, found: str, do: str) -> PyBridgeError:
    return kind(asked, found=found, do=do)


class UsageError(PyBridgeError, ValueError):
    """A parameter, option or combination of them is wrong."""

    exit_code = 2


class ModelNotFoundError(UsageError, LookupError):
    """No model answers to that name."""


class ModelError(PyBridgeError, ValueError):
    """A model folder is damaged, hostile, or of a form that PyBridge does not run."""


class ImageError(PyBridgeError, ValueError):
    """An image does not suit what was asked of it."""


class ImageFileError(ImageError, OSError):
    """A file is missing, truncated, or no image that we can read."""


class OutputError(PyBridgeError, OSError):
    """An output cannot be written: no permission, no space, no such drive."""


class OutputExistsError(OutputError, FileExistsError):
    """An output file is there already and nobody said to overwrite it."""


class DeviceError(PyBridgeError, RuntimeError):
    """The device asked for cannot run the model here."""

    exit_code = 3


class DeviceMemoryError(DeviceError, MemoryError):
    """The device has too little memory for the model, even with the smallest tile."""


class PackageMissingError(PyBridgeError, ImportError):
    """A package that this work needs, and that an extra of PyBridge brings, is not installed."""

    exit_code = 3


class ImageJError(PyBridgeError, RuntimeError):
    """Java or ImageJ is missing, too old, or failed."""

    exit_code = 3


class MacroError(ImageJError):
    """A macro or script stopped with an error; ``found`` holds its own text."""

    exit_code = 1


class TrainingError(PyBridgeError, RuntimeError):
    """A training cannot go on, or its data cannot be learnt from."""


class CancelledError(PyBridgeError, RuntimeError):
    """The user stopped the work (Esc, Ctrl-C, a cancelled task)."""

    exit_code = 130


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Say which known names are nearest to a wrong one.

    Parameters
    ----------
    name : str
        What the user wrote.
    known : iterable of str
        The names there are.

    Returns
    -------
    str
        A sentence such as ``did you mean 'nuclei-fluo'?``, or the list of all names when none is near.

    Examples
    --------
    >>> did_you_mean("nuclei-flou", ["nuclei-fluo", "cells"])
    "did you mean 'nuclei-fluo'?"
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"choose one of {', '.join(map(repr, names))}" if names else "there are none"


def list_some(names: Sequence[str], *, most: int = 10, between: str = ", ") -> str:
    """Write out the first of many names for a message, and how many there are in all.

    Examples
    --------
    >>> list_some(["a.tif", "b.tif"]), list_some(["a.tif", "b.tif", "c.tif"], most=2)
    ('a.tif, b.tif', 'a.tif, b.tif and 1 more (3 in all)')
    """
    more = f" and {len(names) - most} more ({len(names)} in all)" if len(names) > most else ""
    return between.join(names[:most]) + more
