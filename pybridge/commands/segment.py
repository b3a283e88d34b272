"""Declaration of ``PyBridge Segment``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pybridge.commands.declaration import Command, parameter


@dataclass(frozen=True, kw_only=True)
class Segment(Command):
    """Find the objects in an image: a label image, a table of objects, optionally probability and ROIs."""

    macro_name: ClassVar[str] = "PyBridge Segment"
    shell_name: ClassVar[str] = "segment"
    summary: ClassVar[str] = "find objects: label image, table of objects, optional probability image and ROIs"

    model: str = parameter("", required=True, help="model: id, folder, .zip or path of a bioimageio.yaml")
    device: str = parameter("auto", help="auto, cpu, cuda or cuda:N; cuda runs on CUDA or is an error")
    tile: str = parameter("auto", help="tile edge in pixels, auto or none; the result does not depend on it")
    channel: str | None = parameter(
        help="which channel of a multi-channel image: 1-based number or name; default from the model"
    )
    probability: float | None = parameter(
        minimum=0, maximum=1, help="foreground threshold, 0 to 1; default from the model"
    )
    overlap: float | None = parameter(
        minimum=0, maximum=1, help="overlap above which two candidates are one object, 0 to 1; default from the model"
    )
    min_size: int | None = parameter(minimum=0, help="smallest object kept, in pixels; default from the model")
    exclude_border: bool = parameter(False, help="leave out objects that touch the image border")
    rois: str = parameter(
        "none",
        choices=("none", "overlay", "manager", "zip"),
        help="outlines as ROIs: none, overlay (on the label image), manager or zip",
    )
    table: bool = parameter(True, help="make the table of objects")
    show_probability: bool = parameter(False, help="also give the foreground probability as an image")
    augment: bool = parameter(False, help="average the network over flips of the image: slower, often better")
    truth: str | None = parameter(help="ground truth to score against: an open title first, then a path")
    output: str | None = parameter(doors=("shell",), help="folder or file for the outputs; default beside the input")
    record: str | None = parameter(help="path of the run record; default beside the outputs")
