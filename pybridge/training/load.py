"""A pair of files → images with labels, one for each plane. Imports core, files and decode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.core.planes import planes_of
from pybridge.decode.label_checks import image_to_label_planes
from pybridge.decode.label_doubts import check_objects
from pybridge.decode.label_pieces import number_ids
from pybridge.files.read import read_image, sha256_of_file
from pybridge.files.roi_labels import ROI_SUFFIXES, rois_to_labels
from pybridge.training.pairs import Pair


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImage:
    """One plane with its labels: what a network learns from.

    Parameters
    ----------
    name : str
        Name of the pair; planes of a stack are told apart, as in ``"cells t2 z1"`` (counted from 1).
    pair : Pair
        The files that it came from. Planes of one stack have the same.
    pixels : ndarray, shape (Y, X) or (C, Y, X)
        Pixels as stored.
    labels : ndarray of int32, shape (Y, X)
        0 for the background, objects from 1 without gaps.
    sha256_image, sha256_labels : str
        Hashes of the files; of a folder (OME-Zarr) that of its pixels.
    pixel_size : tuple of float or None
        Height and width of a pixel in ``unit``; None when the image is not calibrated.
    unit : str
        Unit of length; ``"pixel"`` when the image is not calibrated.
    warnings : tuple of str
        What is odd about the labels of the pair.
    """

    name: str
    pair: Pair
    pixels: NDArray[Any]
    labels: NDArray[np.int32]
    sha256_image: str
    sha256_labels: str
    pixel_size: tuple[float, float] | None
    unit: str
    warnings: tuple[str, ...] = ()

    @property
    def group(self) -> str | None:
        """What the image has in common with its neighbours; None when nobody said."""
        return self.pair.group

    @property
    def split(self) -> str | None:
        """The side that the index names, or None."""
        return self.pair.split

    @property
    def count(self) -> int:
        """Number of objects."""
        return int(self.labels.max(initial=0))


def load_pair(pair: Pair, *, channel: str | None = None, channels: int = 1) -> tuple[LabelledImage, ...]:
    """Load one pair: one labelled image for each frame and slice.

    Parameters
    ----------
    pair : Pair
        The files.
    channel : str, optional
        Number (from 1) or name of the channel to take of images with several.
    channels : int
        Channels that the network takes; more than one excludes ``channel``.

    Raises
    ------
    ImageError
        If the two differ in size, the labels are no ids of objects, the image holds NaN, or it has several channels and
        none is named. Messages name the files.
    ImageFileError
        If a file cannot be read.

    Examples
    --------
    >>> import tempfile, tifffile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     image, labels = Path(folder, "a.tif"), Path(folder, "a_mask.tif")
    ...     tifffile.imwrite(image, np.full((5, 7), 9, np.uint16))
    ...     tifffile.imwrite(labels, np.eye(5, 7, dtype=np.uint16))
    ...     (loaded,) = load_pair(Pair("a", image, labels))
    >>> loaded.name, loaded.pixels.shape, loaded.count
    ('a', (5, 7), 1)
    """
    image = read_image(pair.image)
    planes = planes_of(image, channels=channels, wanted=channel)
    pixels = planes.pixels
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise ImageError(
            f"train on {str(pair.image)!r}",
            found=f"{int(np.count_nonzero(~np.isfinite(pixels)))} pixels that are NaN or infinite",
            do="put numbers in their place, or leave the image out",
        )
    labels, sha256_labels, warnings = _load_labels(pair, image, frames=pixels.shape[0], slices=pixels.shape[1])
    size = image.calibration
    known = size.unit not in ("pixel", "pixels", "")
    return tuple(
        LabelledImage(
            name=pair.name + _place(t, z, frames=pixels.shape[0], slices=pixels.shape[1]),
            pair=pair,
            pixels=plane[0] if channels == 1 else plane,
            labels=number_ids(labels[t, z])[1],
            sha256_image=image.sha256_file or image.sha256_pixels(),
            sha256_labels=sha256_labels,
            pixel_size=(size.y, size.x) if known else None,
            unit=size.unit if known else "pixel",
            warnings=warnings,
        )
        for t, z, plane in planes.each()
    )


def _load_labels(
    pair: Pair, image: Image, *, frames: int, slices: int
) -> tuple[NDArray[np.int32], str, tuple[str, ...]]:
    """Give the labels (T, Z, Y, X) of an image, the hash of their file, and what is odd about them."""
    height, width = image.size_of("Y"), image.size_of("X")
    if pair.labels.suffix.lower() in ROI_SUFFIXES:
        shape = (frames, slices, height, width)
        labels = rois_to_labels(pair.labels, shape=shape, axes="TZYX", channels=image.size_of("C"))
        return labels, sha256_of_file(pair.labels), ()
    stored = read_image(pair.labels)
    labels = image_to_label_planes(stored, file=pair.labels)
    if labels.shape[2:] != (height, width):
        turned = labels.shape[2:] == (width, height)
        raise ImageError(
            f"pair {str(pair.image)!r} with {str(pair.labels)!r}",
            found=f"the image has {width} × {height} pixels, the labels {labels.shape[3]} × {labels.shape[2]}",
            do="transpose the labels" if turned else "give labels of the image itself, not of a resized or cut one",
        )
    found = labels.shape[:2]
    # Pages without a meaning are read as slices: a stack of one kind may stand for one of the other.
    if found != (frames, slices) and found != (slices, frames):
        raise ImageError(
            f"pair {str(pair.image)!r} with {str(pair.labels)!r}",
            found=f"the image has {frames} frame(s) of {slices} slice(s), the labels {found[0]} of {found[1]}",
            do="give one label plane for each plane of the image",
        )
    if found != (frames, slices) and 1 not in found:
        raise ImageError(
            f"pair {str(pair.image)!r} with {str(pair.labels)!r}",
            found=f"frames and slices are exchanged: {frames} × {slices} and {found[0]} × {found[1]}",
            do="save both as hyperstacks with the same dimensions",
        )
    labels = labels.reshape(frames, slices, height, width)
    warnings = check_objects(labels, name=pair.labels.name, asked=f"use {str(pair.labels)!r} as labels", refuses=True)
    return labels, stored.sha256_file or stored.sha256_pixels(), warnings


def _place(t: int, z: int, *, frames: int, slices: int) -> str:
    return (f" t{t + 1}" if frames > 1 else "") + (f" z{z + 1}" if slices > 1 else "")
