"""Scoring classes: of images or objects in two tables, or of pixels in two images. Imports metrics, files and core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, UsageError, list_some
from pybridge.core.image import Image
from pybridge.core.results import ObjectTable
from pybridge.files.class_table import ClassTable
from pybridge.tasks.evaluate_checks import check_same_pixels
from pybridge.tasks.evaluate_scored import Scored, one_row, or_none

if TYPE_CHECKING:
    from pybridge.metrics.classification import ClassificationScores

_MOST_CLASSES = 256


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Scores of one table or image of classes.

    Parameters
    ----------
    name : str
        Name of the result.
    classes : tuple of str
        The classes, in the order of the confusion matrix.
    found : ClassificationScores
    truth, predicted : ndarray of int64, shape (N,)
        Class of each row, for pooling; of images the confusion matrix says all.
    """

    name: str
    classes: tuple[str, ...]
    found: ClassificationScores

    def to_json(self) -> dict[str, Any]:
        """Write the scores as one image of ``scores.json``."""
        return {"name": self.name, "classes": list(self.classes), **scores_to_plain(self.found, self.classes)}


def score_tables(result: ClassTable, truth: ClassTable, *, table: bool) -> Scored:
    """Score a table of classes against another, row by row.

    Raises
    ------
    UsageError
        If a row has no partner.
    """
    from pybridge.metrics.classification import score_classes

    order = result.rows_like(truth)
    given = np.array(result.classes, dtype=str)[order]
    expected = np.array(truth.classes, dtype=str)
    names = tuple(sorted({*truth.classes, *result.classes, *result.names}))
    probabilities = None
    if result.probabilities is not None:
        lacking = sorted(set(truth.classes) - set(result.names))
        if lacking:
            raise UsageError(
                f"score {result.name!r} against {truth.name!r}",
                found=f"no column of probabilities for {list_some(lacking)}",
                do="write a column p_CLASS for each class, or none at all",
            )
        probabilities = np.zeros((len(order), len(names)))
        probabilities[:, [names.index(name) for name in result.names]] = result.probabilities[order]
    found = score_classes(expected, given, probabilities=probabilities, classes=names)
    scores = ClassScores(result.name, names, found)
    return Scored(
        scores=scores,
        table=_row(scores) if table else ObjectTable((), ()),
        details=_by_class(scores) if table else None,
    )


def score_class_images(result: Image, truth: Image, *, table: bool) -> Scored:
    """Score an image whose values are classes against another, pixel by pixel; 0 is a class like the others.

    Raises
    ------
    ImageError
        If they do not fit together, or hold no classes.
    """
    from pybridge.metrics.classification import score_classes

    _, warnings = check_same_pixels(result, truth)
    given, expected = _classes_of(result), _classes_of(truth)
    values = np.union1d(given, expected)
    names = tuple(str(value) for value in values.tolist())
    if len(names) > _MOST_CLASSES:
        raise ImageError(
            f"score {result.name!r} against {truth.name!r} with task=classify",
            found=f"{len(names)} values: they look like objects, not like classes",
            do="use task=segment for label images of objects",
        )
    found = score_classes(expected.ravel(), given.ravel(), classes=values.tolist())
    scores = ClassScores(result.name, names, found)
    return Scored(
        scores=scores,
        table=_row(scores) if table else ObjectTable((), ()),
        details=_by_class(scores) if table else None,
        warnings=warnings,
    )


def _classes_of(image: Image) -> NDArray[np.int64]:
    pixels = np.asarray(image.tzcyx())
    whole = pixels.dtype.kind in "bui" or bool(np.isfinite(pixels).all() and (pixels == np.rint(pixels)).all())
    if image.is_rgb or not whole:
        raise ImageError(
            f"use {image.name!r} as an image of classes",
            found="an RGB image" if image.is_rgb else "values that are not whole numbers",
            do="give one grey value for each class, never interpolated",
        )
    return pixels.astype(np.int64)


def scores_to_plain(found: ClassificationScores, classes: tuple[str, ...]) -> dict[str, Any]:
    """Turn the scores of classes into text and numbers."""
    plain: dict[str, Any] = {name: or_none(getattr(found, name)) for name in SUMMARY}
    plain["confusion"] = np.asarray(found.confusion).tolist()
    plain["per_class"] = {
        name: {
            "precision": or_none(float(found.precision[index])),
            "recall": or_none(float(found.recall[index])),
            "f1": or_none(float(found.f1[index])),
            "count": int(np.asarray(found.confusion)[index].sum()),
        }
        for index, name in enumerate(classes)
    }
    return plain


SUMMARY = ("accuracy", "balanced_accuracy", "macro_precision", "macro_recall", "macro_f1", "ece")


def _row(scores: ClassScores) -> ObjectTable:
    found = scores.found
    return one_row(
        [
            ("Image", scores.name),
            ("Count", int(np.asarray(found.confusion).sum())),
            ("Classes", len(scores.classes)),
            ("Accuracy", found.accuracy),
            ("Balanced accuracy", found.balanced_accuracy),
            ("Macro F1", found.macro_f1),
            ("ECE", found.ece),
        ]
    )


def _by_class(scores: ClassScores) -> ObjectTable:
    """A row for each class of the truth: its scores, and how often it was taken for which class."""
    found, confusion = scores.found, np.asarray(scores.found.confusion)
    columns: list[tuple[str, NDArray[Any]]] = [
        ("Class", np.array(scores.classes)),
        ("Count", confusion.sum(1)),
        ("Precision", np.asarray(found.precision, np.float64)),
        ("Recall", np.asarray(found.recall, np.float64)),
        ("F1", np.asarray(found.f1, np.float64)),
    ]
    columns += [(f"as {name}", confusion[:, index]) for index, name in enumerate(scores.classes)]
    return ObjectTable(tuple(name for name, _ in columns), tuple(column for _, column in columns))
