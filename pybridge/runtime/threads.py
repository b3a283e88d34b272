"""How many threads a network may use: the cores that this process really has. Imports the standard library only."""

from __future__ import annotations

import math
import os
import platform
from pathlib import Path


def usable_threads() -> int:
    """Count the cores that this process may use: its affinity, and the CPU quota of its container.

    Examples
    --------
    >>> usable_threads() >= 1
    True
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_quota()
    return max(1, affinity if quota is None else min(affinity, math.ceil(quota)))


def _cgroup_quota() -> float | None:
    """Read how many cores' worth of time the control group grants; None without a limit."""
    for quota_file, period_file in (
        ("/sys/fs/cgroup/cpu.max", None),
        ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
    ):
        try:
            numbers = Path(quota_file).read_text().split()
            if period_file is not None:
                numbers += Path(period_file).read_text().split()
        except OSError:
            continue
        if len(numbers) == 2 and numbers[0] != "max" and int(numbers[0]) > 0:
            return int(numbers[0]) / int(numbers[1])
    return None


def cpu_name() -> str:
    """Give the processor's name, for the run record."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
