"""The only room that knows Java: it starts or joins ImageJ, turns images both ways and serves ``PyBridge …`` calls.

May import every room but the shell's; jpype, scyjava and imagej are imported inside functions only, so that
``import pybridge.imagej`` starts nothing.
"""

from __future__ import annotations

from pybridge.imagej.gateway import Gateway
from pybridge.imagej.launch import attach, start

__all__ = ["Gateway", "attach", "start"]
