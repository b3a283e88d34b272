"""Shared memory for pixels: private files that both processes read and write in portions.

On Linux they lie in ``/dev/shm``, elsewhere in the folder for temporary files, whose pages stay in memory as well.
They are read and written, never mapped, so that a full file system is an error message and no SIGBUS in Fiji. Their
pages are reserved beforehand, they are readable by this user only, and their name is taken away as soon as both sides
have them open, so that nothing is left when a process dies.

Appose's own shared memory is not used: its Java side opens segments readable by everybody and keeps a descriptor of
each one that it was ever given.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import OutputError

log = logging.getLogger("pybridge.worker")

MIB = 1 << 20
MOST_BYTES = 32 * MIB
"""A portion: large enough that the way there and back does not count, small beside any memory."""
LEAST_BYTES = MIB
_PREFIX = "pybridge-"
_PAGE = 4096  # no number lies in two portions


def portion_bytes(total: int, *, free: int) -> int:
    """Choose the size of a segment for this many bytes; 0 when there is no room for one.

    At most half of what is free is taken, since others need shared memory too.

    Examples
    --------
    >>> portion_bytes(10, free=4 * MIB), portion_bytes(100 * MIB, free=8 * MIB) // MIB, portion_bytes(9, free=MIB)
    (1048576, 4, 0)
    """
    room = free // 2 // _PAGE * _PAGE
    whole = -(-total // _PAGE) * _PAGE
    return 0 if room < LEAST_BYTES else max(LEAST_BYTES, min(whole, MOST_BYTES, room))


class Segment:
    """One private shared-memory file.

    Parameters
    ----------
    folder : Path
        Where.
    size : int
        Bytes; they are reserved, or this raises ``OSError``.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.path = folder / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(8)}"
        self.size = size
        self._lock = threading.Lock()
        descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o600)
        self._file = open(descriptor, "r+b", buffering=0)  # noqa: SIM115 - closed by close()
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, size)
            else:
                os.truncate(descriptor, size)
        except BaseException:
            self.close()
            raise

    def forget_name(self) -> None:
        """Take the name away once the other side has the file open; it lives until both close it."""
        if os.name == "posix":
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()

    def read_into(self, target: NDArray[np.uint8]) -> None:
        """Fill an array of bytes from the beginning of the segment."""
        self._move(target, reading=True)

    def write(self, source: NDArray[np.uint8], *, at: int = 0) -> None:
        """Write an array of bytes."""
        self._move(source, reading=False, at=at)

    def _move(self, data: NDArray[np.uint8], *, reading: bool, at: int = 0) -> None:
        if at + data.size > self.size:
            raise ValueError(f"{data.size} bytes at {at} in a segment of {self.size}")
        view = memoryview(data.data)
        with self._lock:
            self._file.seek(at)
            while len(view):
                moved = self._file.readinto(view) if reading else self._file.write(view)
                if not moved:
                    raise OSError(errno.EIO, "the shared memory is shorter than it was made", str(self.path))
                view = view[moved:]

    def close(self) -> None:
        """Let go of the file and its memory."""
        self._file.close()
        with contextlib.suppress(OSError):
            self.path.unlink()


def make_segment(total: int) -> Segment:
    """Make a segment for so many bytes, or a smaller one for portions of them.

    Raises
    ------
    OutputError
        If there is room nowhere.
    """
    looked_at = []
    for folder in _folders():
        free = shutil.disk_usage(folder).free
        size = portion_bytes(total, free=free)
        while size >= LEAST_BYTES:
            try:
                return Segment(folder, size)
            except OSError as error:
                log.info("no %d bytes in %s: %s", size, folder, error)
                size = size // 2 // _PAGE * _PAGE
        looked_at.append(f"{folder}: {free / MIB:.1f} MiB free")
    raise OutputError(
        "share the pixels with ImageJ",
        found=f"too little shared memory ({'; '.join(looked_at)})",
        do=f"free some there, {2 * LEAST_BYTES // MIB} MiB are enough (or start the container with a larger /dev/shm)",
    )


def remove_stale_segments() -> None:
    """Remove the files of workers that were killed in the moment in which their segment had a name."""
    if os.name != "posix":
        return
    for folder in _folders():
        for path in folder.glob(f"{_PREFIX}*-*"):
            owner = path.name.split("-")[1]
            with contextlib.suppress(OSError):
                if owner.isdigit() and path.stat().st_uid == os.getuid() and not _is_alive(int(owner)):
                    path.unlink()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _folders() -> Iterator[Path]:
    # For machines where neither of the two is right, and for tests.
    chosen = os.environ.get("PYBRIDGE_SHARED_MEMORY")
    if chosen:
        yield Path(chosen)
        return
    memory = Path("/dev/shm")
    if sys.platform.startswith("linux") and os.access(memory, os.W_OK):
        yield memory
    yield Path(tempfile.gettempdir())
