"""The highest memory that this process took during some work. Standard library only."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_FORGET_PEAK = "5"


class PeakMemory:
    """What was measured; ``mib`` is NaN until the block ended, and where this system does not tell."""

    mib: float = math.nan


@contextlib.contextmanager
def peak_memory() -> Iterator[PeakMemory]:
    """Measure the highest resident memory of this process inside the block.

    It is that of the whole process, with all that was loaded before. Linux alone forgets an earlier peak when asked;
    elsewhere, and where it refuses, the result is NaN.

    Examples
    --------
    >>> with peak_memory() as peak:
    ...     data = bytearray(1 << 20)
    >>> math.isnan(peak.mib) or peak.mib > 1
    True
    """
    peak = PeakMemory()
    can_forget = _forget_peak()
    try:
        yield peak
    finally:
        if can_forget:
            peak.mib = _peak_mib()


def _forget_peak() -> bool:
    try:
        _CLEAR.write_text(_FORGET_PEAK)
    except OSError:
        return False
    return True


def _peak_mib() -> float:
    for line in _STATUS.read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return math.nan
