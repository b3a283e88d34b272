"""What all commands that run a model have in common: their first parameters. Imports core only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybridge.commands.declaration import Command, parameter
from pybridge.core.errors import OutputError

DEVICE, DEVICE_FORM = r"auto|cpu|cuda(:\d+)?", "auto, cpu, cuda or cuda:N"
"""What a device may be: as a regular expression, and in words."""


def device_parameter() -> Any:
    """Declare on which device models run."""
    return parameter("auto", pattern=DEVICE, form=DEVICE_FORM, help=f"{DEVICE_FORM}; cuda runs on CUDA or is an error")


def tile_parameter() -> Any:
    """Declare how large the tiles are."""
    return parameter(
        "auto",
        pattern=r"auto|none|[1-9]\d*",
        form="auto, none or a whole number of pixels",
        help="tile edge in pixels, auto or none; the result does not depend on it",
    )


def channel_parameter() -> Any:
    """Declare which channel is taken."""
    return parameter(help="which channel of a multi-channel image: 1-based number or name; default from the model")


@dataclass(frozen=True, kw_only=True)
class ModelCommand(Command):
    """A command that runs a model on images."""

    model: str = parameter("", required=True, help="model: id, folder, .zip or path of a bioimageio.yaml")
    device: str = device_parameter()
    tile: str = tile_parameter()
    channel: str | None = channel_parameter()


def check_record_path(record: str | None) -> None:
    """Raise before any work when the record could not be written; None and an empty path are for nowhere.

    Raises
    ------
    OutputExistsError
        If there is such a file.
    OutputError
        If its folder cannot be made or written into.
    """
    if record:
        from pybridge.files.places import check_place

        check_place(Path(record))


def failure_to_write(path: Path, write: Callable[[], object]) -> OutputError | None:
    """Write a file of a run that is done; give the error that is to be raised once the results are shown.

    Parameters
    ----------
    path : Path
        The file.
    write : callable
        Writes it.
    """
    try:
        write()
    except OutputError as error:
        found = f"{error.found.rstrip('.')}; the results are there, this file alone is missing"
        return type(error)(f"write {str(path)!r}", found=found, do=error.do)
    return None
