"""Progress and cancelling."""

import threading

import pytest

from pybridge.core import progress
from pybridge.core.errors import CancelledError


def test_reports_reach_the_listener_inside_the_block_only():
    heard = []
    progress.report(0, 2, "before")
    with progress.listen(lambda *said: heard.append(said)):
        progress.report(1, 2, "tile")
    progress.report(2, 2, "after")
    assert heard == [(1, 2, "tile")]


def test_a_set_event_cancels_at_the_next_report_also_in_an_inner_block():
    stop = threading.Event()
    with progress.listen(None, cancel=stop), progress.listen(lambda *_: None):
        progress.report(1, 2, "tile")
        stop.set()
        with pytest.raises(CancelledError, match="stopped by the user"):
            progress.report(2, 2, "tile")
