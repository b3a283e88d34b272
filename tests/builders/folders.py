"""bioimage.io model folders around a graph, written on the fly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx


def space_axes(letters: str, size: Any) -> list[dict[str, Any]]:
    """Batch, channel-less list of input axes for ``letters`` such as ``"yx"``, all of one size rule."""
    return [{"type": "space", "id": letter, "size": size} for letter in letters]


def tied_axes(letters: str, *, halo: int = 0, offset: int = 0, scale: float = 1.0) -> list[dict[str, Any]]:
    """Output axes that follow the input ``raw``."""
    axes = []
    for letter in letters:
        axis: dict[str, Any] = {
            "type": "space",
            "id": letter,
            "size": {"tensor_id": "raw", "axis_id": letter, "offset": offset},
        }
        if halo:
            axis["halo"] = halo
        if scale != 1.0:
            # The format counts in units of length: half the resolution is twice the size of a pixel.
            axis["scale"] = 1.0 / scale
        axes.append(axis)
    return axes


def channel(*names: str) -> dict[str, Any]:
    """A channel axis."""
    return {"type": "channel", "channel_names": list(names)}


def write_model(
    folder: Path,
    network: onnx.ModelProto,
    *,
    letters: str = "yx",
    size: Any = None,
    channels_in: int = 1,
    outputs: Sequence[dict[str, Any]] | None = None,
    channels_out: int = 1,
    preprocessing: Sequence[dict[str, Any]] = (),
    postprocessing: Sequence[dict[str, Any]] = (),
    halo: int = 0,
    config: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
    weights: dict[str, Any] | None = None,
    external_data: bool = False,
) -> Path:
    """Write ``bioimageio.yaml`` (format 0.5) and ``model.onnx``; give the folder.

    ``size`` is the size rule of the input's space axes, by default ``{"min": 1, "step": 1}``; ``outputs`` replaces the
    one output that follows the input; ``changes`` replaces top-level fields, ``weights`` fields of the ONNX entry.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.onnx"
    if external_data:
        onnx.save(network, file, save_as_external_data=True, location="model.onnx.data", size_threshold=0)
    else:
        onnx.save(network, file)
    shape = [1, channels_in, *[16] * len(letters)]
    np.save(folder / "test_input.npy", np.random.default_rng(1).random(shape, np.float32))
    np.save(folder / "test_output.npy", np.zeros((1, channels_out, *[16] * len(letters)), np.float32))
    described_outputs = outputs or [
        {
            "id": "result",
            "axes": [
                {"type": "batch"},
                channel(*[f"out{index}" for index in range(channels_out)]),
                *tied_axes(letters, halo=halo),
            ],
            "test_tensor": {"source": "test_output.npy"},
            "postprocessing": list(postprocessing),
        }
    ]
    content: dict[str, Any] = {
        "format_version": "0.5.4",
        "type": "model",
        "name": "A tiny model",
        "description": "made for a test",
        "authors": [{"name": "A. Tester"}],
        "cite": [{"text": "Nobody 2026", "doi": "10.1000/xyz123"}],
        "license": "MIT",
        "version": "0.1.0",
        "inputs": [
            {
                "id": "raw",
                "axes": [
                    {"type": "batch"},
                    channel(*[f"in{index}" for index in range(channels_in)]),
                    *space_axes(letters, size or {"min": 1, "step": 1}),
                ],
                "test_tensor": {"source": "test_input.npy"},
                "preprocessing": list(preprocessing),
            }
        ],
        "outputs": described_outputs,
        "weights": {
            "onnx": {
                "source": "model.onnx",
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "opset_version": 17,
            }
            | (weights or {})
        },
    }
    if config is not None:
        content["config"] = {"pybridge": config}
    content |= changes or {}
    # JSON is YAML.
    (folder / "bioimageio.yaml").write_text(json.dumps(content, indent=1), encoding="utf-8")
    return folder
