"""Tables of classes, as CSV: one row for each image or object, its class, perhaps a probability for each class.

Imports core and files.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageFileError, UsageError, list_some
from pybridge.core.record import InputUsed

_KEYS = ("file", "filename", "image", "name", "path", "id", "label", "object")
_CLASSES = ("class", "predicted", "prediction", "truth", "category", "phenotype")
_PROBABILITY = ("p_", "p(", "prob_", "probability_", "probability ", "probability of ")


@dataclass(frozen=True, slots=True, eq=False)
class ClassTable:
    """Classes of images or objects.

    Parameters
    ----------
    name, path : str
        The file.
    sha256_file : str
        Its hash.
    keys : tuple of str
        What each row is of: a file name, or the label of an object.
    classes : tuple of str
        The class of each row.
    names : tuple of str
        The classes that have a column of probabilities; empty without such columns.
    probabilities : ndarray of float64, shape (rows, len(names)), or None
    other_names : tuple of str
        Further columns with a number from 0 to 1 in every row: programs that name the columns of probabilities as the
        classes themselves write such ones. Not looked for where there are columns of probabilities.
    others : ndarray of float64, shape (rows, len(other_names)), or None
    """

    name: str
    path: str
    sha256_file: str
    keys: tuple[str, ...]
    classes: tuple[str, ...]
    names: tuple[str, ...] = ()
    probabilities: NDArray[np.float64] | None = None
    other_names: tuple[str, ...] = ()
    others: NDArray[np.float64] | None = None

    def used(self, *, role: str) -> InputUsed:
        """Describe the table for a run record."""
        return InputUsed(
            name=self.name,
            path=self.path,
            sha256_pixels="",
            sha256_file=self.sha256_file,
            axes="",
            shape=(len(self.keys),),
            dtype="table",
            pixel_size=(1.0, 1.0, 1.0),
            unit="",
            role=role,
        )

    def rows_like(self, truth: ClassTable) -> NDArray[np.int64]:
        """Find the row of each row of the truth: by file name, whatever its folder, or by label.

        Raises
        ------
        UsageError
            If a row of either has no partner; the first are named.
        """
        place = {_short(key): row for row, key in enumerate(self.keys)}
        wanted = [_short(key) for key in truth.keys]
        missing = [key for key, short in zip(truth.keys, wanted, strict=True) if short not in place]
        surplus = sorted(set(place) - set(wanted))
        if missing or surplus:
            lacks = f"the result lacks {list_some(missing, most=5)}" if missing else ""
            more = f"the truth lacks {list_some(surplus, most=5)}" if surplus else ""
            raise UsageError(
                f"score {self.name!r} against {truth.name!r}",
                found="; ".join(part for part in (lacks, more) if part),
                do="give tables with a row for each of the same images or objects",
            )
        return np.array([place[short] for short in wanted], np.int64)


def read_class_table(path: Path) -> ClassTable:
    """Read a table of classes.

    Parameters
    ----------
    path : Path
        A CSV with a header: a column ``file`` (or image, name, path, id, label), a column ``class`` (or predicted,
        truth), and perhaps columns ``p_CLASS`` with probabilities.

    Raises
    ------
    ImageFileError
        If it is missing or no such table, a row has no key or no class, or several columns could be the class.
    UsageError
        If a key comes twice.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "classes.csv"
    ...     _ = file.write_text("file,class\\na.png,mitotic\\nb.png,other\\n")
    ...     read_class_table(file).classes
    ('mitotic', 'other')
    """
    from pybridge.files.read import sha256_of_file

    asked = f"read the classes {str(path)!r}"
    if not path.is_file():
        raise ImageFileError(asked, found="no such file", do="check the path")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImageFileError(asked, found=f"it is no UTF-8 text ({error})", do="save it as CSV, UTF-8") from error
    separator = "\t" if "\t" in text.partition("\n")[0] else ";" if ";" in text.partition("\n")[0] else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(row)]
    header = [column.strip() for column in rows[0]] if rows else []
    key, kind = _column(header, _KEYS), _column(header, _CLASSES)
    if key is None or kind is None or len(rows) < 2:
        lacking = (
            "a row"
            if key is not None and kind is not None
            else "a column "
            + " or ".join(name for name, found in (("'file'", key), ("'class'", kind)) if found is None)
        )
        raise ImageFileError(
            asked,
            found=f"columns {header!r}: it lacks {lacking}",
            do="write a header with file and class, and a row for each image or object",
        )
    uneven = [number for number, row in enumerate(rows[1:], 2) if len(row) != len(header)]
    if uneven:
        raise ImageFileError(
            asked, found=f"row {uneven[0]} has another number of columns than the header", do="save the table again"
        )
    _check_one_class(header, asked=asked)
    keys = tuple(row[key].strip() for row in rows[1:])
    classes = tuple(row[kind].strip() for row in rows[1:])
    for column, cells in ((header[key], keys), (header[kind], classes)):
        if "" in cells:
            raise ImageFileError(
                asked,
                found=f"row {cells.index('') + 2} has nothing in its column {column!r}",
                do="write a name and a class in every row, or leave the row out",
            )
    twice = sorted(each for each, count in Counter(map(_short, keys)).items() if count > 1)
    if twice:
        raise UsageError(asked, found=f"rows with one name: {list_some(twice, most=5)}", do="keep one row for each")
    names, probabilities = _probabilities(header, rows[1:], asked=asked)
    other_names, others = _shares(header, rows[1:], leave_out=(key, kind)) if not names else ((), None)
    return ClassTable(
        name=path.name,
        path=str(path),
        sha256_file=sha256_of_file(path),
        keys=keys,
        classes=classes,
        names=names,
        probabilities=probabilities,
        other_names=other_names,
        others=others,
    )


def _column(header: list[str], known: tuple[str, ...]) -> int | None:
    lower = [column.lower() for column in header]
    return next((lower.index(name) for name in known if name in lower), None)


def _check_one_class(header: list[str], *, asked: str) -> None:
    """Raise when several columns could be the class, as the one found and the true one in one table."""
    able = [column for column in header if column.lower() in _CLASSES]
    if len(able) > 1:
        raise ImageFileError(
            asked,
            found=f"{len(able)} columns that could be the class: {list_some([repr(each) for each in able])}",
            do="keep the one that is meant: a table of the truth and one of the result are two files",
        )


def _probabilities(
    header: list[str], rows: list[list[str]], *, asked: str
) -> tuple[tuple[str, ...], NDArray[np.float64] | None]:
    named = [
        (column[len(prefix) :].strip().rstrip(")"), index)
        for index, column in enumerate(header)
        for prefix in _PROBABILITY
        if column.lower().startswith(prefix)
    ]
    found = dict(named)
    if not found:
        return (), None
    if len(found) < len(named):
        twice = sorted(name for name, count in Counter(name for name, _ in named).items() if count > 1)
        raise ImageFileError(
            asked, found=f"two columns of probabilities of the class {twice[0]!r}", do="keep one for each class"
        )
    try:
        values = np.array([[float(row[index]) for index in found.values()] for row in rows], np.float64)
    except ValueError as error:
        raise ImageFileError(asked, found=f"a probability is no number ({error})", do="save the table again") from error
    if not ((values >= 0) & (values <= 1)).all():
        raise ImageFileError(asked, found="a probability is not between 0 and 1", do="give probabilities, no scores")
    return tuple(found), values


def _shares(
    header: list[str], rows: list[list[str]], *, leave_out: tuple[int, int]
) -> tuple[tuple[str, ...], NDArray[np.float64] | None]:
    """Take the other columns that hold a number from 0 to 1 in every row, and whose name comes once."""
    found: dict[str, list[float]] = {}
    counts = Counter(header)
    for index, name in enumerate(header):
        if index in leave_out or counts[name] > 1:
            continue
        values = _share(row[index] for row in rows)
        if values is not None:
            found[name] = values
    return tuple(found), np.array([*found.values()], np.float64).T if found else None


def _share(cells: Iterable[str]) -> list[float] | None:
    """Read a column of numbers from 0 to 1; None at the first other cell: a table may have thousands of columns."""
    values = []
    for cell in cells:
        try:
            value = float(cell)
        except ValueError:
            return None
        if not 0 <= value <= 1:
            return None
        values.append(value)
    return values


def _short(key: str) -> str:
    """Give a file's name without folders, so that tables made in different folders fit."""
    return PurePosixPath(key.replace("\\", "/")).name
