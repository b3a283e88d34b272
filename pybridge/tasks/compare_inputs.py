"""Which images a comparison works on: whatever a Python user has at hand. Imports files and core."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import list_some
from pybridge.tasks.images import ImageLike

log = logging.getLogger("pybridge.tasks")

# The pictures that compare itself writes: in its own folder they are no images to be compared.
OURS = ("comparison-scores.png", "comparison-speed.png", "comparison-sheet.png")


def list_images(images: ImageLike | Sequence[ImageLike]) -> tuple[ImageLike, ...]:
    """List images; paths may be files, folders and globs. What was given twice is told in the log, and stays.

    Examples
    --------
    >>> import numpy as np
    >>> len(list_images(np.zeros((5, 7)))), len(list_images([np.zeros((5, 7))] * 2))
    (1, 2)
    """
    from pybridge.files.inputs import find_images

    found: list[ImageLike] = []
    for each in images if isinstance(images, (list, tuple)) else (images,):
        if isinstance(each, (str, os.PathLike)):
            found += find_images([os.fspath(each)], files=OURS)
        else:
            found.append(each)
    _tell_repeated(found)
    return tuple(found)


def list_image_files(named: Sequence[str]) -> tuple[Path, ...]:
    """List the files that files, folders and globs name, as ``list_images`` does."""
    from pybridge.files.inputs import find_images

    found = find_images(named, files=OURS)
    _tell_repeated(found)
    return found


def _tell_repeated(images: Sequence[ImageLike]) -> None:
    """Say which files have one name, or one content: the same image twice is no second independent one."""
    files = [Path(each) for each in images if isinstance(each, (str, os.PathLike)) and Path(each).is_file()]
    names = [file.name for file in files]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        log.warning("images of one name, which the tables cannot tell apart: %s", list_some(twice, most=5))
    if copies := _copies(files):
        log.warning(
            "the same image is given more than once, and every interval and test counts it as another one: %s",
            list_some(copies, most=5, between="; "),
        )
    arrays = [_fingerprint(each) for each in images if isinstance(each, np.ndarray)]
    if len(set(arrays)) < len(arrays):
        log.warning("the same array is given more than once, and every interval and test counts it as another image")


def _copies(files: Sequence[Path]) -> list[str]:
    """Name the files of one content; only those of one size are read."""
    from pybridge.files.read import sha256_of_file

    by_size: dict[int, list[Path]] = {}
    by_content: dict[str, list[Path]] = {}
    # A file that cannot be read fails when its turn comes, and stops no other.
    for file in files:
        with contextlib.suppress(OSError):
            by_size.setdefault(file.stat().st_size, []).append(file)
    for file in (each for alike in by_size.values() if len(alike) > 1 for each in alike):
        with contextlib.suppress(OSError):
            by_content.setdefault(sha256_of_file(file), []).append(file)
    return [" and ".join(map(str, alike)) for alike in by_content.values() if len(alike) > 1]


def _fingerprint(array: NDArray[Any]) -> tuple[str, tuple[int, ...], str]:
    """Give what two arrays share when their pixels are the same."""
    return array.dtype.str, array.shape, hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
