"""Moving pixels between numpy and Java arrays through direct buffers: about as fast as a plain copy.

Index-by-index and JPype's own array conversions are ten to a hundred times slower (tests/benchmarks/pixels.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.imagej.jvm import JavaObject, java_class

# Buffers count bytes in 32 bits; larger planes go in parts.
_LONGEST_PART = 2**28

_ELEMENTS: dict[str, tuple[str, str]] = {
    "u1": ("JByte", ""),
    "u2": ("JShort", "asShortBuffer"),
    "f4": ("JFloat", "asFloatBuffer"),
    "i4": ("JInt", "asIntBuffer"),
}


def array_to_java(plane: NDArray[Any]) -> JavaObject:
    """Copy a plane into a new Java array.

    Parameters
    ----------
    plane : ndarray of uint8, uint16, float32 or int32
        Any shape and strides.

    Returns
    -------
    byte[], short[], float[] or int[]
        The values in C order; unsigned ones bit by bit, as ImageJ keeps them.
    """
    import jpype

    native = np.ascontiguousarray(plane, dtype=plane.dtype.newbyteorder("=")).reshape(-1)
    element, _ = _ELEMENTS[f"{native.dtype.kind}{native.dtype.itemsize}"]
    target = jpype.JArray(getattr(jpype, element))(native.size)
    for first in range(0, native.size, _LONGEST_PART):
        part = native[first : first + _LONGEST_PART]
        _buffer_over(part).get(target, first, part.size)
    return target


def java_to_array(source: JavaObject, out: NDArray[Any]) -> None:
    """Copy a Java array into a numpy array.

    Parameters
    ----------
    source : byte[], short[], float[] or int[]
        ImageJ's pixels.
    out : ndarray
        C-contiguous array of the same number and size of elements, in native byte order; it is filled.
    """
    flat = out.reshape(-1)
    for first in range(0, flat.size, _LONGEST_PART):
        part = flat[first : first + _LONGEST_PART]
        _buffer_over(part).put(source, first, part.size)


def _buffer_over(part: NDArray[Any]) -> JavaObject:
    """Let Java see numpy's memory as a buffer of the right element type; nothing is copied."""
    import jpype.nio

    view = jpype.nio.convertToDirectBuffer(part.view(np.uint8))
    view = view.order(java_class("java.nio.ByteOrder").nativeOrder())
    _, as_typed = _ELEMENTS[f"{part.dtype.kind}{part.dtype.itemsize}"]
    return getattr(view, as_typed)() if as_typed else view
