"""How an image is shown: colours, display ranges and overlay; no pixel depends on it. Imports numpy only."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ChannelDisplay:
    """How one channel is shown.

    Parameters
    ----------
    colours : ndarray of uint8, shape (256, 3)
        RGB of the look-up table.
    low, high : float
        The display range: values that get the first and the last colour.
    shown : bool
        Whether the channel is part of a composite.
    """

    colours: NDArray[np.uint8]
    low: float
    high: float
    shown: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Display:
    """How an image is shown in ImageJ.

    Parameters
    ----------
    channels : tuple of ChannelDisplay
        One for each channel, or a single one for all; empty for RGB images.
    mode : str
        ImageJ's ``composite``, ``color`` or ``grayscale``; ``plain`` for an image that is not composite.
    overlay : tuple of bytes
        The ROIs of the overlay, each as ImageJ's ``.roi`` files hold it.
    """

    channels: tuple[ChannelDisplay, ...] = ()
    mode: str = "plain"
    overlay: tuple[bytes, ...] = ()


def display_to_plain(display: Display) -> dict[str, Any]:
    """Turn a display into text and numbers only, as the attributes of an xarray may hold them.

    Examples
    --------
    >>> grey = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    >>> plain = display_to_plain(Display((ChannelDisplay(grey, 0.0, 9.5),), overlay=(b"Iout",)))
    >>> back = plain_to_display(plain)
    >>> back.channels[0].high, bool((back.channels[0].colours == grey).all()), back.overlay
    (9.5, True, (b'Iout',))
    """
    return {
        "mode": display.mode,
        "channels": [
            {"colours": _to_text(each.colours.tobytes()), "low": each.low, "high": each.high, "shown": each.shown}
            for each in display.channels
        ],
        "overlay": [_to_text(roi) for roi in display.overlay],
    }


def plain_to_display(plain: Mapping[str, Any]) -> Display:
    """Turn what ``display_to_plain`` gave into a display again."""
    channels = tuple(
        ChannelDisplay(
            np.frombuffer(base64.b64decode(each["colours"]), np.uint8).reshape(256, 3),
            float(each["low"]),
            float(each["high"]),
            bool(each["shown"]),
        )
        for each in plain["channels"]
    )
    return Display(channels, str(plain["mode"]), tuple(base64.b64decode(roi) for roi in plain["overlay"]))


def _to_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
