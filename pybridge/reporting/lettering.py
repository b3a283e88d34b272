"""The letters in pictures: one font for all, which comes with matplotlib. Matplotlib and Pillow inside functions."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any


@functools.cache
def open_font(size: int) -> Any:
    """Open the font of that size in pixels; the one that comes with Pillow lacks letters such as µ and Greek ones.

    Returns
    -------
    PIL.ImageFont.FreeTypeFont
    """
    # matplotlib's own way to its data imports all of it, which takes half a second.
    from importlib.util import find_spec

    from PIL import ImageFont

    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return ImageFont.load_default(size=size)
    return ImageFont.truetype(Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf", size)
