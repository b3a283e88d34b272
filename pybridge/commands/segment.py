"""``PyBridge Segment``: its declaration, how it runs, and the Python function of the same name.

Imports core; the tasks inside functions.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pybridge.commands.declaration import parameter
from pybridge.commands.model_command import ModelCommand, check_record_path
from pybridge.core.errors import UsageError
from pybridge.core.measurement_groups import groups_of

if TYPE_CHECKING:
    from pybridge.core.image import Image
    from pybridge.core.record import Stopwatch
    from pybridge.core.results import SegmentationResult
    from pybridge.tasks.images import ImageLike
    from pybridge.tasks.segment import SegmentRun
    from pybridge.tasks.segment_settings import SegmentSettings


@dataclass(frozen=True, kw_only=True)
class Segment(ModelCommand):
    """Find the objects in an image: a label image, a table of objects, optionally probability and ROIs."""

    macro_name: ClassVar[str] = "PyBridge Segment"
    shell_name: ClassVar[str] = "segment"
    summary: ClassVar[str] = "find objects: label image, table of objects, optional probability image and ROIs"

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
    measure: str = parameter(
        "basic", help="what the table holds, a comma list: basic (always), shape, intensity, neighbours, or all"
    )
    show_probability: bool = parameter(False, help="also give the foreground probability as an image")
    augment: bool = parameter(False, help="average the network over flips of the image: slower, often better")
    truth: str | None = parameter(help="ground truth to score against: an open title first, then a path")
    output: str | None = parameter(doors=("shell",), help="folder or file for the outputs; default beside the input")
    record: str | None = parameter(path="save", help="path of the run record; default beside the outputs")

    def __post_init__(self) -> None:
        super().__post_init__()
        groups_of(self.measure)  # an unknown name is an error before any work

    def settings(self) -> SegmentSettings:
        """Give what the task needs to know, without what concerns the doors alone."""
        from pybridge.tasks.segment_settings import SegmentSettings

        names = [field.name for field in dataclasses.fields(SegmentSettings)]
        return SegmentSettings(**{name: getattr(self, name) for name in names})

    def run(self, image: Image, *, truth: Image | None = None, watch: Stopwatch | None = None) -> SegmentRun:
        """Segment an image; what every door calls.

        Parameters
        ----------
        image : Image
            The image.
        truth : Image, optional
            Ground-truth labels of the same size; scores come with the result.
        watch : Stopwatch, optional
            Where the earlier parts of this command (reading) were timed.
        """
        from pybridge.tasks.segment import segment_image

        run = segment_image(image, self.settings(), truth=truth, watch=watch)
        # The record names every parameter of the call, with the thresholds that really held.
        record = dataclasses.replace(run.result.record, parameters=self.values() | run.result.record.parameters)
        return dataclasses.replace(run, result=dataclasses.replace(run.result, record=record))


def segment(
    image: ImageLike,
    /,
    *,
    model: str,
    device: str = "auto",
    tile: str = "auto",
    channel: str | None = None,
    probability: float | None = None,
    overlap: float | None = None,
    min_size: int | None = None,
    exclude_border: bool = False,
    rois: str = "none",
    table: bool = True,
    measure: str = "basic",
    show_probability: bool = False,
    augment: bool = False,
    truth: ImageLike | None = None,
    record: str | os.PathLike[str] | None = None,
) -> SegmentationResult:
    """Find the objects in an image.

    Parameters
    ----------
    image : Image, path, ndarray, xarray.DataArray or ImagePlus
        2-D to 5-D; a 2-D model runs on each plane. Bare arrays are read as YX, ZYX, ZCYX or TZCYX.
    model : str
        Id, folder, .zip or description file of a model.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``. ``cuda`` runs on CUDA or is an error.
    tile : str
        Tile edge in pixels, ``auto`` or ``none``; the result does not depend on it.
    channel : str, optional
        1-based number or name of the channel to use.
    probability, overlap : float, optional
        Thresholds from 0 to 1: of the foreground, and of the overlap above which two candidates are one object.
    min_size : int, optional
        Smallest object kept, in pixels.
    exclude_border : bool
        Leave out objects that touch the border.
    rois : str
        Only ``none`` here: outlines go to ImageJ or to files, which other doors write.
    table : bool
        Measure the objects.
    measure : str
        What the table holds: ``basic`` (always there), ``shape``, ``intensity``, ``neighbours``, several in a comma
        list, or ``all``. What the columns mean: ``pybridge.decode.measure_objects``.
    show_probability : bool
        Also give the foreground probability.
    augment : bool
        Average the network over flips of the image.
    truth : Image, path or array, optional
        Ground-truth labels; scores are put into the record.
    record : path-like, optional
        Where to write the run record.

    Returns
    -------
    SegmentationResult
        ``labels``, ``objects``, ``record`` and perhaps ``probability``.

    Raises
    ------
    ImageError
        If the image does not suit the model.
    ModelNotFoundError
        If there is no such model.
    DeviceError
        If the device asked for cannot run.

    Examples
    --------
    >>> import pybridge
    >>> cells, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    >>> result = pybridge.segment(cells, model="nuclei-fluo")
    >>> result.labels.array.shape, len(result.objects) == int(result.labels.array.max())
    ((96, 128), True)
    """
    request = Segment(
        model=os.fspath(model),
        device=device,
        tile=str(tile),
        channel=None if channel is None else str(channel),
        probability=probability,
        overlap=overlap,
        min_size=min_size,
        exclude_border=exclude_border,
        rois=rois,
        table=table,
        measure=measure,
        show_probability=show_probability,
        augment=augment,
        truth=os.fspath(truth) if isinstance(truth, (str, os.PathLike)) else None,
        record=None if record is None else os.fspath(record),
    )
    check_record_path(request.record)
    if rois != "none":
        raise UsageError(
            f"rois={rois!r} in pybridge.segment",
            found="ROIs belong to ImageJ or to a file",
            do="use the shell's --rois zip, a macro's rois=overlay, or pybridge.reporting.roi_zip.write_roi_zip",
        )
    from pybridge.core.record import Stopwatch
    from pybridge.tasks.images import to_image
    from pybridge.tasks.truth import open_truth

    watch = Stopwatch()
    with watch.part("read"):
        source = to_image(image)
        expected = None if truth is None else open_truth(truth, like=source)
    result = request.run(source, truth=expected, watch=watch).result
    if request.record:
        from pybridge.files.write import write_text

        write_text(Path(request.record), result.record.to_json())
    return result
