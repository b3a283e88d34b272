"""The pixel forest on the user's own truth: trained anew for each image, on the others, so that no score flatters it.

Imports baselines inside functions.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pybridge.core.baseline_names import FOREST, PREFIX
from pybridge.core.image import Image

FOREST_ID = PREFIX + FOREST
TRAINED_ANEW = f"{FOREST_ID} was trained anew for each image, on the truth of the others (leave one out)"
_MARKS_IN_PLANE = 500


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
        self._marks: list[tuple[NDArray[np.float32], NDArray[np.uint8]]] = []

    def model_for(self, number: int) -> str:
        """Train a forest that has not seen an image; gives its folder."""
        from pybridge.baselines.forest_folder import ForestText, write_forest_folder
        from pybridge.baselines.forest_training import ForestSettings, fit_forest
        from pybridge.baselines.scribbles import CLASSES

        settings = ForestSettings()
        if not self._marks:
            # The features of each image once, not once for each forest.
            self._marks = [self._marks_of(each, settings.seed) for each in range(len(self._images))]
        others = [marks for each, marks in enumerate(self._marks) if each != number]
        features = np.concatenate([found for found, _ in others])
        classes = np.concatenate([found for _, found in others])
        folder = self._folder / f"pixel-forest-without-{number + 1}"
        write_forest_folder(
            fit_forest(features, classes, settings),
            folder,
            settings=settings,
            text=ForestText(),
            channel=self._channel,
            marks=np.bincount(classes, minlength=len(CLASSES) + 1)[1:].tolist(),
            images=len(others),
        )
        return str(folder)

    def _marks_of(self, number: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        from pybridge.baselines.forest_training import gather_marks
        from pybridge.baselines.scribbles import labels_to_scribbles

        labels = self._labels[number]
        planes = [
            labels_to_scribbles(plane, pixels=_MARKS_IN_PLANE, seed=seed + number)
            for frame in labels
            for plane in frame
        ]
        image = self._images[number]
        shape = [image.size_of(letter) for letter in image.axes if letter in "TZYX"]
        return gather_marks([image], [np.stack(planes).reshape(shape)], channel=self._channel)


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
