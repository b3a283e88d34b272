"""Which files a command works on: files, folders and globs; pairs of image and truth by file stem. Imports core."""

from __future__ import annotations

import glob
import logging
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from pybridge.core.errors import ImageFileError, UsageError, list_some
from pybridge.core.image import short_stem
from pybridge.files.ome_zarr import is_zarr
from pybridge.files.read import IMAGE_SUFFIXES
from pybridge.files.roi_labels import ROI_SUFFIXES

log = logging.getLogger("pybridge.files")

# What people and tools append to a file's stem to say which role it plays.
_ROLE = re.compile(
    r"[-_. ](labels?|(cp[-_])?masks?|truth|gt|ground[-_]?truth|seg|segmentation|annotations?|restored)$", re.IGNORECASE
)
_ROI_ROLE = re.compile(r"[-_. ](rois?|roi[-_]?sets?)$", re.IGNORECASE)
# What PyBridge itself writes of an image, after its stem; a folder is never read twice.
_OURS = ("labels", "probability", "restored", "tracks")


def find_images(named: Sequence[str], *, made: Sequence[str] = (), files: Sequence[str] = ()) -> tuple[Path, ...]:
    """List the image files that the user named by files, folders and globs, each once, in the order named.

    A file named outright is kept even when it does not exist, so that it can be reported with the others. In folders
    and globs only files of a known image kind and OME-Zarr folders count, and not those that PyBridge wrote there
    itself: ``cells-labels.tif`` is one when ``cells-record.json`` or the image ``cells.tif`` lies beside it. Where only
    the image says so the log does too.

    Parameters
    ----------
    named : sequence of str
        What the user wrote.
    made : sequence of str
        Further roles of outputs that this command writes.
    files : sequence of str
        Whole names of image files that this command writes.

    Raises
    ------
    UsageError
        If a folder or glob holds no image at all.

    Examples
    --------
    >>> [file.name for file in find_images(["missing.tif"])]
    ['missing.tif']
    """
    ours = re.compile(rf"(.+)-({'|'.join(map(re.escape, [*_OURS, *made]))})")

    def images_among(candidates: Iterable[Path]) -> list[Path]:
        known = [file for file in candidates if _is_image(file) and file.name not in files]
        results = {file: match[1] for file in known if (match := ours.fullmatch(_own_stem(file)))}
        beside = {folder: _stems_in(folder) for folder in {file.parent for file in results}}
        recorded = {file for file, stem in results.items() if (file.parent / f"{stem}-record.json").is_file()}
        told = [file for file, stem in results.items() if file not in recorded and stem in beside[file.parent]]
        if told:
            log.warning("not taken as images, by their names: %s", list_some([file.name for file in told], most=5))
        return [file for file in known if file not in recorded and file not in told]

    found: dict[Path, None] = {}
    for text in named:
        path = Path(text)
        if path.is_dir() and not is_zarr(path):
            inside = images_among(sorted(path.iterdir()))
            if not inside:
                raise UsageError(
                    f"the images of the folder {text!r}",
                    found="no image in it",
                    do=f"name a folder with {', '.join(IMAGE_SUFFIXES)} files",
                )
            found |= dict.fromkeys(inside)
        elif path.exists() or not glob.has_magic(text):
            found[path] = None
        else:
            matches = images_among(sorted(Path(match) for match in glob.glob(text, recursive=True)))
            if not matches:
                raise UsageError(f"the images {text!r}", found="no file matches", do="check the path")
            found |= dict.fromkeys(matches)
    return tuple(found)


def _is_image(file: Path) -> bool:
    known = is_zarr(file) or (file.suffix.lower() in IMAGE_SUFFIXES and file.is_file())
    return known and not file.name.startswith(".")


def _own_stem(file: Path) -> str:
    return short_stem(file.name).removesuffix(".ome")


def _stems_in(folder: Path) -> set[str]:
    return {_own_stem(file) for file in folder.iterdir() if _is_image(file)}


def stem_of_pair(path: Path) -> str:
    """Give the stem that an image and its truth share: known role suffixes are stripped, of ImageJ ROIs ``-rois`` too.

    Examples
    --------
    >>> stem_of_pair(Path("a/cell_01_mask.tif")), stem_of_pair(Path("cell_01.tif")), stem_of_pair(Path("c-rois.zip"))
    ('cell_01', 'cell_01', 'c')
    """
    stem = short_stem(path.name)
    if path.suffix.lower() in ROI_SUFFIXES:
        stem = _ROI_ROLE.sub("", stem)
    return _ROLE.sub("", stem)


def find_label_files(
    named: str, *, suffixes: Sequence[str] = IMAGE_SUFFIXES, what: str = "ground truth"
) -> tuple[Path, ...]:
    """List the files of a folder or glob, or the one file, that may hold the truth of images.

    Parameters
    ----------
    named : str
        A file, a folder or a glob.
    suffixes : sequence of str
        Kinds of files that count in a folder.
    what : str
        What is looked for, for messages.

    Raises
    ------
    ImageFileError
        If it is neither there nor a glob.
    """
    single = Path(named)
    if single.is_dir() and not is_zarr(single):
        return tuple(
            file
            for file in sorted(single.iterdir())
            if not file.name.startswith(".") and (file.suffix.lower() in suffixes or is_zarr(file))
        )
    if single.exists():
        return (single,)
    if glob.has_magic(named):
        return tuple(Path(match) for match in sorted(glob.glob(named, recursive=True)))
    raise ImageFileError(f"the {what} {named!r}", found="no such file or folder", do="check the path")


def by_stem(files: Iterable[Path]) -> dict[str, list[Path]]:
    """Gather files by the stem that an image and its truth share."""
    found: dict[str, list[Path]] = {}
    for file in files:
        found.setdefault(stem_of_pair(file), []).append(file)
    return found


def _none(image: Path, themselves: set[str]) -> str:
    return "only the file itself" if os.path.abspath(image) in themselves else "none"


def find_truths(
    images: Sequence[Path],
    truth: str,
    *,
    suffixes: Sequence[str] = IMAGE_SUFFIXES,
    what: str = "ground truth",
) -> tuple[Path, ...]:
    """Find the ground truth of each image.

    Parameters
    ----------
    images : sequence of Path
        The images.
    truth : str
        A file (for one image), a folder or a glob.
    suffixes : sequence of str
        Kinds of files that count in a folder.
    what : str
        What else is looked for, for messages.

    Returns
    -------
    tuple of Path
        One for each image, in order.

    Raises
    ------
    UsageError
        If an image has no truth or more than one; the first five are named.
    ImageFileError
        If ``truth`` is neither there nor a glob.
    """
    single = Path(truth)
    if single.is_file() and len(images) == 1:
        return (single,)
    inputs = {os.path.abspath(image) for image in images}  # images and truths may lie in one folder
    files = find_label_files(truth, suffixes=suffixes, what=what)
    folder = single if single.is_dir() else single.parent
    if not files and single.is_dir():
        raise UsageError(
            f"the {what} of {len(images)} image(s) in {truth!r}",
            found="no file of a kind that we read is in this folder; folders inside it are not searched",
            do=f"name the folder that holds them, or a glob such as {str(folder / '*' / f'*{suffixes[0]}')!r}",
        )
    found = by_stem(file for file in files if os.path.abspath(file) not in inputs)
    pairs = [found.get(stem_of_pair(image), []) for image in images]
    themselves = {os.path.abspath(file) for file in files} & inputs
    wrong = [
        f"{image.name} ({', '.join(file.name for file in pair) or _none(image, themselves)})"
        for image, pair in zip(images, pairs, strict=True)
        if len(pair) != 1
    ]
    if wrong:
        if len(themselves) == len(images) and not any(pairs):
            raise UsageError(
                f"the {what} of {len(images)} image(s) in {truth!r}",
                found="of such names only the images themselves lie there: "
                + list_some([image.name for image in images], most=5),
                do=f"name the folder that holds their {what}; in one folder with them, its files need names such as "
                "cells_mask.tif beside cells.tif",
            )
        raise UsageError(
            f"the {what} of {len(images)} image(s) in {truth!r}",
            found=f"not exactly one file of the same stem for {list_some(wrong, most=5, between='; ')}",
            do="name files that belong together alike, for example cells.tif and cells_mask.tif"
            if any(not pair for pair in pairs)
            else f"name those that are meant with a glob, for example {str(folder / '*_mask.tif')!r}",
        )
    return tuple(pair[0] for pair in pairs)
