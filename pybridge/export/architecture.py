"""The user's own network, named on the command line: ``MODULE:CALLABLE`` or ``FILE.py:CALLABLE``. Imports torch.

This is the one place that runs code of the user's; what a model folder says is never run.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from pybridge.core.errors import UsageError, did_you_mean


def build_architecture(text: str, settings: Mapping[str, Any]) -> nn.Module:
    """Import a callable and let it build the network.

    Parameters
    ----------
    text : str
        ``package.module:name`` or ``path/file.py:name``; a class or a function.
    settings : mapping
        Its keyword arguments.

    Raises
    ------
    UsageError
        If it cannot be imported, fails, or gives no network.

    Examples
    --------
    >>> build_architecture("torch.nn:Conv2d", {"in_channels": 1, "out_channels": 2, "kernel_size": 1})
    Conv2d(1, 2, kernel_size=(1, 1), stride=(1, 1))
    """
    asked = f"build the network {text!r}"
    place, _, name = text.rpartition(":")
    if not place or not name:
        raise UsageError(asked, found="no MODULE:CALLABLE", do="write for example unet.py:UNet or my_package.nets:UNet")
    try:
        module = _import_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    # The user's own code may raise anything while it is imported.
    except Exception as error:
        raise UsageError(
            asked,
            found=f"importing {place!r} failed: {type(error).__name__}: {error}",
            do="check the path, and that Python can import all that it imports",
        ) from error
    if not callable(getattr(module, name, None)):
        known = [each for each in vars(module) if callable(getattr(module, each)) and not each.startswith("_")]
        raise UsageError(asked, found=f"{place!r} has no callable {name!r}", do=did_you_mean(name, known))
    try:
        network = getattr(module, name)(**settings)
    except Exception as error:
        raise UsageError(
            asked,
            found=f"calling it with {dict(settings)!r} failed: {type(error).__name__}: {error}",
            do="give its keyword arguments with --settings, as a YAML or JSON file or text",
        ) from error
    if not isinstance(network, nn.Module):
        raise UsageError(
            asked, found=f"it gave {type(network).__name__}, no torch.nn.Module", do="name what builds the network"
        )
    return network


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise FileNotFoundError(f"no such file {str(path)!r}")
    name = f"pybridge_architecture_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with _beside(path):
        spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[None]:
    """Let a file import its neighbours, as it does when it is run."""
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
