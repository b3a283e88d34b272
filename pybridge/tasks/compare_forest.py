"""The pixel forest on the user's own truth: trained anew for each image, on the others, so that no score flatters it.

Imports baselines.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines import find_baseline
from pybridge.baselines.forest_marks import MarkedPixels, find_marks, join_marks
from pybridge.baselines.forest_training import ForestSettings
from pybridge.baselines.scribbles import MARKS_IN_PLANE, labels_to_scribbles
from pybridge.core.baseline_names import FOREST, PREFIX
from pybridge.core.errors import CancelledError, PyBridgeError, UsageError, list_some
from pybridge.core.image import Image
from pybridge.core.progress import report
from pybridge.core.record import ModelUsed

log = logging.getLogger("pybridge.tasks")

FOREST_ID = PREFIX + FOREST
TRAINED_ANEW = f"{FOREST_ID} was trained anew for each image, on the truth of the others (leave one out)"
AS_SHIPPED = (
    f"{FOREST_ID} is here the forest that comes with PyBridge, trained on nuclei/train: it could not be trained anew "
    "for each image, on the truth of the others (leave one out), since there is no other image with truth"
)


@dataclasses.dataclass(frozen=True, slots=True)
class _NoMarks:
    """Why an image teaches nothing."""

    image: str
    error: Exception


class LeftOut:
    """Trains a pixel forest for one image on all others.

    An image whose marks cannot be found, for example because it holds NaN, teaches no other one anything, and fails
    when its own turn comes.

    Parameters
    ----------
    images : sequence of Image
        At least two.
    labels : sequence of ndarray of int32, shape (T, Z, Y, X)
        Their truths.
    folder : Path
        Where the forests go.
    channel : str or None
        1-based number or name of the channel to use.
    """

    def __init__(
        self, images: Sequence[Image], labels: Sequence[NDArray[np.int32]], *, folder: Path, channel: str | None
    ) -> None:
        self._images = images
        self._labels = labels
        self._folder = folder
        self._channel = channel
        self._settings = ForestSettings()
        self._marks: list[MarkedPixels | _NoMarks] = []
        self._used: dict[int, ModelUsed] = {}

    def model_for(self, number: int) -> str:
        """Train a forest that has not seen an image; gives its folder.

        Raises
        ------
        PyBridgeError, OSError, MemoryError
            What kept the marks of this image from being found.
        UsageError
            If no other image has marks, or they have too few.
        """
        from pybridge.baselines.forest_folder import write_forest_folder
        from pybridge.baselines.forest_readme import ForestText
        from pybridge.baselines.forest_training import fit_forest

        if not self._marks:
            # The features of each image once, not once for each forest.
            self._marks = [self._try_marks(each) for each in range(len(self._images))]
        own = self._marks[number]
        if isinstance(own, _NoMarks):
            raise own.error
        rest = [marks for each, marks in enumerate(self._marks) if each != number]
        kept = [marks for marks in rest if isinstance(marks, MarkedPixels)]
        if not kept:
            told = [f"{marks.image!r} ({marks.error})" for marks in rest if isinstance(marks, _NoMarks)]
            raise UsageError(
                f"train a forest for {self._images[number].name!r} on the truth of the other images",
                found=f"none of them can be used: {list_some(told, most=3, between='; ')}",
                do="mend one of them, or leave this method out",
            )
        others = join_marks(kept)
        folder = self._folder / f"pixel-forest-without-{number + 1}"
        model = write_forest_folder(
            fit_forest(others, self._settings),
            folder,
            settings=self._settings,
            text=ForestText(),
            channel=self._channel,
            marks=others.counts,
            images=sum(bool(marks.classes.size) for marks in kept),
        )
        self._used[number] = model.used()
        return str(folder)

    def used(self) -> ModelUsed:
        """Describe the method as a whole: no single forest was run on all images.

        The hash is the SHA-256 of the hashes of all forests trained so far, sorted, in hexadecimal, a line each. Papers
        are those of the forests.
        """
        forests = self._used.values()
        lines = "\n".join(sorted(forest.sha256 for forest in forests))
        return dataclasses.replace(
            find_baseline(FOREST_ID).used(),
            sha256=hashlib.sha256(lines.encode()).hexdigest(),
            cite=tuple(dict.fromkeys(paper for forest in forests for paper in forest.cite)),
        )

    def _try_marks(self, number: int) -> MarkedPixels | _NoMarks:
        image = self._images[number]
        report(number, len(self._images), f"features of {image.name}")
        try:
            return self._marks_of(number)
        except CancelledError:
            raise
        except (PyBridgeError, OSError, MemoryError) as error:
            log.debug("%s teaches no forest", image.name, exc_info=True)  # said when its own turn comes
            return _NoMarks(image.name, error)

    def _marks_of(self, number: int) -> MarkedPixels:
        seed = self._settings.seed + number
        planes = [
            labels_to_scribbles(plane, pixels=MARKS_IN_PLANE, seed=seed)
            for frame in self._labels[number]
            for plane in frame
        ]
        return find_marks(self._images[number], np.stack(planes), channel=self._channel)


@contextlib.contextmanager
def left_out(
    model: str, images: Sequence[Image], labels: Sequence[NDArray[np.int32] | None], *, channel: str | None
) -> Iterator[LeftOut | None]:
    """Give what trains a method on the user's truth; None for every other method, and without truth.

    Parameters
    ----------
    model : str
        The method.
    images : sequence of Image
    labels : sequence of ndarray of int32, shape (T, Z, Y, X), or None
        Their truths.
    channel : str or None
    """
    known = [each for each in labels if each is not None]
    if model != FOREST_ID or len(known) != len(images) or len(images) < 2:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="pybridge-forest-", ignore_cleanup_errors=True) as folder:
        yield LeftOut(images, known, folder=Path(folder), channel=channel)
