"""The marked pixels of images, with features and classes: what a forest is fitted to. Imports runtime and core."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.forest_features import FEATURES, find_features, margin_px
from pybridge.baselines.scribbles import CLASSES
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Image
from pybridge.core.planes import planes_of
from pybridge.core.progress import report

# Features are computed for blocks that hold marks: those of a whole large plane would fill the memory.
_BLOCK_PX = 1024


@dataclass(frozen=True, slots=True, eq=False)
class MarkedPixels:
    """Marked pixels of one image or of several.

    Parameters
    ----------
    features : ndarray of float32, shape (N, F)
        In the order of ``FEATURES``.
    classes : ndarray of uint8, shape (N,)
        From 1.
    warnings : tuple of str
        What the record must say of the images.
    """

    features: NDArray[np.float32]
    classes: NDArray[np.uint8]
    warnings: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, ...]:
        """How many there are of background, inside and border."""
        found = np.bincount(self.classes, minlength=len(CLASSES) + 1)[1:]
        return tuple(int(count) for count in found)

    def thinned(self, most: int, *, seed: int) -> MarkedPixels:
        """Draw at most so many, the same share of each class."""
        if self.classes.size <= most:
            return self
        share = most / self.classes.size
        random = np.random.default_rng(seed)
        kept = []
        for number in np.unique(self.classes):
            places = np.flatnonzero(self.classes == number)
            kept.append(random.choice(places, max(1, round(share * places.size)), replace=False))
        chosen = np.sort(np.concatenate(kept))
        return MarkedPixels(self.features[chosen], self.classes[chosen], self.warnings)


def gather_marks(
    images: Sequence[Image], scribbles: Sequence[NDArray[Any]], *, channel: str | None = None
) -> MarkedPixels:
    """Collect features and classes of all marked pixels of some images.

    Raises
    ------
    ImageError
        If images and scribbles do not fit together.
    UsageError
        If there are no images, or not as many as scribbles.
    """
    if len(images) != len(scribbles) or not images:
        raise UsageError(
            "train a forest",
            found=f"{len(images)} image(s), {len(scribbles)} scribble image(s)",
            do="give one for each",
        )
    found = []
    for number, (image, marks) in enumerate(zip(images, scribbles, strict=True)):
        report(number, len(images), f"features of {image.name}")
        found.append(find_marks(image, marks, channel=channel))
    report(len(images), len(images), "features")
    return join_marks(found)


def join_marks(parts: Sequence[MarkedPixels]) -> MarkedPixels:
    """Put the marked pixels of several images together."""
    return MarkedPixels(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.classes for part in parts]),
        tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
    )


def find_marks(image: Image, marks: NDArray[Any], *, channel: str | None = None) -> MarkedPixels:
    """Find features and classes of the marked pixels of one image.

    Parameters
    ----------
    image : Image
        Any planes, one channel of them.
    marks : ndarray of int
        Of the image's size without channels: 0 nothing said, 1 background, 2 inside, 3 border.
    channel : str, optional
        1-based number or name of the channel to use.

    Raises
    ------
    ImageError
        If the two do not fit together, or a marked plane holds NaN.
    """
    planes = planes_of(image, channels=1, wanted=channel)
    marked = _as_planes(marks, planes.pixels.shape, name=image.name)
    features, classes = [np.empty((0, len(FEATURES)), np.float32)], [np.empty(0, np.uint8)]
    for t, z, plane in planes.each():
        if marked[t, z].any():
            pixels = np.asarray(plane[0])
            if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
                raise ImageError(
                    f"train a forest on {image.name!r}",
                    found=f"{int(np.count_nonzero(~np.isfinite(pixels)))} pixels that are NaN or infinite",
                    do="put numbers in their place, or leave the image out",
                )
            normal = normalise(pixels)
            for block, inner in _marked_blocks(marked[t, z], normal.shape):
                here = find_features(normal[block])[(slice(None), *inner)]
                told = _within(marked[t, z], block, inner)
                rows, columns = np.nonzero(told)
                features.append(here[:, rows, columns].T)
                classes.append(told[rows, columns])
    return MarkedPixels(np.concatenate(features), np.concatenate(classes), planes.warnings)


def normalise(plane: NDArray[Any]) -> NDArray[np.float32]:
    """Bring a plane to the values that the runtime gives the model, enlarged by reflection to a size it takes."""
    from pybridge.baselines.forest_folder import LEAST_PX, normalisation
    from pybridge.runtime.normalise import Normaliser

    lengths = [max(length, LEAST_PX) for length in plane.shape]
    out = np.empty((1, *lengths), np.float32)
    item = plane[np.newaxis]
    steps = normalisation()
    Normaliser(item, "CYX", steps, references=lambda _: item, asked="train a forest").fill(
        out, [(0, length) for length in lengths]
    )
    normalised: NDArray[np.float32] = out[0]
    return normalised


def _marked_blocks(
    marked: NDArray[np.uint8], shape: tuple[int, ...]
) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Cut a plane of a shape into blocks with what their features look at; those without marks are left out.

    Yields
    ------
    block : tuple of slice
        Of the plane, with a margin all around but at its border.
    inner : tuple of slice
        Of the block, without the margin.
    """
    margin = margin_px()
    for top in range(0, marked.shape[0], _BLOCK_PX):
        for left in range(0, marked.shape[1], _BLOCK_PX):
            if not marked[top : top + _BLOCK_PX, left : left + _BLOCK_PX].any():
                continue
            block, inner = [], []
            for start, length in ((top, shape[0]), (left, shape[1])):
                first, end = max(start - margin, 0), min(start + _BLOCK_PX, length)
                block.append(slice(first, min(end + margin, length)))
                inner.append(slice(start - first, end - first))
            yield (block[0], block[1]), (inner[0], inner[1])


def _within(marked: NDArray[np.uint8], block: tuple[slice, slice], inner: tuple[slice, slice]) -> NDArray[np.uint8]:
    """Give the marks of a block; a plane that was enlarged has none beyond its border."""
    rows, columns = (slice(b.start + i.start, b.start + i.stop) for b, i in zip(block, inner, strict=True))
    return marked[rows, columns]


def _as_planes(marks: NDArray[Any], shape: tuple[int, ...], *, name: str) -> NDArray[np.uint8]:
    frames, slices, _, height, width = shape
    # An axis of one plane may lack; planes may also come one after the other. Frames are never taken for slices.
    lengths, several = marks.shape[:-2], [count for count in (frames, slices) if count > 1]
    fits = [count for count in lengths if count > 1] == several or lengths == (frames * slices,)
    if not fits or marks.shape[-2:] != (height, width):
        raise ImageError(
            f"train a forest on {name!r}",
            found=f"scribbles of shape {marks.shape} for {frames} frame(s), {slices} slice(s) of {height} x {width}",
            do="give scribbles of the image's size, without channels",
        )
    if marks.dtype.kind not in "biu" or (marks.size and not 0 <= marks.min() <= marks.max() <= len(CLASSES)):
        raise ImageError(
            f"train a forest on {name!r}",
            found=f"scribbles of type {marks.dtype}, values {marks.min()} to {marks.max()}",
            do="use whole numbers: 0 nothing said, 1 background, 2 inside, 3 border",
        )
    return marks.reshape(frames, slices, height, width).astype(np.uint8)
