"""Where a network is trained and in which precision. Imports torch."""

from __future__ import annotations

import torch

from pybridge.core.errors import DeviceError
from pybridge.training.config import ScheduleConfig


def device_for(schedule: ScheduleConfig) -> str:
    """Say where to train; ``cuda`` is CUDA or an error.

    Raises
    ------
    DeviceError
        If CUDA was asked for and torch has none.
    """
    if schedule.device.startswith("cuda") and not torch.cuda.is_available():
        raise DeviceError(
            f"train on device={schedule.device!r}",
            found=f"torch {torch.__version__} finds no CUDA device",
            do="install a CUDA build of torch and its driver, or use device=cpu",
        )
    if schedule.device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return schedule.device


def precision_for(schedule: ScheduleConfig, device: torch.device) -> str:
    """Say how to compute: bfloat16 where the hardware has instructions for it, since it is slower elsewhere."""
    if schedule.precision != "auto":
        return schedule.precision
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    capable = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return "bfloat16" if capable else "float32"
