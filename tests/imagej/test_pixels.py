"""Pixels between numpy and Java: any type, size and stride, and nothing of numpy's is kept back."""

from __future__ import annotations

import gc
import threading
import weakref

import numpy as np
import pytest

from pybridge.imagej import Gateway, pixels
from pybridge.imagej.pixels import array_to_java, java_to_array

pytestmark = pytest.mark.jvm


@pytest.mark.parametrize("kind", ["u1", "u2", "f4", "i4", ">u2"])
@pytest.mark.parametrize("shape", [(0, 7), (5, 7), (1111, 1013)])
def test_pixels_come_back_as_they_were(gateway: Gateway, kind: str, shape: tuple[int, int]) -> None:
    plane = np.random.default_rng(0).integers(0, 250, (shape[1], shape[0])).astype(kind).T
    there = array_to_java(plane)
    back = np.empty(shape, plane.dtype.newbyteorder("="))
    java_to_array(there, back)
    assert len(there) == plane.size
    assert np.array_equal(back, plane)


def test_numpys_memory_is_free_before_java_collects_anything(gateway: Gateway) -> None:
    plane, out = np.ones((64, 64), np.uint16), np.empty((64, 64), np.uint16)
    seen = weakref.ref(plane), weakref.ref(out)
    java_to_array(array_to_java(plane), out)
    del plane, out
    gc.collect()
    assert [each() for each in seen] == [None, None]


def test_threads_that_copy_at_once_do_not_mix_their_pixels(gateway: Gateway) -> None:
    wrong: list[int] = []

    def work(value: int) -> None:
        plane, back = np.full((700, 900), value, np.uint16), np.empty((700, 900), np.uint16)
        for _ in range(20):
            java_to_array(array_to_java(plane), back)
            if not (back == value).all():
                wrong.append(value)

    threads = [threading.Thread(target=work, args=(value,)) for value in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert 1 <= len(pixels._idle) <= 5
