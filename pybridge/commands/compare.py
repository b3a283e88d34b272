"""``PyBridge Compare``: its declaration, how it runs, and the Python function of the same name.

Imports core; the tasks inside functions.
"""

from __future__ import annotations

import dataclasses
import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pybridge.commands.declaration import Command, parameter
from pybridge.commands.model_command import channel_parameter, check_record_path, device_parameter, tile_parameter
from pybridge.commands.named_image import path_of_named
from pybridge.core.comparison_metrics import RANKING_METRICS, RESTORE, SEGMENT

if TYPE_CHECKING:
    from pybridge.core.comparison import ComparisonResult
    from pybridge.core.record import Stopwatch
    from pybridge.tasks.compare import CompareSettings
    from pybridge.tasks.images import ImageLike


@dataclass(frozen=True, kw_only=True)
class Compare(Command):
    """Run several models and classical methods on some images and rank them, with ground truth or without."""

    macro_name: ClassVar[str] = "PyBridge Compare"
    shell_name: ClassVar[str] = "compare"
    summary: ClassVar[str] = "compare models and classical methods on your images: scores, tests, ranks, contact sheet"

    model: tuple[str, ...] = parameter(
        (), required=True, help="models and baselines to compare, for example nuclei-fluo and baseline:otsu-watershed"
    )
    images: str | None = parameter(
        doors=("macro",), path="directory", help="folder of images to compare on, instead of the active image"
    )
    truth: str | None = parameter(
        path="directory",
        image="none",
        help="ground truth: an open title first, then a file or folder; without it objects are ranked by consistency",
    )
    task: str = parameter(
        "auto", choices=("auto", SEGMENT, RESTORE), help="what is compared: found objects or restored images"
    )
    rank_by: str = parameter(
        "auto",
        choices=("auto", *RANKING_METRICS[SEGMENT], *RANKING_METRICS[RESTORE]),
        help="the score that ranks where there is truth; default mean_ap for objects, ssim for restored images",
    )
    device: str = device_parameter()
    tile: str = tile_parameter()
    channel: str | None = channel_parameter()
    output: str | None = parameter(
        doors=("shell",), help="folder for the outputs; default a new folder comparison beside the first image"
    )
    record: str | None = parameter(path="save", help="path of the run record; default beside the outputs")

    @property
    def settings(self) -> CompareSettings:
        """The settings of the task."""
        from pybridge.tasks.compare import CompareSettings

        return CompareSettings(
            model=self.model,
            task=self.task,
            device=self.device,
            tile=self.tile,
            channel=self.channel,
            rank_by=self.rank_by,
        )

    def run(
        self, images: Sequence[ImageLike], *, truths: Sequence[ImageLike] | None = None, watch: Stopwatch | None = None
    ) -> ComparisonResult:
        """Compare on some images; what every door calls.

        Parameters
        ----------
        images : sequence of Image, path or array
            At least one.
        truths : sequence, optional
            Ground truth, one for each image.
        watch : Stopwatch, optional
            Where the earlier parts of this command were timed.
        """
        from pybridge.tasks.compare import compare_images

        result = compare_images(images, self.settings, truths=truths, watch=watch)
        record = dataclasses.replace(result.record, parameters=self.values() | result.record.parameters)
        return dataclasses.replace(result, record=record)

    def run_on_open(self, images: Sequence[ImageLike], *, truths: Sequence[ImageLike] = ()) -> ComparisonResult:
        """Compare for ImageJ: on images at hand, or on the folder that ``images`` names.

        Parameters
        ----------
        images : sequence of Image, path or array
            The images, such as the active one; empty when ``images`` names a folder.
        truths : sequence of Image, path or array
            Ground truth at hand, such as the open image that ``truth`` names; empty when it is a path, or not given.
        """
        from pybridge.tasks.compare_inputs import list_images
        from pybridge.tasks.truth import list_truths

        if not truths and self.truth and not glob.has_magic(self.truth):
            path_of_named(self.truth)
        listed = list_images(tuple(images) if images or self.images is None else self.images)
        given = tuple(truths) or self.truth
        return self.run(listed, truths=list_truths(given, listed) if given else None)


def compare(
    images: ImageLike | Sequence[ImageLike],
    /,
    *,
    model: Sequence[str],
    truth: ImageLike | Sequence[ImageLike] | None = None,
    task: str = "auto",
    rank_by: str = "auto",
    device: str = "auto",
    tile: str = "auto",
    channel: str | None = None,
    record: str | os.PathLike[str] | None = None,
) -> ComparisonResult:
    """Run several models and classical methods on some images and rank them.

    With ground truth each metric comes with a 95 % interval, pairs of methods are tested (Wilcoxon's signed-rank test
    over images, Holm's correction), and it is said when a baseline is as good as a network. Without truth methods are
    ranked by how steady their labels are when the image changes a little (after Talks and Kreshuk, arXiv 2503.00450);
    the result names what that cannot tell. Methods that restore images (``baseline:median``) are compared with truth
    only, and the raw image, ``baseline:none``, is always among them.

    Parameters
    ----------
    images : Image, path, array or a sequence of them
        Images, files, folders and globs.
    model : sequence of str
        Models as in ``pybridge.segment``, and baselines such as ``"baseline:otsu-watershed"``.
    truth : Image, path, array or a sequence of them, optional
        Ground-truth labels, or images as they should look: one for each image in the same order, or a folder or glob
        with files of the same stems.
    task : str
        ``segment``, ``restore``, or ``auto``: what the methods are for.
    rank_by : str
        The score that ranks where there is truth: ``mean_ap`` (usual), ``ap50``, ``ap75``, ``f1``, ``pq`` or ``dice``
        of objects; ``ssim`` (usual), ``psnr`` or ``pearson`` of restored images.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    tile : str
        Tile edge in pixels, ``auto`` or ``none``.
    channel : str, optional
        1-based number or name of the channel to use.
    record : path-like, optional
        Where to write the run record.

    Returns
    -------
    ComparisonResult
        ``comparison`` (scores, tests, places, verdicts, caveats), ``table``, ``results`` and ``record``. A method or an
        image that failed is named in ``comparison.failures``; the others are done.

    Raises
    ------
    UsageError
        If there is no such model, or images and truths do not pair.
    PyBridgeError
        If no image can be read, or no method can do any.

    Examples
    --------
    >>> import pybridge
    >>> cells, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    >>> result = pybridge.compare(cells, model=["nuclei-fluo", "baseline:otsu-watershed"], truth=truth)
    >>> len(result.comparison.methods), result.comparison.methods[0].place
    (2, 1)
    """
    request = Compare(
        model=tuple(map(os.fspath, model)) if not isinstance(model, str) else (model,),
        truth=os.fspath(truth) if isinstance(truth, (str, os.PathLike)) else None,
        task=task,
        rank_by=rank_by,
        device=device,
        tile=str(tile),
        channel=None if channel is None else str(channel),
        record=None if record is None else os.fspath(record),
    )
    check_record_path(request.record)
    from pybridge.core.record import Stopwatch
    from pybridge.tasks.compare_inputs import list_images
    from pybridge.tasks.truth import list_truths

    watch = Stopwatch()
    sources = list_images(images)
    result = request.run(sources, truths=None if truth is None else list_truths(truth, sources), watch=watch)
    if request.record:
        from pybridge.files.write import write_text

        write_text(Path(request.record), result.record.to_json())
    return result
