"""ImageJ's macro recorder, kept from writing down what a command does inside. Jython 2.7, inside Fiji."""

from __future__ import absolute_import

from contextlib import contextmanager

from ij.plugin.frame import Recorder
from java.lang import Class


@contextmanager
def recorder_paused():
    """Let the recorder write nothing inside the block; its own suspendRecording does so for scripts only."""
    # By reflection: methods of the same name hide the field.
    switch = Class.getField(Recorder, "record")
    recording = switch.getBoolean(None)
    switch.setBoolean(None, False)
    try:
        yield
    finally:
        if recording:
            switch.setBoolean(None, True)
