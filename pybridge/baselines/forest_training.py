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

from pybridge.baselines.forest_marks import MarkedPixels, gather_marks
from pybridge.baselines.scribbles import CLASSES
from pybridge.core.errors import UsageError
from pybridge.core.image import Image
from pybridge.core.progress import check_cancelled, report

if TYPE_CHECKING:
    from pybridge.baselines.forest_readme import ForestText
    from pybridge.zoo import Model

_LEAST_MARKS = 10
# With more marks the trees grow a few at a time, so that a person sees them grow and can stop them.
_MANY_MARKS, _TREES_AT_ONCE = 50_000, 4


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


@dataclass(frozen=True, slots=True)
class OutOfBag:
    """How well a forest knows its own marks, each judged by the trees that it was not drawn for.

    Marks beside it in the same stroke were drawn for them, so this says that the classes can be told apart by the
    features, not how well another image is segmented.

    Parameters
    ----------
    marks : int
        Marks that some tree was not grown from.
    right : float
        Share of them whose class is found.
    right_of : tuple of float
        The same for background, inside, and border if there is any; NaN for a class without such marks.
    """

    marks: int
    right: float
    right_of: tuple[float, ...]


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
    >>> from pybridge.baselines.scribbles import labels_to_scribbles
    >>> cells, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    >>> marks = labels_to_scribbles(truth.array, pixels=200, border=False)
    >>> with tempfile.TemporaryDirectory() as place:
    ...     model = train_forest([cells], [marks], f"{place}/mine", settings=ForestSettings(trees=5))
    ...     len(pybridge.segment(cells, model=f"{place}/mine").objects) > 2
    True
    """
    from pybridge.baselines.forest_folder import check_forest_folder, write_forest_folder
    from pybridge.baselines.forest_readme import ForestText

    text = text or ForestText()
    check_forest_folder(Path(folder), text, overwrite=overwrite)
    settings = settings or ForestSettings()
    marks = gather_marks(images, scribbles, channel=channel)
    forest = fit_forest(marks, settings)
    return write_forest_folder(
        forest,
        Path(folder),
        settings=settings,
        text=text,
        channel=channel,
        marks=marks.counts,
        images=sum(bool(np.any(each)) for each in scribbles),
        overwrite=overwrite,
    )


def check_marks(counts: Sequence[int]) -> None:
    """Raise unless there are enough marks of background and inside, and of border if there are any.

    Raises
    ------
    UsageError
        With the counts.
    """
    if not any(counts):
        raise UsageError("train a forest", found="no pixel is marked", do="mark some: 1 background, 2 inside, 3 border")
    wanted = len(CLASSES) if counts[2] else 2
    if min(counts[:wanted]) < _LEAST_MARKS:
        told = ", ".join(f"{name} {count}" for name, count in zip(CLASSES, counts, strict=True))
        raise UsageError(
            "train a forest",
            found=f"marked pixels: {told}",
            do=f"mark at least {_LEAST_MARKS} pixels of background (1) and inside (2), or of border (3) too",
        )


def fit_forest(marks: MarkedPixels, settings: ForestSettings) -> Any:
    """Grow a forest on all cores; how many there are does not change it.

    Returns
    -------
    sklearn.ensemble.RandomForestClassifier

    Raises
    ------
    UsageError
        If a class has too few marks, or background or inside is missing.
    """
    from sklearn.ensemble import RandomForestClassifier

    from pybridge.runtime.threads import usable_threads

    check_marks(marks.counts)
    forest = RandomForestClassifier(
        settings.trees,
        max_depth=settings.depth,
        min_samples_leaf=settings.leaf,
        max_features="sqrt",
        random_state=settings.seed,
        n_jobs=usable_threads(),
        warm_start=True,
    )
    at_once = settings.trees if marks.classes.size < _MANY_MARKS else max(_TREES_AT_ONCE, usable_threads())
    for grown in range(0, settings.trees, at_once):
        report(grown, settings.trees, "grow the forest")
        forest.set_params(n_estimators=min(grown + at_once, settings.trees))
        forest.fit(marks.features, marks.classes)
    report(settings.trees, settings.trees, "grow the forest")
    return forest


def judge_forest(forest: Any, marks: MarkedPixels) -> OutOfBag:
    """Ask of each mark the trees that it was not drawn for.

    Parameters
    ----------
    forest : sklearn.ensemble.RandomForestClassifier
        From ``fit_forest``.
    marks : MarkedPixels
        What it was fitted to.
    """
    votes = np.zeros((marks.classes.size, len(forest.classes_)))
    for tree, drawn in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        check_cancelled()
        left = np.ones(marks.classes.size, np.bool_)
        left[drawn] = False
        votes[left] += tree.predict_proba(marks.features[left])
    asked = votes.any(axis=1)
    right = forest.classes_[votes.argmax(axis=1)] == marks.classes
    return OutOfBag(
        int(asked.sum()),
        _share(right[asked]),
        tuple(_share(right[asked & (marks.classes == number)]) for number in forest.classes_),
    )


def _share(right: NDArray[np.bool_]) -> float:
    return float(right.mean()) if right.size else float("nan")
