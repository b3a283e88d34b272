"""What sizes a network takes: those described, those to compare, and what it gives. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from pybridge.core.errors import ModelError, UsageError
from pybridge.export.onnx_file import OnnxFile
from pybridge.export.tensors import channel_names_of, space_of
from pybridge.networks.build import Network
from pybridge.zoo.model import FixedSize, SteppedSize, TensorSpec


def step_of(tensor: TensorSpec, *, asked: str) -> int:
    """Give the step of the sides; 0 when they are fixed."""
    sizes = [axis.size for axis in space_of(tensor)]
    if all(isinstance(size, FixedSize) for size in sizes):
        return 0
    steps = {size.step for size in sizes if isinstance(size, SteppedSize)}
    if len(steps) != 1 or not all(isinstance(size, SteppedSize) for size in sizes):
        raise UsageError(asked, found="sides with different size rules", do="give all space axes one step, or one size")
    return steps.pop()


def check_output(module: nn.Module, given: TensorSpec, result: TensorSpec, size: Sequence[int], *, asked: str) -> None:
    """Raise when the module does not give the tensor that is described."""
    channels, wanted = len(channel_names_of(given)), len(channel_names_of(result))
    try:
        with torch.inference_mode():
            found = module(torch.zeros(1, channels, *size))
    # The user's own code may raise anything on an input that it does not take.
    except Exception as error:
        raise ModelError(
            asked,
            found=f"the network fails on zeros of shape {(1, channels, *size)}: {' '.join(str(error).split())[:300]}",
            do="correct channels, step or size in the template, or the architecture",
        ) from error
    if not isinstance(found, torch.Tensor):
        raise ModelError(
            asked,
            found=f"the network gives {type(found).__name__}, not one tensor",
            do="export a module whose forward returns one tensor",
        )
    if tuple(found.shape) != (1, wanted, *size):
        raise ModelError(
            asked,
            found=f"the network gives shape {tuple(found.shape)} for an input of {(1, channels, *size)}, but "
            f"{(1, wanted, *size)} is described",
            do=f"describe the channels that it has (now: {', '.join(channel_names_of(result))}); outputs must "
            "have the size of the input",
        )


def sides_to_compare(tensor: TensorSpec, onnx: OnnxFile, ours: Network | None) -> list[list[int]]:
    """List the lengths to compare: one to three steps, or the shortest that is described and two more."""
    if onnx.size is not None:
        return [[length] for length in onnx.size]
    sides = []
    for axis in space_of(tensor):
        assert isinstance(axis.size, SteppedSize)
        step = axis.size.step
        least = step if ours is not None else axis.size.minimum
        sides.append([least + index * step for index in range(3)])
    return sides
