"""Results as a stream."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pybridge.core.image import Image
from pybridge.core.results import ObjectTable
from pybridge.worker.codec import Answer, ShownImage
from pybridge.worker.stream import Stream, answer_to_wire


@given(st.lists(st.binary(max_size=30), max_size=6), st.integers(1, 40))
def test_portions_of_a_stream_are_its_blocks(blocks: list[bytes], portion: int) -> None:
    stream = Stream()
    expected = b""
    for block in blocks:
        stream.add(np.frombuffer(block, np.uint8))
        expected += block + bytes(-len(block) % 8)
    assert stream.size == len(expected)
    read = np.zeros(stream.size, np.uint8)
    for first in range(0, stream.size, portion):
        for place, part in stream.parts(first, min(stream.size, first + portion)):
            read[first + place : first + place + part.size] = part
    assert read.tobytes() == expected


def test_an_answer_lists_what_is_in_its_stream() -> None:
    labels = Image(np.arange(35, dtype=np.uint16).reshape(5, 7), "YX", name="a-labels")
    table = ObjectTable(("Label", "Area"), (np.array([1, 2, 3]), np.array([4.0, 5.0, 6.5])))
    answer = Answer(images=(ShownImage("labels", labels, False),), table=table, rois=(b"abc", b"defgh"))
    described, stream = answer_to_wire(answer)
    assert described["images"][0]["bits"] == 16
    assert (described["images"][0]["width"], described["images"][0]["height"]) == (7, 5)
    assert described["table"] == {"names": ["Label", "Area"], "rows": 3, "texts": {}}
    data = np.zeros(stream.size, np.uint8)
    for place, part in stream.parts(0, stream.size):
        data[place : place + part.size] = part
    assert np.array_equal(data[:70].view("<u2"), np.arange(35))
    assert data[72:120].view("<f8").tolist() == [1, 2, 3, 4, 5, 6.5]
    assert data[120:128].view("<i4").tolist() == [3, 5]
    assert data[128:136].tobytes() == b"abcdefgh"


def test_colours_are_packed_as_imagej_keeps_them() -> None:
    pixels = np.arange(3 * 5 * 7 * 3, dtype=np.uint8).reshape(3, 5, 7, 3)
    described, stream = answer_to_wire(Answer(images=(ShownImage("errors", Image(pixels, "ZYXS", "e"), False),)))
    shown = described["images"][0]
    assert (shown["bits"], shown["slices"], shown["channels"], shown["height"], shown["width"]) == (24, 3, 1, 5, 7)
    ((_, part),) = stream.parts(0, 3 * 5 * 7 * 4)
    packed = part.view("<u4").reshape(3, 5, 7)
    red, green, blue = (int(value) for value in pixels[2, 4, 1])
    assert packed[2, 4, 1] == 0xFF000000 | red << 16 | green << 8 | blue
