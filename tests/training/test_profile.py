"""The training profile: what it measures, and that a model description keeps it."""

import json
from pathlib import Path

import numpy as np
import pytest

from pybridge.training.labelled_set import load_set
from pybridge.training.load import LabelledImage
from pybridge.training.pairs import Pair, find_pairs
from pybridge.training.profile import training_profile


def image(pixels, labels, *, group=None, pixel_size=None, unit="pixel", name="a"):
    pair = Pair(name, Path("a.tif"), Path("a_mask.tif"), group=group)
    return LabelledImage(name, pair, np.asarray(pixels), np.asarray(labels, np.int32), "", "", pixel_size, unit)


@pytest.fixture
def two():
    """Two images: an object of 100 pixels and one of 25, and nothing."""
    labels = np.zeros((50, 80), np.int32)
    labels[5:15, 10:20] = 1
    labels[30:35, 60:65] = 2
    pixels = np.where(labels > 0, 200, 40).astype(np.uint8)
    return [
        image(pixels, labels, group="one", pixel_size=(0.5, 0.5), unit="µm"),
        image(np.full((40, 25), 7, np.uint16), np.zeros((40, 25)), group="one"),
    ]


def test_counts_areas_and_contrast_are_those_of_the_images(two):
    profile = training_profile(two)
    assert (profile.images, profile.objects, profile.images_without_objects, profile.field_groups) == (2, 2, 1, 1)
    assert profile.object_area_px.values[3] == 62.5
    assert profile.object_diameter_px.values[3] == pytest.approx((np.sqrt(400 / np.pi) + np.sqrt(100 / np.pi)) / 2)
    assert profile.object_density.values[3] == pytest.approx(250)  # 2 in 4000 pixels and none in 1000
    assert profile.foreground.values[3] == pytest.approx(125 / 4000 / 2)
    assert profile.contrast.values == pytest.approx((1.0,) * 7)
    assert profile.dtypes == (("uint8", 1), ("uint16", 1))
    assert profile.sizes == (("50x80", 1), ("40x25", 1))


def test_dark_objects_have_a_contrast_below_zero(two):
    dark = image(255 - two[0].pixels, two[0].labels)
    assert training_profile([dark]).contrast.values[3] == pytest.approx(-1.0)


def test_the_size_of_a_pixel_is_given_when_known(two):
    profile = training_profile(two)
    assert profile.to_config()["pixel_size"].startswith("0.5 µm (median in 1 of 2 images); objects are 6 to 11 pixels")
    assert profile.to_config()["pixel_size_um_percentiles"]["50"] == 0.5
    in_nm = image(two[0].pixels, two[0].labels, pixel_size=(200.0, 50.0), unit="nm")
    assert training_profile([in_nm]).pixel_size_um.values[3] == pytest.approx(0.1)
    unknown = training_profile(two[1:]).to_config()
    assert unknown["pixel_size"] == "not known"
    assert "pixel_size_um_percentiles" not in unknown


def test_channels_count_alike(two):
    pixels = np.stack([two[0].pixels, two[0].pixels // 2])
    profile = training_profile([image(pixels, two[0].labels)])
    assert (profile.image_low.values[3], profile.image_high.values[3]) == (30.0, 150.0)
    assert profile.contrast.values[3] == pytest.approx(1.0)


def test_a_profile_is_plain_text_numbers_and_maps(two):
    content = training_profile(two).to_config()
    assert json.loads(json.dumps(content)) == content


def test_the_profile_of_the_shared_nuclei(shared_data):
    folder = shared_data / "nuclei" / "train"
    pairs = find_pairs([folder / "images"], folder / "masks", index=folder / "index.csv", group_column="field_group")
    found = training_profile(load_set(pairs).images).to_config()
    assert (found["images"], found["objects"], found["field_groups"]) == (433, 18_900, 150)
    # As the first nuclei-fluo was described; the keys are public.
    assert list(found["object_area_px_percentiles"].values())[:6] == [21, 41, 121, 338, 608.25, 1944]
    assert found["image_low_percentiles"]["50"] == 4
    assert found["image_median_percentiles"]["50"] == 6
    assert found["image_high_percentiles"]["50"] == 93
    assert found["pixel_size"] == "not known; objects are 5 to 59 pixels across"
    assert found["sizes"]["256x256"] == 268
