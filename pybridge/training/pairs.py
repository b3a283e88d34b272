"""Which image belongs to which labels, and to which group and side of the split. Imports core and files."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import ImageFileError, UsageError, did_you_mean, list_some
from pybridge.core.image import short_stem
from pybridge.files.inputs import by_stem, find_images, find_label_files, stem_of_pair
from pybridge.files.read import IMAGE_SUFFIXES
from pybridge.files.roi_labels import ROI_SUFFIXES

# Columns of an index that may hold the file, in the order of trust.
_FILE_COLUMNS = ("name", "image", "file", "filename", "file_name", "path")
_SURPLUS = "\0surplus"
_SIDES = {"train": "train", "training": "train", "test": "test", "testing": "test"}
_SIDES |= dict.fromkeys(("validation", "val", "valid", "dev"), "validation")


@dataclass(frozen=True, slots=True)
class Pair:
    """An image file and the file of its labels.

    Parameters
    ----------
    name : str
        Stem that the two share.
    image, labels : Path
        The files; labels are an image, or ImageJ ROIs.
    group : str or None
        What the image has in common with its neighbours: field of view, plate, animal.
    split : str or None
        ``"train"``, ``"validation"``, ``"test"``, or None when nobody said.
    """

    name: str
    image: Path
    labels: Path
    group: str | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    group: str | None
    split: str | None


def find_pairs(
    images: Sequence[Path | str],
    labels: Path | str,
    *,
    index: Path | None = None,
    group_column: str | None = None,
    split_column: str | None = None,
) -> tuple[Pair, ...]:
    """Pair images with their labels by file name. No pixel is read.

    Parameters
    ----------
    images : sequence of path-like
        Files, folders and globs. When labels lie in the same folder, files such as ``a_mask.tif`` beside ``a.tif`` do
        not count as images.
    labels : path-like
        Folder or glob of label images, of ImageJ ROI zips (one for each image) or of ``.roi`` files, or a single file.
        Role suffixes (``_mask``, ``-labels``, ``-rois`` …) do not count.
    index : Path, optional
        Table (commas, semicolons or tabs) with one row for each image, found by the column ``name``, ``image``,
        ``file`` or ``path``.
    group_column, split_column : str, optional
        Columns of the index with the group and the side (train, validation, test) of each image.

    Returns
    -------
    tuple of Pair
        In the order of the images.

    Raises
    ------
    UsageError
        If files do not pair up, stems are not unique, or the index lacks a column or an image. All are named at once.
    ImageFileError
        If ``labels`` or the index does not exist.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a.tif", "b.tif", "a_mask.tif", "b_mask.tif"):
    ...         Path(folder, name).touch()
    ...     [(pair.image.name, pair.labels.name) for pair in find_pairs([folder], folder)]
    [('a.tif', 'a_mask.tif'), ('b.tif', 'b_mask.tif')]
    """
    files = _images_only(find_images([os.fspath(item) for item in images]))
    image_paths = {os.path.abspath(file) for file in files}
    label_files = [
        file
        for file in find_label_files(os.fspath(labels), suffixes=(*IMAGE_SUFFIXES, *ROI_SUFFIXES))
        if os.path.abspath(file) not in image_paths
    ]
    image_of, labels_of = by_stem(files), by_stem(label_files)
    problems = []
    if not label_files and files:
        problems.append("only the images themselves lie there")
    missing = [file.name for file in files if not file.exists()]
    if missing:
        problems.append(f"{len(missing)} image(s) that do not exist: {list_some(missing)}")
    for kind, found in (("images", image_of), ("label files", labels_of)):
        double = [" and ".join(map(str, same)) for same in found.values() if len(same) > 1]
        if double:
            problems.append(f"{kind} with one stem: {list_some(double, between='; ')}")
    alone = [file.name for stem, same in image_of.items() if stem not in labels_of for file in same]
    if alone:
        problems.append(f"{len(alone)} image(s) without labels: {list_some(alone)}")
    spare = [file.name for stem, same in labels_of.items() if stem not in image_of for file in same]
    if spare:
        problems.append(f"{len(spare)} label file(s) without an image: {list_some(spare)}")
    if problems:
        raise UsageError(
            f"pair {len(files)} image(s) with the {len(label_files)} label file(s) of {os.fspath(labels)!r}",
            found="; ".join(problems),
            do="name label files like their images, for example cells.tif and cells_mask.tif or cells.zip",
        )
    rows = _read_index(index, files, group_column=group_column, split_column=split_column)
    return tuple(
        Pair(name=stem, image=image, labels=labels_of[stem][0], group=row.group, split=row.split)
        for stem, (image,) in image_of.items()
        for row in [rows.get(image, _Row(None, None))]
    )


def _images_only(files: Sequence[Path]) -> list[Path]:
    """Leave out label images that lie beside their images."""
    plain = {(file.parent, short_stem(file.name)) for file in files}
    return [
        file
        for file in files
        if (stem := stem_of_pair(file)) == short_stem(file.name) or (file.parent, stem) not in plain
    ]


def _read_index(
    index: Path | None, files: Sequence[Path], *, group_column: str | None, split_column: str | None
) -> dict[Path, _Row]:
    """Find the row of each image."""
    wanted = {"group": group_column, "split": split_column}
    if index is None:
        for kind, column in wanted.items():
            if column is not None:
                raise UsageError(
                    f"{kind} images by the column {column!r}", found="no index is given", do="name a CSV file as index"
                )
        return {}
    asked = f"use the index {str(index)!r}"
    table = _read_table(index, asked=asked)
    columns = list(table[0]) if table else []
    for kind, column in wanted.items():
        if column is not None and column not in columns:
            raise UsageError(
                f"{kind} images by the column {column!r} of {str(index)!r}",
                found=f"no such column among {len(columns)}",
                do=did_you_mean(column, columns),
            )
    by_lower = {column.lower(): column for column in reversed(columns)}
    file_column = next((by_lower[name] for name in _FILE_COLUMNS if name in by_lower), None)
    if file_column is None:
        raise UsageError(
            asked,
            found=f"no column that names the images among {', '.join(map(repr, columns)) or 'none'}",
            do=f"call it {' or '.join(map(repr, _FILE_COLUMNS[:4]))}",
        )
    rows: dict[str, list[_Row]] = {}
    for line in table:
        row = _Row(
            group=line[group_column] if group_column is not None else None,
            split=line[split_column] if split_column is not None else None,
        )
        # Names may have a folder or an extension, or be those of the label files.
        name = line[file_column].replace("\\", "/").rsplit("/", 1)[-1]
        for key in dict.fromkeys((name, *_stems(name))):
            rows.setdefault(key, []).append(row)
    return _match_rows(files, rows, asked=asked, group_column=group_column, split_column=split_column)


def _stems(name: str) -> tuple[str, ...]:
    return (short_stem(name), stem_of_pair(Path(name))) if Path(name).suffix else (stem_of_pair(Path(name)),)


def _match_rows(
    files: Sequence[Path],
    rows: Mapping[str, Sequence[_Row]],
    *,
    asked: str,
    group_column: str | None,
    split_column: str | None,
) -> dict[Path, _Row]:
    found: dict[Path, _Row] = {}
    none, several, empty, unknown = [], [], [], []
    for file in files:
        keys = (file.name, short_stem(file.name), stem_of_pair(file))
        same = next((rows[key] for key in keys if key in rows), ())
        if not same:
            none.append(file.name)
            continue
        if len(set(same)) > 1:
            several.append(file.name)
        group, split = same[0].group, same[0].split
        if group == "" or split == "":
            empty.append(file.name)
        if split and split.lower() not in _SIDES:
            unknown.append(f"{file.name} ({split!r})")
        found[file] = _Row(group, _SIDES.get(split.lower()) if split else None)
    problems = []
    if none:
        problems.append(f"no row for {len(none)} image(s): {list_some(none)}")
    if several:
        problems.append(f"rows that say different things of {list_some(several)}")
    if empty:
        columns = " or ".join(repr(column) for column in (group_column, split_column) if column is not None)
        problems.append(f"an empty {columns} for {list_some(empty)}")
    if unknown:
        problems.append(f"{split_column!r} is neither train, validation nor test for {list_some(unknown)}")
    if problems:
        raise UsageError(asked, found="; ".join(problems), do="mend the index, or leave out these images")
    return found


def _read_table(index: Path, *, asked: str) -> list[dict[str, str]]:
    try:
        text = index.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ImageFileError(asked, found=error.strerror or "it cannot be read", do="check the path") from None
    except UnicodeDecodeError as error:
        raise UsageError(asked, found=f"it is no UTF-8 text ({error.reason})", do="save it as CSV, UTF-8") from None
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="", restkey=_SURPLUS)
    table = []
    for number, row in enumerate(reader, 2):
        if _SURPLUS in row:
            raise UsageError(asked, found=f"row {number} has more cells than the header", do="mend that row")
        table.append({(key or "").strip(): (value or "").strip() for key, value in row.items()})
    if not table:
        raise UsageError(asked, found="no row in it", do="give a header and one row for each image")
    return table
