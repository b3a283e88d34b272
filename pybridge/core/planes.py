"""From an image of any shape to the planes that a 2-D model takes: which channel, which Z and T, RGB to grey.

Tasks and training choose planes alike. Imports numpy only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, did_you_mean
from pybridge.core.image import Image

# Rec. 601 weights: what ImageJ calls "weighted" conversion, and what most people mean by luminance.
_LUMINANCE = (0.299, 0.587, 0.114)


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One channel of an image.

    Parameters
    ----------
    suffix : str
        How columns of a table tell it from others: ``C2``, or ``Green`` of an RGB image.
    pixels : ndarray, shape (T, Z, Y, X)
        Its planes.
    """

    suffix: str
    pixels: NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """The planes of one image as a model wants them.

    Parameters
    ----------
    pixels : ndarray, shape (T, Z, C, Y, X)
        All planes; C is the number of channels that the model takes.
    channel : int
        The 1-based channel of the image that was taken; 1 when it has only one or the model takes several.
    warnings : tuple of str
        What the record must say about the choice.
    others : tuple of Channel
        All channels of the image but the first one taken; with RGB turned to luminance, all three.
    """

    pixels: NDArray[Any]
    channel: int
    warnings: tuple[str, ...] = ()
    others: tuple[Channel, ...] = ()

    @property
    def count(self) -> int:
        """Number of planes."""
        return int(self.pixels.shape[0] * self.pixels.shape[1])

    def each(self) -> Iterator[tuple[int, int, NDArray[Any]]]:
        """Go through frames and slices: 0-based t, z and the plane (C, Y, X)."""
        for t in range(self.pixels.shape[0]):
            for z in range(self.pixels.shape[1]):
                yield t, z, self.pixels[t, z]


def planes_of(image: Image, *, channels: int, wanted: str | None) -> Planes:
    """Choose the channels of an image for a model.

    Parameters
    ----------
    image : Image
        The image.
    channels : int
        How many channels the model takes.
    wanted : str or None
        1-based number or name of the channel that the user asked for.

    Raises
    ------
    ImageError
        If the image is empty, a channel is unknown, or there are several and nobody said which.

    Examples
    --------
    >>> image = Image(np.zeros((2, 5, 7), np.uint8), "CYX", channel_names=("DAPI", "GFP"))
    >>> planes_of(image, channels=1, wanted="GFP").channel
    2
    """
    if 0 in image.array.shape:
        raise ImageError(
            f"use the image {image.name!r}", found=f"it is empty, shape {image.array.shape}", do="choose another image"
        )
    if image.is_rgb:
        return _planes_of_rgb(image, channels=channels, wanted=wanted)
    pixels = image.tzcyx()
    count = pixels.shape[2]
    if wanted is not None:
        index = _channel_index(image, wanted, count=count)
        if channels != 1:
            raise ImageError(
                f"channel={wanted!r}", found=f"the model takes {channels} channels at once", do="leave channel out"
            )
        others = _others_of(pixels, taken=index)
        return Planes(pixels[:, :, index : index + 1], channel=index + 1, others=others)
    if count == channels:
        return Planes(pixels, channel=1, others=_others_of(pixels, taken=0))
    if channels == 1:
        raise ImageError(
            f"one channel of {image.name!r}",
            found=f"{count} channels: {_list_channels(image, count)}",
            do="say which one with channel=1 (or its name)",
        )
    raise ImageError(
        f"an image with {channels} channels",
        found=f"{image.name!r} has {count}: {_list_channels(image, count)}",
        do=f"choose an image with {channels} channels, or another model",
    )


def _planes_of_rgb(image: Image, *, channels: int, wanted: str | None) -> Planes:
    samples = image.tzcyx()  # T Z C Y X S
    if channels == 3 and samples.shape[2] == 1 and wanted is None:
        return Planes(np.moveaxis(samples[:, :, 0], -1, 2), channel=1, others=_samples_of(samples, taken=0))
    if channels != 1 or samples.shape[2] != 1:
        raise ImageError(
            f"an image with {channels} channels", found=f"{image.name!r} is RGB", do="split its channels first"
        )
    if wanted is not None:
        names = {"red": 0, "green": 1, "blue": 2, "1": 0, "2": 1, "3": 2}
        if wanted.lower() not in names:
            raise ImageError(
                f"channel={wanted!r}", found=f"{image.name!r} is RGB", do=did_you_mean(wanted.lower(), names)
            )
        index = names[wanted.lower()]
        return Planes(samples[..., index], channel=index + 1, others=_samples_of(samples, taken=index))
    grey = np.tensordot(samples.astype(np.float32), np.array(_LUMINANCE, np.float32), axes=1)
    rounded = np.rint(grey).astype(samples.dtype) if samples.dtype.kind in "iu" else grey
    warning = f"{image.name}: RGB was turned to luminance (0.299, 0.587, 0.114)"
    return Planes(rounded, channel=1, warnings=(warning,), others=_samples_of(samples, taken=None))


def _others_of(pixels: NDArray[Any], *, taken: int) -> tuple[Channel, ...]:
    """View the channels of T Z C Y X pixels but one."""
    return tuple(Channel(f"C{index + 1}", pixels[:, :, index]) for index in range(pixels.shape[2]) if index != taken)


def _samples_of(samples: NDArray[Any], *, taken: int | None) -> tuple[Channel, ...]:
    """View the samples of T Z C Y X S pixels but one; RGB images have one channel."""
    names = ("Red", "Green", "Blue")
    return tuple(Channel(name, samples[:, :, 0, :, :, index]) for index, name in enumerate(names) if index != taken)


def _channel_index(image: Image, wanted: str, *, count: int) -> int:
    if wanted in image.channel_names:
        return image.channel_names.index(wanted)
    if wanted.isdecimal() and 1 <= int(wanted) <= count:
        return int(wanted) - 1
    raise ImageError(
        f"channel={wanted!r} of {image.name!r}",
        found=f"{count} channel(s): {_list_channels(image, count)}",
        do=did_you_mean(wanted, [*image.channel_names, *map(str, range(1, count + 1))]),
    )


def _list_channels(image: Image, count: int) -> str:
    names = image.channel_names or ("",) * count
    return ", ".join(f"{number} {name}".rstrip() for number, name in enumerate(names, 1))
