"""An answer on the wire: what JSON says of it, and one stream of bytes that is read in portions.

The bytes are little-endian, planes in the order of a hyperstack (C fastest, then Z, then T), which is that of TZCYX.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.worker.codec import Answer, ShownImage

ALIGNMENT = 8
"""Each block of a stream begins at a multiple of so many bytes, so that no number lies in two portions."""

_RGB_BITS = 24


class Stream:
    """Blocks of bytes one after the other, read in portions."""

    def __init__(self) -> None:
        self._blocks: list[NDArray[np.uint8]] = []
        self._starts: list[int] = []
        self.size = 0

    def add(self, block: NDArray[Any]) -> None:
        """Append an array, little-endian and in C order; the next one begins at a multiple of 8 bytes."""
        little = np.ascontiguousarray(block, dtype=block.dtype.newbyteorder("<")).reshape(-1).view(np.uint8)
        self._blocks.append(little)
        self._starts.append(self.size)
        self.size += -(-little.size // ALIGNMENT) * ALIGNMENT

    def parts(self, first: int, last: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Give the bytes from ``first`` to ``last``, block by block, each with its place after ``first``."""
        for start, block in zip(self._starts, self._blocks, strict=True):
            part = block[max(0, first - start) : max(0, last - start)]
            if part.size:
                yield max(0, start - first), part


def answer_to_wire(answer: Answer) -> tuple[dict[str, Any], Stream]:
    """Turn an answer into what JSON says of it and a stream: images, columns, lengths of ROIs, ROIs."""
    stream = Stream()
    described: dict[str, Any] = {
        "images": [_describe(shown, stream) for shown in answer.images],
        "record": answer.record,
        "lines": list(answer.lines),
        "open": answer.open_path,
        "failure": None if answer.failure is None else str(answer.failure),
        "table": None,
        "rois": None,
    }
    if answer.table is not None:
        rows = len(answer.table)
        texts = {}
        for name, column in zip(answer.table.names, answer.table.columns, strict=True):
            if column.dtype.kind == "U":
                texts[name] = column.tolist()
            else:
                stream.add(np.asarray(column, np.float64))
        described["table"] = {"names": list(answer.table.names), "rows": rows, "texts": texts}
    if answer.rois:
        stream.add(np.array([len(roi) for roi in answer.rois], np.int32))
        stream.add(np.frombuffer(b"".join(answer.rois), np.uint8))
        described["rois"] = {"to": answer.rois_to, "count": len(answer.rois)}
    return described, stream


def _describe(shown: ShownImage, stream: Stream) -> dict[str, Any]:
    image = shown.image
    pixels = np.asarray(image.tzcyx())
    frames, slices, channels, height, width = pixels.shape[:5]
    bits = pixels.dtype.itemsize * 8
    if image.is_rgb:
        pixels, bits = _packed(pixels), _RGB_BITS
    size = image.calibration
    if shown.colours is not None:
        stream.add(shown.colours.T)
    stream.add(pixels)
    return {
        "role": shown.role,
        "title": image.name,
        "bits": bits,
        "width": width,
        "height": height,
        "channels": channels,
        "slices": slices,
        "frames": frames,
        "hyperstack": shown.hyperstack,
        "display": None if shown.display is None else list(shown.display),
        "colours": shown.colours is not None,
        "pixel_size": [size.x, size.y, size.z],
        "origin": [size.origin_x, size.origin_y, size.origin_z],
        "unit": size.unit,
        "frame_interval": size.frame_interval,
        "time_unit": size.time_unit,
        "labels": list(shown.slice_labels or image.channel_names) if _are_labels(shown, channels) else [],
        "legend": [[name, *colour] for name, colour in shown.legend],
    }


def _are_labels(shown: ShownImage, channels: int) -> bool:
    return bool(shown.slice_labels) or len(shown.image.channel_names) == channels


def _packed(pixels: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Pack red, green and blue into one number for each pixel, as ImageJ keeps them."""
    opaque = np.full((*pixels.shape[:-1], 4), 0xFF, np.uint8)
    opaque[..., 2::-1] = pixels
    return opaque.view("<u4")[..., 0]
