"""How much memory a tile may take: what is free, on this machine and in this container. Standard library only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Enough for large tiles, little enough that an image of any size is predicted in well under 1.5 GiB.
MOST_ACTIVATIONS_BYTES = 500 << 20
_SHARE_OF_FREE = 0.4
# An image that fits into one tile saves the halos, and is not too large to have some more for it.
_MOST_UNTILED_BYTES = 1200 << 20
_UNTILED_SHARE_OF_FREE = 0.25
_NOTHING_BYTES = 64 << 20
# Networks that took more than this give it back after an image, and take it anew for the next one.
_KEPT_BYTES = 256 << 20
# What a U-Net of usual width takes when nothing was measured.
USUAL_BYTES_PER_PX = 1000.0


def tile_budget_px(bytes_per_px: float) -> int:
    """Give the most pixels that one tile may have.

    Parameters
    ----------
    bytes_per_px : float
        Memory that the network takes for each pixel of its input.

    Examples
    --------
    >>> 4096 <= tile_budget_px(1000.0) <= 600_000
    True
    """
    allowed = min(MOST_ACTIVATIONS_BYTES, _SHARE_OF_FREE * available_bytes())
    return max(4096, int(allowed / max(bytes_per_px, 1.0)))


def fits_untiled(pixels: int, bytes_per_px: float) -> bool:
    """Tell whether an item of so many pixels may run as one tile."""
    if pixels * bytes_per_px <= _NOTHING_BYTES:
        # Asking the system costs more than a small image is worth.
        return True
    return pixels * bytes_per_px <= min(_MOST_UNTILED_BYTES, _UNTILED_SHARE_OF_FREE * available_bytes())


def worth_releasing(pixels: int, bytes_per_px: float) -> bool:
    """Tell whether the memory that a tile of so many pixels took should go back to the system."""
    return pixels * bytes_per_px > _KEPT_BYTES


def available_bytes() -> int:
    """Count the bytes that can be taken without swapping or being killed; 4 GiB where nothing can be asked.

    Examples
    --------
    >>> available_bytes() > 0
    True
    """
    found = [count for count in (_system_available(), _cgroup_available()) if count is not None]
    return max(0, min(found)) if found else 4 << 30


def resident_bytes() -> int | None:
    """Count the memory of this process that is in use; None where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _system_available() -> int | None:
    if sys.platform == "win32":
        return _windows_available()
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        # macOS counts no free pages here, so half of what is built in is taken as usable.
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (ValueError, OSError):
        return None


def _cgroup_available() -> int | None:
    """What the container still grants: its limit minus its use, page cache that can be dropped not counted."""
    for limit_file, use_file, stat_file in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
        (
            "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            "/sys/fs/cgroup/memory/memory.usage_in_bytes",
            "/sys/fs/cgroup/memory/memory.stat",
        ),
    ):
        try:
            limit, used = Path(limit_file).read_text().strip(), int(Path(use_file).read_text())
            lines = Path(stat_file).read_text().splitlines()
        except (OSError, ValueError):
            continue
        if limit == "max" or int(limit) > 1 << 60:
            return None
        droppable = sum(int(line.split()[1]) for line in lines if line.split()[:1] == ["inactive_file"])
        return int(limit) - used + droppable
    return None


def _windows_available() -> int | None:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in ("total", "available", "p0", "p1", "v0", "v1", "extended")),
        )

    status = Status()
    status.length = ctypes.sizeof(Status)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the name exists on Windows only
    return int(status.available) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else None
