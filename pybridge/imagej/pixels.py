"""Moving pixels between numpy and Java arrays through a direct buffer: about as fast as a plain copy.

Index-by-index and JPype's own array conversions are ten to a hundred times slower (tests/benchmarks/pixels.py). The
buffers are few and kept. One over the memory of each plane would save a copy, but JPype lets go of that memory only
when Java collects the buffer, and Java, whose own heap is hardly used, seldom collects.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.imagej.jvm import JavaObject, java_class

# Small enough to stay in the processor's cache between the two copies.
_STAGING_BYTES = 1 << 20

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
    kind = f"{native.dtype.kind}{native.dtype.itemsize}"
    target = jpype.JArray(getattr(jpype, _ELEMENTS[kind][0]))(native.size)
    with _staged() as staging:
        memory, buffer = staging.as_type(native.dtype)
        for first in range(0, native.size, memory.size):
            part = native[first : first + memory.size]
            memory[: part.size] = part
            buffer.clear()
            buffer.get(target, first, part.size)
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
    with _staged() as staging:
        memory, buffer = staging.as_type(flat.dtype)
        for first in range(0, flat.size, memory.size):
            part = flat[first : first + memory.size]
            buffer.clear()
            buffer.put(source, first, part.size)
            part[:] = memory[: part.size]


class _Staging:
    """Memory that numpy and Java both see."""

    def __init__(self) -> None:
        import jpype.nio

        self._memory = np.empty(_STAGING_BYTES, np.uint8)
        seen = jpype.nio.convertToDirectBuffer(self._memory).order(java_class("java.nio.ByteOrder").nativeOrder())
        self._buffers = {kind: getattr(seen, view)() if view else seen for kind, (_, view) in _ELEMENTS.items()}

    def as_type(self, dtype: np.dtype[Any]) -> tuple[NDArray[Any], JavaObject]:
        """Give the memory as an array and as a buffer of elements of one type."""
        kind = f"{dtype.kind}{dtype.itemsize}"
        return self._memory.view(dtype), self._buffers[kind]


_idle: list[_Staging] = []


@contextlib.contextmanager
def _staged() -> Iterator[_Staging]:
    """Lend a staging memory to one thread; there are as many as threads copied at once."""
    try:
        staging = _idle.pop()
    except IndexError:
        staging = _Staging()
    try:
        yield staging
    finally:
        _idle.append(staging)
