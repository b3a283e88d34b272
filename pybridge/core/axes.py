"""Axis names and their order: the one place where arrays are turned between orders.

Letters are upper-case: ``T`` time, ``Z`` slice, ``C`` channel, ``Y`` row, ``X`` column, ``S`` the samples of an RGB
pixel. Inside PyBridge the canonical order is ``TZCYX`` (``TZCYXS`` for RGB). ImageJ counts its planes in the order
C fastest, then Z, then T ("XYCZT"), which is the same memory order as ``TZCYX``: so the flip costs no copy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError

CANONICAL = "TZCYX"
KNOWN = "TZCYXS"


def check_axes(axes: str, *, ndim: int) -> None:
    """Raise unless ``axes`` names each dimension once, with ``Y`` and ``X`` among them.

    Raises
    ------
    ImageError
        If a letter is unknown or repeated, the count differs from ``ndim``, or Y or X is missing.
    """
    wrong = [letter for letter in axes if letter not in KNOWN]
    if wrong or len(set(axes)) != len(axes) or len(axes) != ndim or not {"Y", "X"} <= set(axes):
        raise ImageError(
            f"axes {axes!r} for an array of {ndim} dimensions",
            found=f"unknown letters {wrong}" if wrong else "the letters do not name each dimension once, with Y and X",
            do="name the dimensions with letters out of T, Z, C, Y, X (and S for RGB samples), for example 'ZYX'",
        )


def guess_axes(shape: tuple[int, ...]) -> str:
    """Name the dimensions of a bare array: the usual reading when nothing else is known.

    Two dimensions are ``YX``; three are ``YXS`` when the last has 3 or 4 entries and looks like colour, else ``ZYX``;
    four are ``ZCYX`` and five ``TZCYX``, as in ImageJ.

    Examples
    --------
    >>> guess_axes((64, 80)), guess_axes((64, 80, 3)), guess_axes((5, 64, 80))
    ('YX', 'YXS', 'ZYX')
    """
    if len(shape) == 3 and shape[-1] in (3, 4) and shape[0] > 4:
        return "YXS"
    names = {2: "YX", 3: "ZYX", 4: "ZCYX", 5: "TZCYX"}
    if len(shape) not in names:
        raise ImageError(
            f"an array of shape {shape}",
            found=f"{len(shape)} dimensions",
            do="give an array of 2 to 5 dimensions, or name them with axes='...'",
        )
    return names[len(shape)]


def to_order(array: NDArray[Any], axes: str, order: str) -> NDArray[Any]:
    """View ``array`` in another axis order; missing axes come with length 1.

    Parameters
    ----------
    array : ndarray
        The data, one dimension for each letter of ``axes``.
    axes : str
        Names of its dimensions.
    order : str
        The order wanted. An axis of ``axes`` that is not in ``order`` must have length 1.

    Returns
    -------
    ndarray
        A view, never a copy.

    Raises
    ------
    ImageError
        If an axis longer than 1 would have to be dropped.

    Examples
    --------
    >>> import numpy as np
    >>> to_order(np.zeros((7, 5)), "XY", "TZCYX").shape
    (1, 1, 1, 5, 7)
    """
    check_axes(axes, ndim=array.ndim)
    for letter, length in zip(axes, array.shape, strict=True):
        if letter not in order and length != 1:
            raise ImageError(
                f"an image with axes {order!r}",
                found=f"axis {letter} of length {length} in {axes!r}",
                do=f"choose one plane along {letter} first",
            )
    kept = [index for index, letter in enumerate(axes) if letter in order]
    dropped = tuple(index for index, letter in enumerate(axes) if letter not in order)
    view = np.squeeze(array, axis=dropped) if dropped else array
    names = "".join(axes[index] for index in kept)
    view = view.transpose([names.index(letter) for letter in order if letter in names])
    for position, letter in enumerate(order):
        if letter not in names:
            view = view[(slice(None),) * position + (None,)]
    return view
