"""A Python that ends while Java still holds much of it, and Java's collector runs once more: the worst moment."""

from __future__ import annotations

ENDS_AT_THE_WORST_MOMENT = """
import atexit, sys
held = []
def last():
    # Registered before JPype's own: done after it. Python's last collection would set Java's going as well.
    if held and jpype.isJVMStarted():
        held[0].clear()
        held[1].gc()
atexit.register(last)
import jpype
from pybridge import imagej
from pybridge.imagej.jvm import java_class
{then}
things = java_class("java.util.ArrayList")()
for _ in range(20_000):
    things.add(java_class("java.lang.Thread")(jpype.JProxy("java.lang.Runnable", dict={{"run": lambda: None}})))
held[:] = things, java_class("java.lang.System")
print("leaves")
"""
"""Code for a process of its own; ``then`` starts ImageJ, and does what the test is about."""
