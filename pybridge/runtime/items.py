"""From an array with named axes to what the network's grid wants: ``(C, *grid)``, as a view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, UsageError
from pybridge.runtime.layout import Layout


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One item: an array ``(C, *grid)`` for each input; ``missing`` are the grid axes that the caller did not have."""

    arrays: tuple[NDArray[Any], ...]
    missing: str

    @property
    def lengths(self) -> tuple[int, ...]:
        """Pixels along the grid."""
        return tuple(self.arrays[0].shape[1:])


def item_of(pixels: Sequence[NDArray[Any]], axes: str, layout: Layout, *, asked: str) -> Item:
    """Bring the arrays of an item into the order of the grid.

    Parameters
    ----------
    pixels : sequence of ndarray
        One for each input of the model.
    axes : str
        Letters of their dimensions, in any order; ``C`` and grid axes of length 1 may be left out.
    layout : Layout
        The tensors of the model.

    Raises
    ------
    ImageError
        If there are too few arrays, an axis that the model does not have, or another number of channels.
    """
    if len(pixels) != len(layout.inputs):
        names = ", ".join(repr(each.spec.id) for each in layout.inputs)
        raise ImageError(
            asked, found=f"{len(pixels)} images for the inputs {names}", do="give one image for each input"
        )
    arrays = []
    for array, which in zip(pixels, layout.inputs, strict=True):
        arrays.append(_ordered(array, axes, layout.grid, asked=asked))
        if arrays[-1].shape[0] != which.channels:
            raise ImageError(
                asked,
                found=f"{arrays[-1].shape[0]} channel(s), but the model takes {which.channels}",
                do="choose the channels first, or another model",
            )
    if any(array.shape[1:] != arrays[0].shape[1:] for array in arrays):
        raise ImageError(
            asked, found=f"images of shapes {[each.shape[1:] for each in arrays]}", do="give images of one size"
        )
    return Item(tuple(arrays), "".join(letter for letter in layout.grid if letter not in axes))


def _ordered(array: NDArray[Any], axes: str, grid: str, *, asked: str) -> NDArray[Any]:
    if len(axes) != array.ndim or len(set(axes)) != len(axes):
        raise ImageError(asked, found=f"{array.ndim} dimensions, shape {array.shape}", do="name each dimension once")
    if array.dtype.kind not in "buif":
        raise ImageError(asked, found=f"pixels of type {array.dtype}", do="convert them to numbers first")
    wanted = "C" + grid
    extra = [letter for letter in axes if letter not in wanted]
    if any(array.shape[axes.index(letter)] != 1 for letter in extra):
        raise ImageError(
            asked,
            found=f"axis {extra[0]} of length {array.shape[axes.index(extra[0])]}, which the model does not have",
            do=f"run each {wanted} part by itself",
        )
    view = np.squeeze(array, axis=tuple(axes.index(letter) for letter in extra)) if extra else array
    names = "".join(letter for letter in axes if letter in wanted)
    view = view.transpose([names.index(letter) for letter in wanted if letter in names])
    for place, letter in enumerate(wanted):
        if letter not in names:
            view = view[(slice(None),) * place + (None,)]
    return view


def tile_edge(tile: int | str) -> int | str | None:
    """Understand ``tile``: None for auto, ``"none"``, or an edge.

    Raises
    ------
    UsageError
        If it is neither.
    """
    text = str(tile).strip().lower()
    if text == "auto":
        return None
    if text == "none":
        return text
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"tile={tile!r}", found="no tile size", do="use 'auto', 'none' or a number of pixels")
    return int(text)
