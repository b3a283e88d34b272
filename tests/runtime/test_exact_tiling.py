"""The promise of the runtime: tiles or none, the numbers are the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pybridge.runtime import Gather, open_predictor

PLANES = ["plain", "deep", "unet", "folded", "two channels", "half", "shorter", "two outputs"]


def predicted(predictor, pixels, axes, **options):
    """Predict and give the whole arrays, one for each output."""
    letters = [letter for letter in "TZYX" if letter in axes]
    sink = Gather(
        [pixels.shape[axes.index(letter)] for letter in letters],
        scales=[
            [output.scale[predictor.layout.grid.index(letter)] for letter in letters]
            for output in predictor.layout.outputs
        ],
    )
    predictor.predict(pixels, axes, sink=sink, **options)
    return sink.arrays


def assert_same(ones, others):
    for one, other in zip(ones, others, strict=True):
        assert np.all(np.abs(one - other) <= 1e-4 * np.maximum(1, np.abs(other)))


@given(st.sampled_from(PLANES), st.integers(1, 150), st.integers(1, 150), st.integers(1, 90), st.randoms())
@settings(max_examples=60, deadline=None)
def test_a_tiled_plane_equals_the_untiled_plane(built, name, height, width, tile, random):
    predictor = open_predictor(built(name), device="cpu")
    channels = predictor.model.channels
    pixels = np.random.default_rng(random.randrange(2**32)).normal(size=(channels, height, width)).astype(np.float32)
    order = random.sample(range(3), 3)
    axes = "".join("CYX"[index] for index in order)
    tiled = predicted(predictor, pixels.transpose(order), axes, tile=tile)
    assert_same(tiled, predicted(predictor, pixels, "CYX", tile="none"))


@given(
    st.sampled_from(["volume", "volume unet"]), st.tuples(*[st.integers(1, 40)] * 3), st.integers(1, 30), st.randoms()
)
@settings(max_examples=25, deadline=None)
def test_a_tiled_volume_equals_the_untiled_volume(built, name, shape, tile, random):
    predictor = open_predictor(built(name), device="cpu")
    pixels = np.random.default_rng(random.randrange(2**32)).normal(size=shape).astype(np.float32)
    order = random.sample(range(3), 3)
    axes = "".join("ZYX"[index] for index in order)
    tiled = predicted(predictor, pixels.transpose(order), axes, tile=tile)
    assert_same(tiled, predicted(predictor, pixels, "ZYX", tile="none"))


@given(st.integers(1, 200), st.integers(1, 200), st.randoms())
@settings(max_examples=15, deadline=None)
def test_a_network_of_one_size_gives_what_an_open_one_gives_untiled(built, height, width, random):
    fixed, free = open_predictor(built("fixed"), device="cpu"), open_predictor(built("unet"), device="cpu")
    pixels = np.random.default_rng(random.randrange(2**32)).normal(size=(height, width)).astype(np.float32)
    # The open network runs on the same canvas: the image reflected to a size that the fixed one can cover.
    canvas = [rule.canvas(length) for rule, length in zip(fixed.layout.rules, pixels.shape, strict=True)]
    padded = np.pad(pixels, [(0, big - small) for big, small in zip(canvas, pixels.shape, strict=True)], mode="reflect")
    (one,), (other,) = predicted(fixed, pixels, "YX"), predicted(free, padded, "YX", tile="none")
    assert_same([one], [other[:, :height, :width]])


def test_tiles_are_really_tiles(built):
    predictor = open_predictor(built("unet"), device="cpu")
    regions = []

    class Notes:
        def write(self, outputs, region):
            regions.append(region)
            assert outputs[0].shape == (3, *(part.stop - part.start for part in region))

    predictor.predict(np.zeros((200, 300), np.float32), "YX", tile=64, sink=Notes())
    assert len(regions) > 20
    assert sum((y.stop - y.start) * (x.stop - x.start) for y, x in regions) == 200 * 300


def test_normalisation_does_not_depend_on_tiles(tmp_path):
    from pybridge import zoo
    from tests.builders.folders import write_model
    from tests.builders.networks import copy

    steps = [{"id": "scale_range", "kwargs": {"axes": ["y", "x"], "min_percentile": 1, "max_percentile": 99.8}}]
    predictor = open_predictor(zoo.find(write_model(tmp_path / "m", copy(), preprocessing=steps)), device="cpu")
    pixels = np.random.default_rng(0).integers(0, 3000, (70, 110)).astype(np.uint16)
    low, high = np.percentile(pixels, [1, 99.8])
    (tiled,) = predicted(predictor, pixels, "YX", tile=16)
    assert tiled[0] == pytest.approx((pixels - low) / (high - low + 1e-6), abs=1e-6)


def test_a_network_that_sees_the_whole_image_is_noticed_and_warned_of(tmp_path):
    from pybridge import zoo
    from tests.builders.folders import write_model
    from tests.builders.networks import whole_image

    predictor = open_predictor(zoo.find(write_model(tmp_path / "m", whole_image())), device="cpu")
    pixels = np.random.default_rng(0).normal(size=(300, 300)).astype(np.float32)
    predicted(predictor, pixels, "YX", tile="none")
    assert predictor.warnings == ()
    predicted(predictor, pixels, "YX", tile=200)
    assert any("looks further than a tile" in warning for warning in predictor.warnings)
