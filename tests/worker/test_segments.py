"""The shared-memory files: private, reserved, gone."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybridge.core.errors import OutputError
from pybridge.worker import segments
from pybridge.worker.segments import LEAST_BYTES, MIB, MOST_BYTES, Segment, make_segment, portion_bytes

posix = pytest.mark.skipif(os.name != "posix", reason="files of this kind are POSIX")


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYBRIDGE_SHARED_MEMORY", str(tmp_path))
    return tmp_path


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 36))
def test_a_portion_leaves_half_of_what_is_free(total: int, free: int) -> None:
    size = portion_bytes(total, free=free)
    assert size <= free // 2
    assert size == 0 or LEAST_BYTES <= size <= MOST_BYTES
    assert size % 4096 == 0
    if size and free >= 4 * MOST_BYTES:
        assert size >= min(total, MOST_BYTES)


@posix
def test_a_segment_is_this_users_alone_and_its_pages_are_there(folder: Path) -> None:
    segment = make_segment(2 * MIB)
    found = segment.path.stat()
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert found.st_size == segment.size == 2 * MIB
    if hasattr(os, "posix_fallocate"):
        assert found.st_blocks * 512 >= segment.size
    segment.close()
    assert not list(folder.iterdir())


@posix
def test_a_segment_works_on_without_its_name(folder: Path) -> None:
    segment = make_segment(MIB)
    with open(segment.path, "r+b", buffering=0) as other:
        segment.forget_name()
        assert not list(folder.iterdir())
        other.write(b"pixels")
        there = np.empty(6, np.uint8)
        segment.read_into(there)
        assert there.tobytes() == b"pixels"
        segment.write(np.frombuffer(b"labels", np.uint8), at=2)
        other.seek(2)
        assert other.read(6) == b"labels"
    segment.close()


def test_more_than_a_segment_holds_is_refused(folder: Path) -> None:
    segment = Segment(folder, 4096)
    with pytest.raises(ValueError, match="4097 bytes at 0 in a segment of 4096"):
        segment.write(np.zeros(4097, np.uint8))
    segment.close()


def test_a_little_room_gives_a_small_portion(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, 6 * MIB))
    segment = make_segment(100 * MIB)
    assert segment.size == 3 * MIB
    segment.close()


def test_room_that_is_promised_and_not_there_gives_a_smaller_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, "posix_fallocate"):
        pytest.skip("this system cannot reserve pages")

    def reserve(descriptor: int, offset: int, size: int) -> None:
        if size > 2 * MIB:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", reserve)
    segment = make_segment(16 * MIB)
    assert segment.size == 2 * MIB
    assert list(folder.iterdir()) == [segment.path]
    segment.close()


def test_no_room_is_an_error_that_says_where(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(0, 0, MIB))
    with pytest.raises(OutputError, match=r"too little shared memory .*1\.0 MiB free.*To do: free some there, 2 MiB"):
        make_segment(MIB)


@posix
def test_what_a_killed_worker_left_is_removed_and_nothing_else(folder: Path) -> None:
    gone = folder / "pybridge-999999999-abc"
    others = [folder / f"pybridge-{os.getpid()}-abc", folder / "pybridge-x-y", folder / "else"]
    for path in (gone, *others):
        path.write_bytes(b"")
    segments.remove_stale_segments()
    assert sorted(folder.iterdir()) == sorted(others)
