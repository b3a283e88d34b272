"""The process ends by itself when Python does, with the code that it should."""

from __future__ import annotations

import time

import pytest

from pybridge.imagej import Gateway
from tests.builders.ending import ENDS_AT_THE_WORST_MOMENT
from tests.builders.processes import python

pytestmark = pytest.mark.jvm


def test_the_process_ends_after_a_filter_that_leaves_threads(gateway: Gateway) -> None:
    started = time.monotonic()
    done = python(
        "import pybridge.imagej as i\n"
        'i.start().run_macro(\'newImage("a", "8-bit ramp", 999, 999, 1); run("Gaussian Blur...", "sigma=2");\')\n'
        "print('done')"
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    assert time.monotonic() - started < 45  # ImageJ's idle threads would keep it for ever


def test_a_java_that_cannot_end_does_not_abort_the_process(gateway: Gateway) -> None:
    done = python(
        ENDS_AT_THE_WORST_MOMENT.format(then='imagej.start()\nfor_ever = java_class("java.util.Timer")()'),
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "leaves\n", "")
