"""Pictures of a report: arrays to PNG, scale bars, colour bars, strips of pictures. Pillow inside functions."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.reporting.lettering import open_font

RGB = NDArray[np.uint8]
_GAP_PX = 6
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a report.

    Parameters
    ----------
    title : str
        Short heading.
    caption : str
        What a reader must know to read it.
    alt : str
        What it shows, for those who do not see it.
    png : bytes
        The file.
    width, height : int
        In pixels.
    """

    title: str
    caption: str
    alt: str
    png: bytes
    width: int
    height: int

    @property
    def data_uri(self) -> str:
        """The picture as an address that holds it, so that the page needs no other file."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode()


def make_picture(pixels: RGB, *, title: str, caption: str, alt: str) -> Picture:
    """Turn RGB pixels into a picture.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (Y, X, 3)
        The picture.
    title, caption, alt
        As in ``Picture``.
    """
    from PIL import Image as Pillow

    stream = io.BytesIO()
    Pillow.fromarray(pixels).save(stream, format="PNG", optimize=False)
    return Picture(title, caption, alt, stream.getvalue(), pixels.shape[1], pixels.shape[0])


def read_png(path: Path, *, title: str, caption: str, alt: str) -> Picture | None:
    """Take a PNG file as it is; None when it is none."""
    from PIL import Image as Pillow

    try:
        content = path.read_bytes()
        with Pillow.open(io.BytesIO(content), formats=["PNG"]) as picture:
            picture.verify()
            width, height = picture.size
    except (OSError, ValueError, SyntaxError):
        return None
    return Picture(title, caption, alt, content, width, height)


def fit(pixels: NDArray[Any], longest_px: int) -> tuple[NDArray[Any], float]:
    """Shrink a picture by whole steps, or enlarge it up to threefold, so that its longest side fits.

    Returns
    -------
    pixels : ndarray
        The picture.
    scale : float
        Pixels of the picture for each pixel of the image.
    """
    longest = max(pixels.shape[:2])
    if longest > longest_px:
        step = math.ceil(longest / longest_px)
        return pixels[::step, ::step], 1 / step
    times = max(1, min(3, longest_px // longest))
    return pixels.repeat(times, 0).repeat(times, 1), float(times)


def add_scale_bar(pixels: RGB, *, pixel_size: float, unit: str, scale: float) -> tuple[RGB, str]:
    """Draw a scale bar into the lower right corner: white with a black rim, so that it is seen on any ground.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (Y, X, 3)
        The picture.
    pixel_size : float
        Size of a pixel of the image.
    unit : str
        Its unit; ``pixel`` for an image that is not calibrated.
    scale : float
        Pixels of the picture for each pixel of the image.

    Returns
    -------
    pixels : ndarray
        The picture with the bar.
    length : str
        Its length, for the caption.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw

    per_unit = scale / pixel_size
    length = _round_length(0.25 * pixels.shape[1] / per_unit)
    text = f"{length:g} {'pixels' if unit == 'pixel' else unit}"
    width, thick = max(2, round(length * per_unit)), max(3, pixels.shape[0] // 120)
    picture = Pillow.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    right, bottom = pixels.shape[1] - 8, pixels.shape[0] - 8
    draw.rectangle((right - width, bottom - thick, right, bottom), fill=_WHITE, outline=_BLACK)
    font = open_font(max(11, min(40, pixels.shape[1] // 30)))
    left, top, end, low = draw.textbbox((0, 0), text, font=font)
    # Over the middle of the bar, and within the picture.
    start = min(right - width / 2 - (end - left) / 2, pixels.shape[1] - (end - left) - 4)
    above = bottom - thick - (low - top) - 8
    if above > 0:
        draw.text((max(2, start), above), text, fill=_WHITE, font=font, stroke_width=2, stroke_fill=_BLACK)
    return np.asarray(picture), text


def add_colour_bar(pixels: RGB, colours: RGB, *, low: str, high: str) -> RGB:
    """Put a bar below a picture that says which colour is which value."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    font = open_font(14)
    canvas = Pillow.new("RGB", (pixels.shape[1], pixels.shape[0] + 26), _WHITE)
    canvas.paste(Pillow.fromarray(pixels), (0, 0))
    draw = ImageDraw.Draw(canvas)
    begin, end = int(font.getlength(low)) + 10, pixels.shape[1] - int(font.getlength(high)) - 10
    top = pixels.shape[0] + 5
    if end > begin + 10:
        places = np.linspace(0, len(colours) - 1, end - begin).astype(int)
        canvas.paste(Pillow.fromarray(np.repeat(colours[places][None], 16, axis=0)), (begin, top))
        draw.rectangle((begin, top, end - 1, top + 15), outline=_BLACK)
        draw.text((pixels.shape[1] - int(font.getlength(high)) - 4, top - 1), high, fill=_BLACK, font=font)
    draw.text((4, top - 1), low, fill=_BLACK, font=font)
    return np.asarray(canvas)


def side_by_side(panels: Sequence[tuple[str, RGB]]) -> RGB:
    """Put pictures in a row, each with its name above, on white."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    font, head = open_font(13), 20
    widths = [max(panel.shape[1], int(font.getlength(name)) + 4) for name, panel in panels]
    width = sum(widths) + _GAP_PX * (len(panels) - 1)
    canvas = Pillow.new("RGB", (width, head + max(panel.shape[0] for _, panel in panels)), _WHITE)
    draw, left = ImageDraw.Draw(canvas), 0
    for (name, panel), taken in zip(panels, widths, strict=True):
        draw.text((left, 2), name, fill=_BLACK, font=font)
        canvas.paste(Pillow.fromarray(np.ascontiguousarray(panel)), (left, head))
        left += taken + _GAP_PX
    return np.asarray(canvas)


def grey_to_rgb(grey: NDArray[np.uint8]) -> RGB:
    """Show a grey picture in three channels."""
    return np.repeat(grey[..., None], 3, axis=2)


def safe_colours() -> RGB:
    """Give 256 colours from dark blue to yellow that colour-blind people can order (cividis)."""
    from matplotlib import colormaps

    table: RGB = (255 * colormaps["cividis"](np.arange(256))[:, :3]).round().astype(np.uint8)
    return table


def _round_length(most: float) -> float:
    """Give the largest of 1, 2, 5 times a power of ten that is not above."""
    power = 10.0 ** math.floor(math.log10(most))
    return max(step * power for step in (1, 2, 5) if step * power <= most * (1 + 1e-9))
