"""Which files hold results, and which truth and raw image belong to each. Imports core and files."""

from __future__ import annotations

import glob
import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import ImageFileError, UsageError, list_some
from pybridge.core.image import short_stem
from pybridge.files.inputs import find_label_files, find_truths, stem_of_pair
from pybridge.files.ome_zarr import is_zarr
from pybridge.files.read import IMAGE_SUFFIXES
from pybridge.files.roi_labels import ROI_SUFFIXES
from pybridge.files.track_files import is_sequence

log = logging.getLogger("pybridge.files")

TABLE_SUFFIXES = (".csv", ".tsv")
_RAW = "raw image"
# What PyBridge writes that is no result to score, or that scoring itself wrote.
_OTHER = re.compile(r"-(probability|errors|rse|ssim|uncertainty)$")
_OTHER_TABLE = re.compile(r"-(details|objects|tracks)$|^(scores|comparison|comparison-images)$")


@dataclass(frozen=True, slots=True)
class ResultPair:
    """A result, its truth, and the raw image of a restored one."""

    result: Path
    truth: Path
    raw: Path | None = None


def find_pairs(
    results: Sequence[str], truth: str, *, raw: str | None = None, task: str = "auto"
) -> tuple[tuple[ResultPair, ...], tuple[Path, ...]]:
    """Find what is to be scored against what.

    One result and one truth belong together whatever their names; several are paired by stem. Folders of tracked
    frames and tables of classes are one result each; the tables of a folder count where no image is in it. In a folder
    that holds outputs of PyBridge, its label images (with the task ``restore``: its restored images) are the results.

    Parameters
    ----------
    results : sequence of str
        Files, folders and globs.
    truth : str
        A file, a folder or a glob.
    raw : str, optional
        The same of raw images.
    task : str
        What they are.

    Returns
    -------
    tuple of ResultPair
    tuple of Path
        Truths that have no result.

    Raises
    ------
    UsageError
        If a result has no truth or more than one.
    ImageFileError
        If a path is neither there nor a glob.
    """
    found = _find_results(results, task=task)
    expected = Path(truth)
    alone = is_sequence(expected) or (_is_table(expected) and expected.is_file())
    if alone or (len(found) == 1 and expected.is_file()):
        if len(found) != 1:
            raise UsageError(
                f"score {len(found)} results against {truth!r}", found="one truth for all", do="score them one by one"
            )
        return (ResultPair(found[0], expected, None if raw is None else find_truths(found, raw, what=_RAW)[0]),), ()
    if len(found) > 1 and expected.is_file():
        raise UsageError(
            f"score {len(found)} results against {truth!r}",
            found="one truth file for all of them",
            do="name a folder, or put a glob in quotes, so that the shell does not spell it out",
        )
    suffixes = TABLE_SUFFIXES if all(_is_table(file) for file in found) else (*IMAGE_SUFFIXES, *ROI_SUFFIXES)
    truths = find_truths(found, truth, suffixes=suffixes)
    raws: tuple[Path | None, ...] = (None,) * len(found) if raw is None else find_truths(found, raw, what=_RAW)
    pairs = tuple(ResultPair(*three) for three in zip(found, truths, raws, strict=True))
    taken = {os.path.abspath(path) for path in (*found, *truths)}
    left = (file for file in find_label_files(truth, suffixes=suffixes) if os.path.abspath(file) not in taken)
    return pairs, tuple(file for file in left if not _is_other(file))


def stem_of_result(path: Path) -> str:
    """Give the stem with which the files about a result begin.

    Examples
    --------
    >>> stem_of_result(Path("out/cells-labels.tif"))
    'cells'
    """
    return path.name if path.is_dir() and not is_zarr(path) else stem_of_pair(path)


def _find_results(named: Sequence[str], *, task: str) -> tuple[Path, ...]:
    found: dict[Path, None] = {}
    for text in named:
        path = Path(text)
        if is_sequence(path) or (path.is_dir() and task == "track"):
            found[path] = None
            continue
        files = [path] if not path.exists() and not glob.has_magic(text) else list(find_label_files(text))
        if path.is_dir() and not is_zarr(path):
            files = _results_of_folder(path, files, task=task)
        if not files:
            raise UsageError(f"the results {text!r}", found="no file matches", do="name a folder, files or a glob")
        if not path.suffix and not glob.has_magic(text) and not path.exists():
            raise ImageFileError(f"the results {text!r}", found="no such file or folder", do="check the path")
        found |= dict.fromkeys(files)
    return tuple(found)


def _results_of_folder(folder: Path, images: Sequence[Path], *, task: str) -> list[Path]:
    """Choose the results in a folder: images of one role; where there is none, tables of classes."""
    found = _of_one_role([file for file in images if not _is_other(file)], task=task)
    takes_tables = task in ("auto", "classify")
    if not found and takes_tables:
        found = [file for file in find_label_files(str(folder), suffixes=TABLE_SUFFIXES) if not _is_other(file)]
    if not found:
        what = "image and no table of classes" if takes_tables else "image"
        raise UsageError(
            f"the results {str(folder)!r}",
            found=f"no {what} is in this folder; folders inside it are not searched",
            do=f"name the folder that holds them, or a glob such as {str(folder / '*' / '*.tif')!r}",
        )
    return found


def _is_table(file: Path) -> bool:
    return file.suffix.lower() in TABLE_SUFFIXES


def _is_other(file: Path) -> bool:
    """Say whether PyBridge wrote a file that is no result, by its name."""
    return (_OTHER_TABLE if _is_table(file) else _OTHER).search(short_stem(file.name)) is not None


def _of_one_role(files: list[Path], *, task: str) -> list[Path]:
    """Choose the outputs of one kind in a folder that PyBridge wrote into; of other folders all images.

    The images of those outputs are no results either; what belongs to none of them may be, and is named.
    """
    role = "-restored" if task == "restore" else "-labels"
    ours = [file for file in files if short_stem(file.name).endswith(role)]
    stems = {stem_of_pair(file) for file in ours}
    left = [file.name for file in files if file not in ours and stem_of_pair(file) not in stems]
    if ours and left:
        log.warning(
            "not taken as results, because others are named …%s: %s; name files or a glob to score them",
            role,
            list_some(left, most=5),
        )
    return ours or files
