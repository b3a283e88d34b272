"""A Python that ends while ImageJ's windows are open, and while a person is in the middle of something."""

from __future__ import annotations

import pytest

from tests.builders.ending import ENDS_AT_THE_WORST_MOMENT
from tests.builders.processes import python

pytestmark = pytest.mark.display

_AT_THE_WINDOW = """
from pybridge.samples import simulate_nuclei
from tests.gui.person import click, dialog, menu_items, wait_for
gateway = imagej.start(gui=True)
gateway.to_imageplus(simulate_nuclei(shape=(512, 512), count=12)[0]).show()
{then}
"""
_DIALOG = """
click(next(item for item in menu_items() if str(item.getLabel()) == "PyBridge Segment"))
opened = wait_for(dialog, "the dialog of PyBridge Segment")
"""
_HANG = """
latch = java_class("java.util.concurrent.CountDownLatch")(1)
hung = jpype.JProxy("java.lang.Runnable", dict={"run": latch.await_})
java_class("java.awt.EventQueue").invokeLater(hung)
"""


@pytest.mark.parametrize(
    "then",
    [
        pytest.param("", id="with an image open"),
        pytest.param(_DIALOG, id="with a dialog open"),
        pytest.param(_DIALOG + "click(opened.getButtons()[0])", id="in the middle of a command"),
        pytest.param(_HANG, id="with a plugin that hangs"),
    ],
)
def test_the_process_ends_in_order(a_display, then):
    done = python(ENDS_AT_THE_WORST_MOMENT.format(then=_AT_THE_WINDOW.format(then=then)), timeout_s=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "leaves\n", "")
