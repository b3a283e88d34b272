"""Labels of objects are taken however they look; values that were mixed, classes and ids that repeat are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import find_boundaries

from pybridge.core.errors import ImageError
from pybridge.decode.label_doubts import check_objects
from pybridge.decode.label_pieces import list_pieces, number_ids

Labels = NDArray[np.int32]


def look(labels: Labels, *, refuses: bool = True) -> tuple[str, ...]:
    """Look at a plane, or a volume (Z, Y, X)."""
    frame = labels if labels.ndim == 3 else labels[None]
    return check_objects(frame[None].astype(np.int32), name="truth t.tif", asked="use 't.tif'", refuses=refuses)


def cells(*, count: int = 40, seed: int = 3, shape: tuple[int, int] = (150, 190)) -> Labels:
    """Round cells of all sizes; a later one covers part of what it meets."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    labels = np.zeros(shape, np.int32)
    for value in range(1, count + 1):
        centre = random.uniform(8, shape[0] - 8), random.uniform(8, shape[1] - 8)
        labels[np.hypot(y - centre[0], (x - centre[1]) / 1.2) < random.uniform(4, 9)] = value
    return labels


def apart(*, count: int = 48) -> Labels:
    """Squares in rows that do not touch."""
    return np.kron(np.arange(1, count + 1).reshape(6, -1), np.pad(np.ones((8, 9), np.int32), 3)).astype(np.int32)


def resized(labels: Labels, factor: float, *, order: int) -> Labels:
    shape = (1,) * (labels.ndim - 2) + (factor, factor)
    zoomed = ndimage.zoom(labels.astype(float), shape, order=order, grid_mode=True, mode="nearest")
    return np.rint(np.clip(zoomed, 0, None)).astype(np.int32)


INTERPOLATED = {
    "half": lambda labels: resized(labels, 0.5, order=1),
    "larger": lambda labels: resized(labels, 1.3, order=1),
    "double": lambda labels: resized(labels, 2, order=1),
    "cubic": lambda labels: resized(labels, 2, order=3),
    "turned": lambda labels: np.rint(ndimage.rotate(labels.astype(float), 5, reshape=False, order=1)).astype(np.int32),
    "smoothed": lambda labels: np.rint(ndimage.gaussian_filter(labels.astype(float), 0.7)).astype(np.int32),
}


@pytest.mark.parametrize("kind", INTERPOLATED)
@pytest.mark.parametrize("labels", [cells(), cells(count=9), apart()], ids=["touching", "few", "apart"])
def test_labels_that_were_interpolated_are_no_truth(labels: Labels, kind: str) -> None:
    with pytest.raises(ImageError, match=r"seams .*smoothed, resized or turned with interpolation.*'None' only"):
        look(INTERPOLATED[kind](labels))


@pytest.mark.parametrize("kind", INTERPOLATED)
def test_of_a_result_they_are_a_warning(kind: str) -> None:
    (warning,) = look(INTERPOLATED[kind](cells()), refuses=False)
    assert warning.startswith("truth t.tif may not be labels of objects: ")
    assert "seams" in warning


def test_of_two_or_three_objects_seams_are_a_warning() -> None:
    for count in (2, 3):
        row = np.kron(np.arange(1, count + 1)[None], np.pad(np.ones((12, 12), np.int32), 9)).astype(np.int32)
        assert look(row) == ()
        (warning,) = look(resized(row, 2, order=1))
        assert f"{count - 1} of its {count} values also lie in seams" in warning


def test_a_volume_that_was_resized_in_its_planes_is_no_truth() -> None:
    volume = np.stack([np.where(np.roll(cells(), z, axis=1) > 0, cells(), 0) for z in range(5)])
    assert look(volume) == ()
    with pytest.raises(ImageError, match="interpolation"):
        look(resized(volume, 1.5, order=1))


def test_an_image_of_intensities_is_called_one() -> None:
    with pytest.raises(ImageError, match="it looks like an image of intensities.*give a label image"):
        look(np.random.default_rng(0).integers(1, 4000, (90, 70)))


CLASSES = {
    "inside and border": lambda labels: np.where(find_boundaries(labels, mode="inner"), 2, labels > 0),
    "background and nuclei": lambda labels: 1 + (labels > 0),
    "nuclei and background": lambda labels: 2 - (labels > 0),
    "background, inside, border": lambda labels: 1 + np.where(find_boundaries(labels, mode="inner"), 2, labels > 0),
    "kinds of cells": lambda labels: np.where(labels > 0, labels * 7919 % 3 + 1, 0),
}


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("labels", [cells(), apart()], ids=["touching", "apart"])
def test_classes_are_no_objects(labels: Labels, kind: str) -> None:
    with pytest.raises(ImageError, match=r"classes.*give each object a number of its own.*task=classify"):
        look(CLASSES[kind](labels))


def test_numbers_that_were_given_again_and_again_name_no_objects() -> None:
    labels = cells(count=90, shape=(250, 330))
    with pytest.raises(
        ImageError, match=r"of its 16 values lie in pieces of like size far apart.*classes.*given twice"
    ):
        look(np.where(labels > 0, (labels - 1) % 16 + 1, 0))


def test_numbers_that_were_given_twice_are_a_warning() -> None:
    labels = cells(count=90, shape=(250, 330))
    (warning,) = look(np.where(labels > 0, (labels - 1) % 60 + 1, 0))
    assert "lie in pieces of like size far apart" in warning


def test_a_background_that_is_not_0_is_a_warning() -> None:
    (warning,) = look(cells() + 1)
    assert "the value 1 covers most of it and touches all its edges" in warning
    (warning,) = look(np.where(cells() > 0, 0, 255))
    assert "the value 255 covers most of it" in warning
    assert look(np.ones((5, 7), np.int32)) == ()
    tissue = cells()
    tissue[:80] = 99
    assert look(tissue) == ()  # it touches three edges


def fibres(*, count: int = 14) -> Labels:
    """Thin lines across the image, each cut by those that are drawn later."""
    random = np.random.default_rng(5)
    labels = np.zeros((150, 190), np.int32)
    y, x = np.mgrid[:150, :190]
    for value in range(1, count + 1):
        angle, place = random.uniform(0, np.pi), random.uniform(-50, 50)
        labels[np.abs((y - 75) * np.cos(angle) + (x - 95) * np.sin(angle) - place) < 1.6] = value
    return labels


def dotted() -> Labels:
    """Cells that show as dots only: many pieces of one id, near each other."""
    y, x = np.indices((150, 190))
    return np.where((y % 5 < 3) & (x % 5 < 3), np.kron(np.arange(1, 13).reshape(3, 4), np.ones((50, 48)))[:, :190], 0)


def pairs() -> Labels:
    """Cells of two nuclei side by side, each pair with one id."""
    return np.kron(np.arange(1, 25).reshape(4, 6), np.pad(np.ones((6, 2)), 3) * ([[1] * 3 + [1, 1] + [1] * 3])).repeat(
        2, axis=1
    )


TRUE = {
    "touching": cells,
    "outlines": lambda: np.where(find_boundaries(cells(), mode="inner"), cells(), 0),
    "dotted": dotted,
    "fibres": fibres,
    "with holes": lambda: np.where(np.random.default_rng(0).random((150, 190)) < 0.3, 0, cells()),
    "nested": lambda: (
        np.kron(np.arange(1, 13).reshape(3, 4), np.pad(np.ones((12, 12)), 3))
        + 20 * np.kron(np.arange(1, 13).reshape(3, 4) > 0, np.pad(np.ones((4, 4)), 7))
    ),
    "cut in two": lambda: np.where(np.arange(190) % 19 == 7, 0, cells()),
    "cut in three": lambda: np.where((np.arange(190) % 9 == 7) | (np.arange(150) % 11 == 3)[:, None], 0, cells()),
    "three objects": lambda: cells(count=3),
    "one object": lambda: cells(count=1),
    "a tiny image": lambda: np.array([[1, 0, 1], [0, 3, 3], [2, 0, 5]]),
    "single pixels": lambda: np.where((np.indices((40, 60)) % 4 == 0).all(axis=0), np.arange(2400).reshape(40, 60), 0),
    "half, nearest": lambda: resized(cells(), 0.5, order=0),
    "a quarter, nearest": lambda: resized(cells(), 0.25, order=0),
    "double, nearest": lambda: resized(cells(), 2, order=0),
    "turned, nearest": lambda: ndimage.rotate(cells(), 5, order=0),
    "a quarter turn": lambda: np.rot90(cells()),
    "a crop": lambda: cells()[37:90, 41:87],
    "numbers mixed up": lambda: np.r_[0, np.random.default_rng(1).permutation(40) * 900 + 5][cells()],
}


@pytest.mark.parametrize("kind", TRUE)
def test_true_labels_are_taken_without_a_word(kind: str) -> None:
    assert look(np.asarray(TRUE[kind]())) == ()


def test_slices_whose_ids_count_anew_and_slices_left_out_are_taken() -> None:
    slices = [number_ids(np.where(cells(seed=z) % 3 > 0, cells(seed=z), 0))[1] for z in range(6)]
    assert look(np.stack(slices)) == ()
    sparse = np.zeros((9, 150, 190), np.int32)
    sparse[::4] = cells()
    assert look(sparse) == ()


def test_frames_are_looked_at_one_by_one() -> None:
    moved = np.stack([np.roll(cells(), 30 * t, axis=1) for t in range(4)])[:, None]
    assert check_objects(moved, name="t", asked="use 't'", refuses=True) == ()
    spoiled = moved.copy()
    spoiled[0, 0] = INTERPOLATED["smoothed"](moved[0, 0])
    (warning,) = check_objects(spoiled, name="t", asked="use 't'", refuses=True)
    assert "seams" in warning


def test_pieces_join_at_corners_and_through_slices() -> None:
    volume = np.array([[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [2, 0, 0]], [[0, 0, 0], [2, 0, 2]]], np.int32)
    pieces = list_pieces(volume)
    assert pieces is not None
    assert (pieces.owner.tolist(), pieces.size.tolist()) == ([1, 2, 2], [3, 2, 1])
    assert pieces.box.tolist() == [[0, 0, 0, 1, 1, 2], [1, 1, 0, 2, 1, 0], [2, 1, 2, 2, 1, 2]]
    apart = list_pieces(volume, joins_slices=False)
    assert apart is not None
    assert apart.owner.tolist() == [1, 1, 2, 2, 2]
    assert list_pieces(np.eye(5, 7, dtype=np.int32)[None]) is None


@pytest.mark.parametrize("connectivity", [2, 3])
def test_pieces_are_those_of_another_implementation(connectivity: int) -> None:
    from skimage.measure import label

    noise = np.random.default_rng(2).integers(0, 4, (7, 31, 29) if connectivity == 3 else (1, 61, 47)).astype(np.int32)
    pieces = list_pieces(noise)
    marked, count = label(noise, connectivity=3, background=0, return_num=True)
    assert pieces is not None
    assert pieces.owner.size == count
    assert sorted(pieces.size) == sorted(np.bincount(marked.ravel())[1:])


def test_every_true_mask_at_hand_is_taken(shared_data: Path) -> None:
    folders = ["nuclei/*/masks", "multi_annotator/gold", "tracking/*/01_GT/*"]
    files = [file for folder in folders for file in sorted(shared_data.glob(f"{folder}/*.tif"))]
    assert len(files) > 600
    for file in files[::3]:
        labels = tifffile.imread(file)
        if labels.ndim == 2:
            assert look(labels) == (), file.name
    volumes = [*shared_data.glob("volume3d/*labels*.tif"), *shared_data.glob("multi_annotator/annotators/B0*.tif")]
    for file in volumes:
        assert look(tifffile.imread(file)) == (), file.name
