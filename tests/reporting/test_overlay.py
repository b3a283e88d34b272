"""The picture for people."""

import numpy as np

from pybridge.reporting.overlay import draw_overlay, write_overlay


def test_outlines_are_coloured_and_the_rest_is_grey(tmp_path):
    labels = np.zeros((50, 70), int)
    labels[10:30, 20:50] = 3
    picture = draw_overlay(np.random.default_rng(0).normal(size=(50, 70)), labels)
    scale = picture.shape[0] // 50
    coloured = (picture.max(axis=2) != picture.min(axis=2))[scale // 2 :: scale, scale // 2 :: scale]
    assert picture.shape == (50 * scale, 70 * scale, 3)
    assert not coloured[labels == 0].any()
    assert (picture.max(axis=2) != picture.min(axis=2))[10 * scale, 20 * scale : 50 * scale].all()


def test_a_constant_image_draws_too(tmp_path):
    write_overlay(tmp_path / "o.png", np.zeros((5, 7)), np.zeros((5, 7), int))
    assert (tmp_path / "o.png").stat().st_size > 0
