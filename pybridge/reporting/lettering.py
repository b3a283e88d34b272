"""The letters in pictures: the font that comes with matplotlib, and for letters that it lacks one of this system.

Matplotlib and Pillow inside functions.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

# Latin, Greek and Cyrillic are all in our own font: its list of letters need not be read for them.
_SURELY_OURS = 0x500
# Parts of the names of fonts with Chinese, Japanese and Korean letters, on Linux, Windows and macOS.
_WIDE_FONTS = (
    "cjk",
    "fallback",
    "wqy",
    "sourcehan",
    "unifont",
    "arialuni",
    "msyh",
    "simsun",
    "yugoth",
    "msgothic",
    "meiryo",
    "malgun",
    "pingfang",
    "hiragino",
    "applesdgothic",
    "stheiti",
)


@functools.cache
def open_font(size: int, file: Path | None = None) -> Any:
    """Open a font of that size in pixels, by default ours: that of Pillow lacks letters such as µ and Greek ones.

    Returns
    -------
    PIL.ImageFont.FreeTypeFont
    """
    from PIL import ImageFont

    found = file or _own_font()
    return ImageFont.load_default(size=size) if found is None else ImageFont.truetype(found, size)


class Lettering:
    """Writes text of one size into pictures, names of files in any script among it.

    What no font here can write stands as an escape such as ``\\u7d30``: a row of boxes would be the same for all names.

    Parameters
    ----------
    size : int
        In pixels.
    """

    def __init__(self, size: int) -> None:
        self._size = size

    def width(self, text: str) -> float:
        """Give the width of a text in pixels."""
        return float(sum(font.getlength(part) for part, font in self._parts(text)))

    def write(self, draw: Any, place: tuple[int, int], text: str, *, ink: tuple[int, int, int]) -> None:
        """Write a text; ``place`` is its upper left corner, ``draw`` an ``ImageDraw`` of Pillow."""
        left, top = place
        # Fonts of one size are not equally high: they share the line that letters stand on.
        baseline = top + open_font(self._size).getmetrics()[0]
        for part, font in self._parts(text):
            draw.text((left, baseline), part, fill=ink, font=font, anchor="ls")
            left += font.getlength(part)

    def cut(self, text: str, *, room: float) -> str:
        """Shorten a text that is wider than its place, in its middle: names of files often differ at the end alone."""
        if self.width(text) <= room:
            return text
        left, right = text[: len(text) // 2], text[len(text) // 2 :]
        while (left or right) and self.width(f"{left}…{right}") > room:
            # The end stays a little longer, since it tells more.
            left, right = (left[:-1], right) if len(left) >= len(right) else (left, right[1:])
        return f"{left}…{right}"

    def _parts(self, text: str) -> Iterator[tuple[str, Any]]:
        own = _own_font()
        chosen = [(each, own if ord(each) < _SURELY_OURS else _font_with(each)) for each in text]
        written = [(each, file) if file is not None or own is None else (escape(each), own) for each, file in chosen]
        for file, letters in groupby(written, key=lambda each: each[1]):
            yield "".join(letter for letter, _ in letters), open_font(self._size, file)


def escape(letter: str) -> str:
    """Write a letter with the letters that every font has.

    Examples
    --------
    >>> escape("細")
    '\\\\u7d30'
    """
    return letter.encode("ascii", "backslashreplace").decode()


@functools.cache
def _own_font() -> Path | None:
    # matplotlib's own way to its data imports all of it, which takes half a second.
    from importlib.util import find_spec

    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"


@functools.cache
def _font_with(letter: str) -> Path | None:
    """Choose ours, else a font of this system that has the letter; None without one."""
    own = _own_font()
    files = () if own is None else (own, *_wide_fonts())
    return next((file for file in files if ord(letter) in _letters_of(file)), None)


@functools.cache
def _wide_fonts() -> tuple[Path, ...]:
    from matplotlib.font_manager import findSystemFonts

    files = sorted(Path(file) for file in findSystemFonts())
    return tuple(file for file in files if any(part in file.name.lower().replace("-", "") for part in _WIDE_FONTS))


@functools.cache
def _letters_of(file: Path) -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(str(file)).get_charmap())
    except (OSError, RuntimeError):  # no font after all, or of a kind that cannot be read
        return frozenset()
