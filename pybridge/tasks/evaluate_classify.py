"""Scoring classes: of images or objects in two tables, or of pixels in two images. Imports metrics, files and core."""

from __future__ import annotations

import dataclasses
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
    from pybridge.metrics.pixels import PixelScores

SUMMARY = ("accuracy", "balanced_accuracy", "macro_precision", "macro_recall", "macro_f1", "ece")
_MOST_CLASSES = 256
_ROUNDED = 0.0051  # so far a probability of two digits is off


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Scores of one table or image of classes.

    Parameters
    ----------
    name : str
        Name of the result.
    found : ClassificationScores
    items : ndarray of int64, shape (items, 2), or None
        Places in ``found.classes`` of the true and of the found class of each row of a table; None for pixels, which
        are no independent items.
    pixels : PixelScores or None
        Of images, Dice and IoU of each class.
    """

    name: str
    found: ClassificationScores
    items: NDArray[np.int64] | None = None
    pixels: PixelScores | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the confusion matrix."""
        return tuple(str(name) for name in self.found.classes)

    def to_json(self) -> dict[str, Any]:
        """Write the scores as one image of ``scores.json``."""
        return {"name": self.name, "classes": list(self.classes), **scores_to_plain(self)}


def score_tables(result: ClassTable, truth: ClassTable, *, table: bool) -> Scored:
    """Score a table of classes against another, row by row.

    Raises
    ------
    UsageError
        If a row has no partner, or a class has no column of probabilities while others have.
    """
    from pybridge.metrics.classification import score_classes

    result, about_columns = _named_as_classes(result, {*truth.classes, *result.classes})
    order = result.rows_like(truth)
    given = [result.classes[row] for row in order]
    names = tuple(sorted({*truth.classes, *result.classes, *result.names}))
    probabilities = None
    if result.probabilities is not None:
        lacking = sorted(set(names) - set(result.names))
        if lacking:
            raise UsageError(
                f"score {result.name!r} against {truth.name!r}",
                found=f"no column of probabilities for {list_some(lacking)}",
                do="write a column p_CLASS for each class, or none at all",
            )
        probabilities = result.probabilities[order][:, [result.names.index(name) for name in names]]
    found = score_classes(truth.classes, given, probabilities=probabilities, classes=names)
    place = {name: index for index, name in enumerate(names)}
    items = np.array([(place[one], place[other]) for one, other in zip(truth.classes, given, strict=True)], np.int64)
    warnings = (*about_columns, *_strange_classes(result, truth), *_strange_probabilities(result))
    return _scored(ClassScores(result.name, found, items=items), table=table, warnings=warnings)


def _named_as_classes(result: ClassTable, classes: set[str]) -> tuple[ClassTable, tuple[str, ...]]:
    """Take columns that are named as the classes for their probabilities where they can be nothing else; else say so.

    They are taken if every class has one and those of each row add up to 1, alone or with the other columns: a model
    may have classes that no row has.
    """
    columns = [name for name in result.other_names if name in classes]
    if result.probabilities is not None or result.others is None or not columns:
        return result, ()
    values = result.others[:, [result.other_names.index(name) for name in columns]]
    shown = list_some(columns)
    if set(columns) == classes and _add_up(values).all():
        told = f"{result.name} has columns named as classes ({shown}): they were taken for their probabilities"
        return dataclasses.replace(result, names=tuple(columns), probabilities=values), (told,)
    if set(columns) == classes and _add_up(result.others).all():
        further = list_some([name for name in result.other_names if name not in classes])
        told = (
            f"{result.name} has columns named as classes ({shown}) that add up to 1 with {further}: all were taken for "
            "probabilities, those as of classes that no row has"
        )
        return dataclasses.replace(result, names=result.other_names, probabilities=result.others), (told,)
    lacking, better = sorted(classes - set(columns)), list_some([f"p_{name}" for name in columns], most=3)
    why = f"there is none for {list_some(lacking)}" if lacking else "those of a row do not add up to 1"
    return result, (
        f"{result.name} has columns named as classes ({shown}) that look like probabilities and were not used, since "
        f"{why}: to have them used, give every class one, those that no row has too, and call them {better}",
    )


def _add_up(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say of each row whether it adds up to 1, as far as rounded numbers do."""
    close: NDArray[np.bool_] = np.abs(values.sum(1) - 1) <= _ROUNDED * max(2, values.shape[1])
    return close


def _strange_classes(result: ClassTable, truth: ClassTable) -> tuple[str, ...]:
    """Say which classes of the result the truth never has: mostly they are spelt in another way."""
    unknown = sorted(set(result.classes) - set(truth.classes))
    if not unknown:
        return ()
    rows = sum(each in unknown for each in result.classes)
    return (f"{truth.name} has no row of {list_some(unknown)}, the class of {rows} row(s) of {result.name}",)


def _strange_probabilities(result: ClassTable) -> tuple[str, ...]:
    """Say when probabilities are not those of one class out of several, or not those of the class that was found."""
    if result.probabilities is None:
        return ()
    told = []
    sums = result.probabilities.sum(1)
    off = np.flatnonzero(~_add_up(result.probabilities))
    if off.size:
        row = int(off[0])
        told.append(
            f"the probabilities of {off.size} of {len(sums)} row(s) of {result.name} do not add up to 1 "
            f"({result.keys[row]}: {sums[row]:.3g}): the ECE takes them as they are"
        )
    highest = result.probabilities.max(1)
    place = {name: index for index, name in enumerate(result.names)}
    columns = [place.get(name, 0) for name in result.classes]
    lower = np.flatnonzero(result.probabilities[np.arange(len(columns)), columns] < highest)
    if lower.size:
        told.append(
            f"in {lower.size} of {len(sums)} row(s) of {result.name} another class has a higher probability than the "
            f"one that was found ({result.keys[int(lower[0])]})"
        )
    return tuple(told)


def score_class_images(result: Image, truth: Image, *, table: bool) -> Scored:
    """Score an image whose values are classes against another, pixel by pixel; 0 is a class like the others.

    Raises
    ------
    ImageError
        If they do not fit together, or hold no classes.
    """
    from pybridge.metrics.classification import ClassificationScores
    from pybridge.metrics.pixels import score_pixels

    _, warnings = check_same_pixels(result, truth)
    given, expected = _classes_of(result), _classes_of(truth)
    values = np.union1d(given, expected)
    if len(values) > _MOST_CLASSES:
        raise ImageError(
            f"score {result.name!r} against {truth.name!r} with task=classify",
            found=f"{len(values)} values: they look like objects, not like classes",
            do="use task=segment for label images of objects",
        )
    names = tuple(values.tolist())
    code = np.searchsorted(values, expected) * len(names) + np.searchsorted(values, given)
    confusion = np.bincount(code.ravel(), minlength=len(names) ** 2).reshape(len(names), len(names))
    found = ClassificationScores(names, confusion, None)
    scores = ClassScores(result.name, found, pixels=score_pixels(expected, given, classes=names))
    unknown = np.setdiff1d(given, expected)
    if unknown.size:
        shown, count = list_some([str(value) for value in unknown.tolist()]), int(np.isin(given, unknown).sum())
        warnings = (*warnings, f"{truth.name} has no pixel of {shown}, the class of {count} pixel(s) of {result.name}")
    return _scored(scores, table=table, warnings=warnings)


def scores_to_plain(scores: ClassScores) -> dict[str, Any]:
    """Turn the scores of classes into text and numbers."""
    found = scores.found
    plain: dict[str, Any] = {name: or_none(getattr(found, name)) for name in SUMMARY}
    plain["confusion"] = found.confusion.tolist()
    plain["per_class"] = {
        name: {
            "precision": or_none(float(found.precision[index])),
            "recall": or_none(float(found.recall[index])),
            "f1": or_none(float(found.f1[index])),
            "count": int(found.support[index]),
        }
        for index, name in enumerate(scores.classes)
    }
    if scores.pixels is not None:
        for name, counts in zip(scores.pixels.classes, scores.pixels.per_class, strict=True):
            plain["per_class"][str(name)] |= {"dice": or_none(counts.dice), "iou": or_none(counts.iou)}
    if found.reliability is not None:
        curve = found.reliability
        plain["reliability"] = {
            "edges": curve.edges.tolist(),
            "count": curve.count.tolist(),
            "confidence": [or_none(value) for value in curve.confidence.tolist()],
            "accuracy": [or_none(value) for value in curve.accuracy.tolist()],
        }
    return plain


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


def _scored(scores: ClassScores, *, table: bool, warnings: tuple[str, ...] = ()) -> Scored:
    return Scored(
        scores=scores,
        table=_row(scores) if table else ObjectTable((), ()),
        details=_by_class(scores) if table else None,
        warnings=warnings,
    )


def _row(scores: ClassScores) -> ObjectTable:
    found = scores.found
    return one_row(
        [
            ("Image", scores.name),
            ("Count", int(found.support.sum())),
            ("Classes", len(scores.classes)),
            ("Accuracy", found.accuracy),
            ("Balanced accuracy", found.balanced_accuracy),
            ("Macro F1", found.macro_f1),
            ("ECE", found.ece),
        ]
    )


def _by_class(scores: ClassScores) -> ObjectTable:
    """A row for each class: its scores, and how often it was taken for which class."""
    found = scores.found
    columns: list[tuple[str, NDArray[Any]]] = [
        ("Class", np.array(scores.classes)),
        ("Count", found.support),
        ("Precision", found.precision),
        ("Recall", found.recall),
        ("F1", found.f1),
    ]
    if scores.pixels is not None:
        columns.append(("IoU", np.array([counts.iou for counts in scores.pixels.per_class])))
    columns += [(f"as {name}", found.confusion[:, index]) for index, name in enumerate(scores.classes)]
    return ObjectTable(tuple(name for name, _ in columns), tuple(column for _, column in columns))
