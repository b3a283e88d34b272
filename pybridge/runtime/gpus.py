"""NVIDIA GPUs as the driver shows them, asked through ctypes. Imports the standard library only."""

from __future__ import annotations

import ctypes
import functools
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU: its number for ``cuda:N`` and its name."""

    index: int
    name: str


@functools.cache
def list_gpus() -> tuple[Gpu, ...]:
    """List the GPUs of the CUDA driver; empty without a driver or without a GPU."""
    driver = _library("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    if driver is None or driver.cuInit(0) != 0:
        return ()
    count = ctypes.c_int()
    if driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return ()
    found = []
    for index in range(count.value):
        name = ctypes.create_string_buffer(256)
        device = ctypes.c_int()
        if driver.cuDeviceGet(ctypes.byref(device), index) == 0:
            driver.cuDeviceGetName(name, 256, device)
            found.append(Gpu(index, name.value.decode(errors="replace")))
    return tuple(found)


@functools.cache
def driver_version() -> str:
    """Give the version of the NVIDIA driver, for example ``"570.86.15"``; empty without one."""
    nvml = _library("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1")
    if nvml is None or nvml.nvmlInit_v2() != 0:
        return ""
    text = ctypes.create_string_buffer(96)
    try:
        return text.value.decode() if nvml.nvmlSystemGetDriverVersion(text, 96) == 0 else ""
    finally:
        nvml.nvmlShutdown()


def _library(name: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None
