"""ImageJ's macro recorder: a line for each command of ours, in our spelling."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pybridge.imagej.jvm import JavaObject, java_class


@contextlib.contextmanager
def recorder_paused() -> Iterator[None]:
    """Keep the recorder from writing what happens inside the block, such as a dialog's own spelling."""
    field = _switch()
    recording = bool(field.getBoolean(None))
    field.setBoolean(None, False)
    try:
        yield
    finally:
        if recording:
            field.setBoolean(None, True)


def record_command(name: str, options: str) -> None:
    """Write ``run("name", "options");`` when the recorder is on."""
    if bool(_switch().getBoolean(None)):
        escaped = options.replace("\\", "\\\\").replace('"', '\\"')
        java_class("ij.plugin.frame.Recorder").recordString(f'run("{name}", "{escaped}");\n')


def _switch() -> JavaObject:
    # By reflection: methods of the same name hide the field.
    return java_class("ij.plugin.frame.Recorder").class_.getField("record")
