"""Letters in pictures: names in any script can be told apart."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from pybridge.reporting import lettering
from pybridge.reporting.lettering import Lettering, open_font


def written(text: str) -> np.ndarray:
    picture = Pillow.new("RGB", (300, 40), (255, 255, 255))
    Lettering(17).write(ImageDraw.Draw(picture), (4, 4), text, ink=(0, 0, 0))
    return np.asarray(picture)


@pytest.fixture
def fonts(monkeypatch: pytest.MonkeyPatch):
    """Say which fonts this system has beside ours."""

    def only(*files: Path) -> None:
        lettering._font_with.cache_clear()
        monkeypatch.setattr(lettering, "_wide_fonts", lambda: files)

    yield only
    lettering._font_with.cache_clear()


def test_names_that_no_font_can_write_are_told_apart(fonts) -> None:
    fonts()
    first, second = written("細胞.tif"), written("組織.tif")
    assert (first != second).any()
    np.testing.assert_array_equal(first, written(r"\u7d30\u80de.tif"))
    assert Lettering(17).width("細") == Lettering(17).width(r"\u7d30")


def test_a_font_of_the_system_writes_what_ours_lacks(fonts) -> None:
    other = lettering._own_font().with_name("STIXNonUni.ttf")
    letter = chr(min(lettering._letters_of(other) - lettering._letters_of(lettering._own_font())))
    fonts(other)
    assert Lettering(17).width(letter) == open_font(17, other).getlength(letter)
    assert (written(f"a{letter}b") != written(rf"a\u{ord(letter):04x}b")).any()


def test_letters_of_ours_are_written_as_pillow_writes_them() -> None:
    picture = Pillow.new("RGB", (300, 40), (255, 255, 255))
    ImageDraw.Draw(picture).text((4, 4), "é µ αβγ ж", fill=(0, 0, 0), font=open_font(17))
    np.testing.assert_array_equal(written("é µ αβγ ж"), np.asarray(picture))


def test_a_text_that_is_too_wide_is_cut_in_its_middle() -> None:
    letters = Lettering(13)
    short = letters.cut("image of plate 7 " + "a" * 100 + " well B03", room=200)
    assert re.fullmatch("image of pl.*….* well B03", short)
    assert 180 < letters.width(short) <= 200
    assert letters.cut("a", room=60) == "a"
    assert letters.cut("abc", room=0) == "…"


def test_names_that_are_no_text_stop_nothing() -> None:
    assert (written("\udcff.tif") != written(".tif")).any()
