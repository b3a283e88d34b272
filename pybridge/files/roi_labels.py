"""ImageJ ROIs (a ``.roi`` file or the ROI Manager's zip) as a label image: one object for each ROI.

Imports core and files; roifile inside functions.
"""

from __future__ import annotations

import dataclasses
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, ImageFileError, list_some
from pybridge.files.roi_masks import RoiMask, roi_to_mask

ROI_SUFFIXES = (".zip", ".roi")
# Neighbours drawn by hand overlap by a pixel here and there; more than this share of the smaller one is a mistake.
MOST_OVERLAP = 0.02
_MOST_BYTES = 64 << 20  # of one ROI; a traced outline of a million corners has 4 MB
# Of one zip, unpacked: small files can unpack to more than any memory. 200 000 outlines of 500 corners have 420 MB.
_MOST_ROIS, _MOST_BYTES_IN_ALL = 200_000, 1 << 30


def is_roi_file(named: object) -> TypeGuard[str | os.PathLike[str]]:
    """Say whether a path has the ending of ROIs.

    Examples
    --------
    >>> is_roi_file("cells-RoiSet.zip"), is_roi_file(Path("cells.ome.zarr"))
    (True, False)
    """
    return isinstance(named, (str, os.PathLike)) and Path(named).suffix.lower() in ROI_SUFFIXES


def read_rois(path: str | os.PathLike[str]) -> tuple[Any, ...]:
    """Read the ROIs of a ``.roi`` file or of a zip, in its order, named as ImageJ's ROI Manager names them.

    Returns
    -------
    tuple of roifile.ImagejRoi

    Raises
    ------
    ImageFileError
        If the file is missing, damaged, or holds something that is no ROI.

    Examples
    --------
    >>> import tempfile, roifile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     roifile.ImagejRoi.frompoints([[2, 1], [6, 1], [6, 3]]).tofile(f"{folder}/cell.roi")
    ...     [roi.name for roi in read_rois(f"{folder}/cell.roi")]
    ['cell']
    """
    file = Path(path)
    if not file.is_file():
        raise ImageFileError(f"read the ROIs {str(file)!r}", found="no such file", do="check the path")
    if file.suffix.lower() == ".roi":
        return (_roi(file.read_bytes(), file.name, file=file),)
    try:
        with zipfile.ZipFile(file) as archive:
            inside = archive.infolist()
            entries = [entry for entry in inside if entry.filename.lower().endswith(".roi")]
            if inside and not entries:  # an archive of nothing at all is an image without objects
                raise _unreadable(file, f"no ROI is in it, but {list_some([entry.filename for entry in inside])}")
            _check_sizes(file, entries, count=len(inside))
            return tuple(_roi(archive.read(entry), entry.filename, file=file) for entry in entries)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, ImageFileError):
            raise
        raise _unreadable(file, f"it is no zip that can be read ({error})") from error


def _check_sizes(file: Path, entries: Sequence[zipfile.ZipInfo], *, count: int) -> None:
    """Refuse what would fill the memory, before anything is unpacked."""
    large = [entry.filename for entry in entries if entry.file_size > _MOST_BYTES]
    if large:
        raise _unreadable(file, f"{large[0]!r} is larger than any ROI")
    total = sum(entry.file_size for entry in entries)
    if count <= _MOST_ROIS and total <= _MOST_BYTES_IN_ALL:
        return
    raise ImageFileError(
        f"read the ROIs {str(file)!r}",
        found=f"{count} entries in it; at most {_MOST_ROIS} are read"
        if count > _MOST_ROIS
        else f"{len(entries)} ROIs that unpack to {total / (1 << 20):.0f} MiB; at most "
        f"{_MOST_BYTES_IN_ALL >> 20} MiB are read",
        do="save them in several zips, one for each image, or give a label image instead",
    )


def _roi(content: bytes, name: str, *, file: Path) -> Any:
    from roifile import ImagejRoi

    try:
        roi = ImagejRoi.frombytes(content)
    except Exception as error:  # roifile checks little: damaged files raise errors of many kinds
        raise _unreadable(file, f"{name!r} is no ROI ({type(error).__name__}: {str(error)[:200]})") from error
    return dataclasses.replace(roi, name=PurePosixPath(name).stem)


def _unreadable(file: Path, found: str) -> ImageFileError:
    return ImageFileError(f"read the ROIs {str(file)!r}", found=found, do="save them again in ImageJ's ROI Manager")


def rois_to_labels(
    rois: str | os.PathLike[str] | Sequence[Any], *, shape: tuple[int, ...], axes: str = "YX", channels: int = 1
) -> NDArray[np.int32]:
    """Paint ROIs as a label image, with the pixels that ImageJ's own masks have.

    Where two overlap by little (2 % of the smaller one), the later one yields. Parts beyond the border are cut off.

    Parameters
    ----------
    rois : path-like or sequence of roifile.ImagejRoi
        A ``.roi`` file, a zip, or ROIs at hand; each becomes one object, numbered from 1 in their order.
    shape : tuple of int
        Shape of the label image, one length for each axis.
    axes : str
        Axes of the label image: ``"YX"``, or with T or Z or both before it. In a stack each ROI lies on the plane that
        its position names; in a single plane positions do not matter, unless they differ.
    channels : int
        Channels of the image on which the ROIs were drawn: ImageJ counts the planes of a stack with them.

    Returns
    -------
    ndarray of int32

    Raises
    ------
    ImageError
        If a ROI has no area or lies outside the image, two overlap by more, or positions do not fit the image.
    ImageFileError
        If the file cannot be read.

    Examples
    --------
    >>> from roifile import ImagejRoi
    >>> square = ImagejRoi.frompoints([[2, 1], [4, 1], [4, 3], [2, 3]])
    >>> rois_to_labels([square], shape=(4, 5)).tolist()
    [[0, 0, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]]
    """
    asked = "paint ROIs as labels"
    if isinstance(rois, (str, os.PathLike)):
        asked = f"use the ROIs {os.fspath(rois)!r} as labels"
        return _paint(read_rois(rois), shape=shape, axes=axes, channels=channels, asked=asked)
    return _paint(rois, shape=shape, axes=axes, channels=channels, asked=asked)


def _paint(rois: Sequence[Any], *, shape: tuple[int, ...], axes: str, channels: int, asked: str) -> NDArray[np.int32]:
    sizes = dict(zip(axes, shape, strict=True))
    frames, slices = sizes.get("T", 1), sizes.get("Z", 1)
    planes = np.zeros((frames * slices, *shape[-2:]), np.int32)
    places = [place_of_roi(roi, frames=frames, slices=slices, channels=channels, asked=asked) for roi in rois]
    if frames * slices == 1:
        check_one_plane(rois, asked=asked)
    masks = [_mask(roi, asked=asked) for roi in rois]
    clashes: dict[tuple[int, int], int] = {}
    empty = []
    for index, (mask, place) in enumerate(zip(masks, places, strict=True)):
        where, inside = mask.within((shape[-2], shape[-1]))
        if not inside.any():
            empty.append(repr(rois[index].name))
            continue
        target = planes[place][where]
        taken, pixels = np.unique(target[inside & (target > 0)], return_counts=True)
        clashes |= {(int(label) - 1, index): int(count) for label, count in zip(taken, pixels, strict=True)}
        target[inside & (target == 0)] = index + 1
    if empty:
        raise ImageError(
            asked,
            found=f"{list_some(empty)} cover(s) no pixel of the {shape[-1]} × {shape[-2]} image",
            do="check that the ROIs belong to this image, or remove them",
        )
    _check_overlaps(rois, masks, clashes, asked=asked)
    return planes.reshape(shape)


def _mask(roi: Any, *, asked: str) -> RoiMask:
    try:
        return roi_to_mask(roi)
    except ImageError as error:
        raise ImageError(asked, found=f"{roi.name!r}: {error.found}", do=error.do) from None


def place_of_roi(roi: Any, *, frames: int, slices: int, channels: int, asked: str) -> int:
    """Find the plane of a ROI, counted from 0, slices running faster than frames."""
    if frames * slices == 1:
        return 0
    t, z = int(roi.t_position), int(roi.z_position)
    if not t and not z and roi.position > 0:  # a plain stack: planes counted in ImageJ's order, channels fastest
        plane = (int(roi.position) - 1) // channels
        t, z = plane // slices + 1, plane % slices + 1
    for name, position, count in (("frame", t, frames), ("slice", z, slices)):
        if position > count or (position < 1 and count > 1):
            where = f"it lies on {name} {position}" if position > 0 else f"it names no {name}"
            raise ImageError(
                asked,
                found=f"{roi.name!r}: {where}, and the image has {count} {name}s",
                do="give each ROI its position in the stack (ROI Manager, More, Options, associate with slices)",
            )
    return (max(t, 1) - 1) * slices + max(z, 1) - 1


def check_one_plane(rois: Sequence[Any], *, asked: str) -> None:
    """Positions in a larger stack do no harm as long as all ROIs come from one plane of it."""
    known: dict[tuple[int, int, int], str] = {}
    for roi in rois:
        place = (roi.position, roi.z_position, roi.t_position)
        if any(place):
            known.setdefault(place, roi.name)
    if len(known) > 1:
        first, second = list(known.values())[:2]
        raise ImageError(
            asked,
            found=f"{first!r} and {second!r} lie on different planes of a stack, and the image is a single plane",
            do="give the whole stack as the image, or only the ROIs of this plane",
        )


def _check_overlaps(
    rois: Sequence[Any], masks: Sequence[RoiMask], clashes: dict[tuple[int, int], int], *, asked: str
) -> None:
    wrong = []
    for (first, second), pixels in clashes.items():
        smaller = min(int(masks[first].inside.sum()), int(masks[second].inside.sum()))
        if pixels > MOST_OVERLAP * smaller:
            wrong.append(f"{rois[first].name!r} and {rois[second].name!r} by {pixels} of {smaller} pixels")
    if wrong:
        raise ImageError(
            asked,
            found=f"ROIs overlap: {list_some(wrong, most=5, between='; ')}",
            do="redraw them so that each pixel belongs to one object, or remove those that were saved twice",
        )
