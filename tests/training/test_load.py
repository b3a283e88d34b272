"""Loading a pair: planes, channels, calibration, and everything that is refused."""

import numpy as np
import pytest
import tifffile
from roifile import ROI_TYPE, ImagejRoi
from scipy.ndimage import gaussian_filter
from skimage.transform import resize

from pybridge.core.errors import ImageError, ImageFileError
from pybridge.core.image import Calibration, Image
from pybridge.decode.label_pieces import number_ids
from pybridge.files.read import sha256_of_file
from pybridge.files.write import write_imagej_tiff
from pybridge.reporting.roi_zip import write_roi_zip
from pybridge.training.load import load_pair
from pybridge.training.pairs import Pair

SQUARES = np.kron(np.arange(1, 10).reshape(3, 3), np.pad(np.ones((7, 9), np.uint16), 2)).astype(np.uint16)


def test_a_pair_keeps_its_pixels_and_numbers_its_objects_without_gaps(write_pair):
    labels = np.where(SQUARES == 4, 0, SQUARES * 7)
    pixels = np.arange(SQUARES.size, dtype=np.uint16).reshape(SQUARES.shape)
    pair = write_pair(image=pixels, labels=labels, group="A1", split="train")
    (loaded,) = load_pair(pair)
    np.testing.assert_array_equal(loaded.pixels, pixels)
    assert (loaded.pixels.dtype, loaded.labels.dtype) == (np.uint16, np.int32)
    np.testing.assert_array_equal(
        loaded.labels, np.searchsorted([7, 14, 21, 35, 42, 49, 56, 63], labels) + 1 * (labels > 0)
    )
    assert (loaded.name, loaded.group, loaded.split, loaded.count) == ("cells", "A1", "train", 8)
    assert (loaded.sha256_image, loaded.sha256_labels) == (sha256_of_file(pair.image), sha256_of_file(pair.labels))
    assert (loaded.pixel_size, loaded.unit) == (None, "pixel")


def test_the_size_of_a_pixel_is_read_from_the_image(tmp_path):
    image = Image(SQUARES, "YX", calibration=Calibration(x=0.25, y=0.5, unit="µm"))
    write_imagej_tiff(tmp_path / "a.tif", image)
    tifffile.imwrite(tmp_path / "a_mask.tif", SQUARES)
    (loaded,) = load_pair(Pair("a", tmp_path / "a.tif", tmp_path / "a_mask.tif"))
    assert loaded.pixel_size == pytest.approx((0.5, 0.25))
    assert loaded.unit == "µm"


def test_each_plane_of_a_stack_is_an_image_of_the_same_pair(tmp_path):
    pixels = np.arange(3 * 2 * SQUARES.size, dtype=np.float32).reshape(3, 2, *SQUARES.shape)
    labels = np.stack([[SQUARES, SQUARES * 0], [SQUARES, SQUARES], [SQUARES * 0, SQUARES]])
    write_imagej_tiff(tmp_path / "a.tif", Image(pixels, "TZYX"))
    write_imagej_tiff(tmp_path / "a_mask.tif", Image(labels, "TZYX"))
    pair = Pair("a", tmp_path / "a.tif", tmp_path / "a_mask.tif")
    loaded = load_pair(pair)
    assert [image.name for image in loaded] == ["a t1 z1", "a t1 z2", "a t2 z1", "a t2 z2", "a t3 z1", "a t3 z2"]
    assert [image.count for image in loaded] == [9, 0, 9, 9, 0, 9]
    assert {image.pair for image in loaded} == {pair}
    np.testing.assert_array_equal(loaded[3].pixels, pixels[1, 1])


def test_frames_may_have_labels_saved_as_slices_but_not_fewer(tmp_path):
    write_imagej_tiff(tmp_path / "a.tif", Image(np.stack([SQUARES] * 3), "TYX"))
    tifffile.imwrite(tmp_path / "a_mask.tif", np.stack([SQUARES] * 3), photometric="minisblack")
    tifffile.imwrite(tmp_path / "b_mask.tif", np.stack([SQUARES] * 2))
    assert len(load_pair(Pair("a", tmp_path / "a.tif", tmp_path / "a_mask.tif"))) == 3
    with pytest.raises(ImageError, match=r"a\.tif.*b_mask\.tif.*3 frame\(s\) of 1 slice\(s\), the labels 1 of 2"):
        load_pair(Pair("a", tmp_path / "a.tif", tmp_path / "b_mask.tif"))


def test_several_channels_need_a_name_or_a_network_that_takes_them_all(tmp_path):
    pixels = np.stack([SQUARES, SQUARES * 2, SQUARES * 3])
    write_imagej_tiff(tmp_path / "a.tif", Image(pixels, "CYX"))
    tifffile.imwrite(tmp_path / "a_mask.tif", SQUARES)
    pair = Pair("a", tmp_path / "a.tif", tmp_path / "a_mask.tif")
    with pytest.raises(ImageError, match=r"one channel of 'a\.tif': 3 channels: 1, 2, 3.*say which one"):
        load_pair(pair)
    np.testing.assert_array_equal(load_pair(pair, channel="2")[0].pixels, pixels[1])
    np.testing.assert_array_equal(load_pair(pair, channels=3)[0].pixels, pixels)


def test_rois_are_labels_too(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", SQUARES)
    write_roi_zip(tmp_path / "a.zip", Image(SQUARES, "YX"))
    (loaded,) = load_pair(Pair("a", tmp_path / "a.tif", tmp_path / "a.zip"))
    np.testing.assert_array_equal(loaded.labels, SQUARES)
    assert loaded.sha256_labels == sha256_of_file(tmp_path / "a.zip")


def test_rois_of_a_hyperstack_with_channels_lie_on_their_planes(tmp_path):
    labels = np.stack([SQUARES, np.where(SQUARES > 0, SQUARES + 9, 0)])
    write_imagej_tiff(tmp_path / "a.tif", Image(np.stack([[plane, plane] for plane in labels]), "ZCYX"))
    write_roi_zip(tmp_path / "a.zip", Image(labels, "ZYX"), channels=2)
    first, second = load_pair(Pair("a", tmp_path / "a.tif", tmp_path / "a.zip"), channel="1")
    np.testing.assert_array_equal(first.labels, SQUARES)
    np.testing.assert_array_equal(second.labels, SQUARES)


def test_overlapping_rois_are_refused_with_the_file_named(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", SQUARES)
    ImagejRoi(roitype=ROI_TYPE.RECT, left=2, top=2, right=2, bottom=9).tofile(tmp_path / "a.roi")
    with pytest.raises(ImageError, match=r"a\.roi.*cover\(s\) no pixel"):
        load_pair(Pair("a", tmp_path / "a.tif", tmp_path / "a.roi"))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (SQUARES[:-1], r"cells\.tif' with '.*cells_mask\.tif': the image has 39 × 33 pixels, the labels 39 × 32"),
        (SQUARES.T, r"To do: transpose the labels"),
        (SQUARES / np.float32(2), r"cells_mask\.tif' as labels: values from 0\.0 to 4\.5, not all of them whole"),
        (SQUARES.astype(np.int16) - 1, r"cells_mask\.tif' as labels: values from -1 to 8"),
        (np.where(SQUARES == 3, np.nan, SQUARES).astype(np.float32), r"mask\.tif' as labels: 63 pixels that are NaN"),
        (np.stack([SQUARES % 3 * 90, SQUARES * 9, SQUARES], -1).astype(np.uint8), r"an RGB image: colours are not ids"),
    ],
)
def test_what_is_no_label_image_is_refused(write_pair, labels, message):
    with pytest.raises(ImageError, match=message):
        load_pair(write_pair(image=SQUARES, labels=labels))


def test_a_grey_mask_saved_as_rgb_is_taken(write_pair):
    (loaded,) = load_pair(write_pair(image=SQUARES, labels=np.stack([SQUARES.astype(np.uint8)] * 3, -1), suffix=".png"))
    np.testing.assert_array_equal(loaded.labels, SQUARES)


def test_a_jpeg_holds_no_labels(write_pair):
    with pytest.raises(ImageError, match=r"cells_mask\.jpg' as labels: a JPEG file"):
        load_pair(write_pair(image=SQUARES, labels=SQUARES.astype(np.uint8), suffix=".jpg"))


def blob_labels(*, values):
    """Round objects of all sizes, some touching, with these values."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[:120, :150]
    labels = np.zeros((120, 150), np.uint16)
    for value in values:
        labels[np.hypot(y - random.uniform(8, 112), (x - random.uniform(8, 142)) / 1.3) < random.uniform(3, 9)] = value
    return labels


@pytest.mark.parametrize(
    "spoil",
    [
        lambda mask: resize(mask, (180, 225), order=1, preserve_range=True),
        lambda mask: gaussian_filter(mask.astype(float), 0.8),
        lambda mask: resize(mask, (60, 75), order=1, anti_aliasing=True, preserve_range=True),
    ],
    ids=["enlarged", "smoothed", "shrunk"],
)
@pytest.mark.parametrize("values", [[255] * 30, list(range(5, 245, 8))], ids=["mask", "labels"])
def test_interpolated_labels_are_refused(write_pair, spoil, values):
    spoiled = np.rint(spoil(blob_labels(values=values))).astype(np.uint8)
    with pytest.raises(ImageError, match=r"cells_mask\.tif' as labels: .* of its .* values .*seams"):
        load_pair(write_pair(image=spoiled, labels=spoiled))


@pytest.mark.parametrize("step", [3, 6_000_000])
def test_ids_of_any_size_are_numbered(step):
    stored = SQUARES.astype(np.int32) * step
    ids, number = number_ids(stored)
    np.testing.assert_array_equal(ids[number], stored)
    assert number.max() == 9
    whole, no_background = number_ids(np.full((5, 7), step, np.int32))
    assert whole.tolist() == [0, step]
    assert no_background.min() == 1


def test_classes_and_ids_that_repeat_are_refused(write_pair):
    labels = np.kron(np.arange(1, 91).reshape(9, 10), np.pad(np.ones((7, 9), int), 2))
    again = np.append(0, np.random.default_rng(0).integers(1, 10, 90))[labels]
    for spoiled, message in ((np.where(labels > 0, 2, 1), "classes of pixels"), (again, "so it is in classes")):
        with pytest.raises(ImageError, match=rf"cells_mask\.tif' as labels: .*{message}"):
            load_pair(write_pair(image=spoiled, labels=spoiled.astype(np.uint8)))


def test_a_background_that_is_not_0_is_a_warning_of_the_image(write_pair):
    (loaded,) = load_pair(write_pair(image=SQUARES, labels=SQUARES + 1))
    (warning,) = loaded.warnings
    assert warning.startswith("cells_mask.tif: the value 1 covers most of it")


def test_an_image_with_nan_is_refused(write_pair):
    pixels = SQUARES.astype(np.float32)
    pixels[3, 5] = np.nan
    with pytest.raises(ImageError, match=r"train on '.*cells\.tif': 1 pixels that are NaN"):
        load_pair(write_pair(image=pixels, labels=SQUARES))


def test_a_missing_file_is_named(tmp_path, write_pair):
    pair = write_pair()
    pair.labels.unlink()
    with pytest.raises(ImageFileError, match=r"cells_mask\.tif': no such file"):
        load_pair(pair)
