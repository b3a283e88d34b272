"""How much memory some work takes of its own, above what this process held before. Standard library only."""

from __future__ import annotations

import ctypes
import math
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")
_FORGET_PEAK = "5"


class OwnMemory:
    """Measures how far the resident memory of this process rises above a level, without watching it meanwhile.

    The system itself keeps the highest value; Linux alone forgets an earlier one when asked. Elsewhere, and where it
    refuses, the result is NaN. What other threads take meanwhile counts as well; memory of a GPU does not.

    Examples
    --------
    >>> memory = OwnMemory()
    >>> memory.take_level()
    >>> data = b"x" * (100 << 20)
    >>> memory.look()
    >>> math.isnan(memory.mib) or 90 < memory.mib < 300
    True
    """

    mib: float = math.nan
    """The highest rise that was seen so far, in MiB."""

    def __init__(self) -> None:
        self._level = math.nan

    def take_level(self) -> None:
        """Take what the process holds now as the level, and forget all peaks before.

        Memory that was freed and that the C library kept goes back to the system first: else whoever works next would
        use it, and would look smaller than after somebody who left nothing.
        """
        _return_freed()
        self._level = _status_mib("VmRSS:") if _forget_peak() else math.nan

    def look(self) -> None:
        """Note the highest rise since the level was taken."""
        if not math.isnan(self._level):
            risen = max(0.0, _status_mib("VmHWM:") - self._level)
            self.mib = risen if math.isnan(self.mib) else max(self.mib, risen)


def _return_freed() -> None:
    if _STATUS.exists():
        # Not every C library for Linux has it.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _forget_peak() -> bool:
    try:
        _CLEAR.write_text(_FORGET_PEAK)
    except OSError:
        return False
    return True


def _status_mib(name: str) -> float:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return math.nan
