"""A random forest on pixel features: learnt from sparse scribbles, saved as a model folder. scikit-learn in functions.

References
----------
Breiman, Random forests. Machine Learning 45, 2001.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.forest_features import find_features
from pybridge.baselines.scribbles import CLASSES, labels_to_scribbles
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Image
from pybridge.core.planes import planes_of
from pybridge.core.progress import report

if TYPE_CHECKING:
    from pybridge.baselines.forest_folder import ForestText
    from pybridge.zoo import Model

_LEAST_MARKS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestSettings:
    """How a forest grows.

    Parameters
    ----------
    trees : int
        How many.
    leaf : int
        Least number of marked pixels in a leaf.
    depth : int
        Most questions from root to leaf.
    seed : int
        Of all random choices: the same marks and seed give the same forest.
    """

    trees: int = 40
    leaf: int = 5
    depth: int = 14
    seed: int = 0


def train_forest(
    images: Sequence[Image],
    scribbles: Sequence[NDArray[Any]],
    folder: str | Path,
    *,
    settings: ForestSettings | None = None,
    text: ForestText | None = None,
    channel: str | None = None,
    overwrite: bool = False,
) -> Model:
    """Train a forest on the marked pixels of some images and save it as a model folder.

    Parameters
    ----------
    images : sequence of Image
        The images; every plane that has marks is used.
    scribbles : sequence of ndarray of int
        For each image an array of its size without channels: 0 nothing said, 1 background, 2 inside, 3 border of an
        object. ``labels_to_scribbles`` and ``rois_to_scribbles`` make them too. Without any 3 the objects are parted
        where they are narrow, with it where borders are seen.
    folder : path-like
        The model folder; its name is the model's id.
    settings : ForestSettings, optional
        How the forest grows, with the seed.
    text : ForestText, optional
        Title, authors, licence, measured scores.
    channel : str, optional
        1-based number or name of the channel to use; it is kept in the model.
    overwrite : bool
        Replace an earlier model.

    Returns
    -------
    Model
        Runs as any other: ``pybridge.segment(image, model=folder)``.

    Raises
    ------
    ImageError
        If images and scribbles do not fit together.
    UsageError
        If there are too few marks.
    OutputExistsError
        If the folder is there.

    Examples
    --------
    >>> import tempfile, pybridge
    >>> cells, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    >>> marks = labels_to_scribbles(truth.array, pixels=200, border=False)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     model = train_forest([cells], [marks], f"{place}/mine", settings=ForestSettings(trees=5))
    ...     len(pybridge.segment(cells, model=f"{place}/mine").objects) > 2
    True
    """
    from pybridge.baselines.forest_folder import ForestText, check_forest_folder, write_forest_folder

    check_forest_folder(Path(folder), text or ForestText(), overwrite=overwrite)
    settings = settings or ForestSettings()
    features, classes = gather_marks(images, scribbles, channel=channel)
    forest = fit_forest(features, classes, settings)
    return write_forest_folder(
        forest,
        Path(folder),
        settings=settings,
        text=text or ForestText(),
        channel=channel,
        marks=np.bincount(classes, minlength=len(CLASSES) + 1)[1:].tolist(),
        images=len(images),
        overwrite=overwrite,
    )


def fit_forest_leaving_out(
    images: Sequence[Image],
    truths: Sequence[Image],
    *,
    leave: int,
    folder: str | Path,
    pixels: int = 500,
    settings: ForestSettings | None = None,
    channel: str | None = None,
) -> Model:
    """Train a forest on all images but one, for an honest score on the one left out.

    Parameters
    ----------
    images, truths : sequence of Image
        Images with their label images.
    leave : int
        Index of the image that the forest must not see.
    folder : path-like
        Where the model goes; must not be there yet.
    pixels : int
        Marks that are drawn from each plane of truth.
    settings : ForestSettings, optional
        How the forest grows, with the seed.
    channel : str, optional
        1-based number or name of the channel to use.

    Returns
    -------
    Model

    Raises
    ------
    UsageError
        If there is no image of that index, or no other to learn from.

    Examples
    --------
    >>> import tempfile, pybridge
    >>> pairs = [pybridge.samples.simulate_nuclei(shape=(80, 96), count=4, seed=seed) for seed in range(3)]
    >>> images, truths = zip(*pairs)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     few = ForestSettings(trees=5)
    ...     model = fit_forest_leaving_out(images, truths, leave=1, folder=f"{place}/without-1", settings=few)
    ...     model.config.training["images"]
    2
    """
    if len(images) != len(truths) or not 0 <= leave < len(images) or len(images) < 2:
        raise UsageError(
            f"train a forest without image {leave}",
            found=f"{len(images)} image(s), {len(truths)} truth(s)",
            do="give at least two images, a truth for each, and an index counted from 0",
        )
    settings = settings or ForestSettings()
    others = [number for number in range(len(images)) if number != leave]
    scribbles = [_sampled(truths[number], pixels=pixels, seed=settings.seed + number) for number in others]
    return train_forest([images[number] for number in others], scribbles, folder, settings=settings, channel=channel)


def gather_marks(
    images: Sequence[Image], scribbles: Sequence[NDArray[Any]], *, channel: str | None = None
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Collect features and classes of all marked pixels.

    Returns
    -------
    features : ndarray of float32, shape (N, F)
    classes : ndarray of uint8, shape (N,)
        From 1.
    """
    if len(images) != len(scribbles) or not images:
        raise UsageError(
            "train a forest",
            found=f"{len(images)} image(s), {len(scribbles)} scribble image(s)",
            do="give one for each",
        )
    found: list[NDArray[np.float32]] = []
    classes: list[NDArray[np.uint8]] = []
    for number, (image, marks) in enumerate(zip(images, scribbles, strict=True)):
        report(number, len(images), f"features of {image.name}")
        planes = planes_of(image, channels=1, wanted=channel)
        marked = _as_planes(marks, planes.pixels.shape, name=image.name)
        for t, z, plane in planes.each():
            rows, columns = np.nonzero(marked[t, z])
            if rows.size:
                found.append(find_features(normalise(np.asarray(plane[0])))[:, rows, columns].T)
                classes.append(marked[t, z][rows, columns])
    report(len(images), len(images), "features")
    if not found:
        raise UsageError("train a forest", found="no pixel is marked", do="mark some: 1 background, 2 inside, 3 border")
    return np.concatenate(found), np.concatenate(classes)


def normalise(plane: NDArray[Any]) -> NDArray[np.float32]:
    """Bring a plane to the values that the runtime gives the model, enlarged by reflection to a size it takes."""
    from pybridge.baselines.forest_folder import LEAST_PX, normalisation
    from pybridge.runtime.normalise import Normaliser

    lengths = [max(length, LEAST_PX) for length in plane.shape]
    out = np.empty((1, *lengths), np.float32)
    item = plane[np.newaxis]
    steps = normalisation()
    Normaliser(item, "CYX", steps, references=lambda _: item, asked="train a forest").fill(
        out, [(0, length) for length in lengths]
    )
    normalised: NDArray[np.float32] = out[0]
    return normalised


def fit_forest(features: NDArray[np.float32], classes: NDArray[np.uint8], settings: ForestSettings) -> Any:
    """Grow a forest.

    Raises
    ------
    UsageError
        If a class has too few marks, or background or inside is missing.
    """
    from sklearn.ensemble import RandomForestClassifier

    counts = np.bincount(classes, minlength=len(CLASSES) + 1)[1:]
    wanted = len(CLASSES) if counts[2:].any() else 2
    if len(counts) > len(CLASSES) or (counts[:wanted] < _LEAST_MARKS).any():
        told = ", ".join(f"{name} {count}" for name, count in zip(CLASSES, counts, strict=False))
        raise UsageError(
            "train a forest",
            found=f"marked pixels: {told}",
            do=f"mark at least {_LEAST_MARKS} pixels of background (1) and inside (2), or of border (3) too",
        )
    forest = RandomForestClassifier(
        settings.trees,
        max_depth=settings.depth,
        min_samples_leaf=settings.leaf,
        max_features="sqrt",
        random_state=settings.seed,
        n_jobs=1,
    )
    return forest.fit(features, classes)


def _as_planes(marks: NDArray[Any], shape: tuple[int, ...], *, name: str) -> NDArray[np.uint8]:
    frames, slices, _, height, width = shape
    if marks.size != frames * slices * height * width or marks.shape[-2:] != (height, width):
        raise ImageError(
            f"train a forest on {name!r}",
            found=f"scribbles of shape {marks.shape} for {frames} frame(s), {slices} slice(s) of {height} x {width}",
            do="give scribbles of the image's size, without channels",
        )
    if marks.dtype.kind not in "biu" or (marks.size and not 0 <= marks.min() <= marks.max() <= len(CLASSES)):
        raise ImageError(
            f"train a forest on {name!r}",
            found=f"scribbles of type {marks.dtype}, values {marks.min()} to {marks.max()}",
            do="use whole numbers: 0 nothing said, 1 background, 2 inside, 3 border",
        )
    return marks.reshape(frames, slices, height, width).astype(np.uint8)


def _sampled(truth: Image, *, pixels: int, seed: int) -> NDArray[np.uint8]:
    labels = truth.tzcyx()[:, :, 0]
    planes = [labels_to_scribbles(np.asarray(plane), pixels=pixels, seed=seed) for frame in labels for plane in frame]
    return np.stack(planes).reshape(labels.shape)
