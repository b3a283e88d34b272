"""The pixel forest on the user's own truth: trained anew for each image, on the others, so that no score flatters it.

Imports baselines.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.forest_marks import MarkedPixels, find_marks, join_marks
from pybridge.baselines.forest_training import ForestSettings
from pybridge.baselines.scribbles import MARKS_IN_PLANE, labels_to_scribbles
from pybridge.core.baseline_names import FOREST, PREFIX
from pybridge.core.image import Image

FOREST_ID = PREFIX + FOREST
TRAINED_ANEW = f"{FOREST_ID} was trained anew for each image, on the truth of the others (leave one out)"


class LeftOut:
    """Trains a pixel forest for one image on all others.

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
        self._marks: list[MarkedPixels] = []

    def model_for(self, number: int) -> str:
        """Train a forest that has not seen an image; gives its folder."""
        from pybridge.baselines.forest_folder import write_forest_folder
        from pybridge.baselines.forest_readme import ForestText
        from pybridge.baselines.forest_training import fit_forest

        if not self._marks:
            # The features of each image once, not once for each forest.
            self._marks = [self._marks_of(each) for each in range(len(self._images))]
        others = join_marks([marks for each, marks in enumerate(self._marks) if each != number])
        folder = self._folder / f"pixel-forest-without-{number + 1}"
        write_forest_folder(
            fit_forest(others, self._settings),
            folder,
            settings=self._settings,
            text=ForestText(),
            channel=self._channel,
            marks=others.counts,
            images=len(self._images) - 1,
        )
        return str(folder)

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
