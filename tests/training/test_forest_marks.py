"""What a pixel forest takes from strokes: their pixels, planes, channels and classes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from roifile import ROI_TYPE, ImagejRoi

from pybridge.baselines.scribbles import labels_to_scribbles
from pybridge.core.errors import ImageError, UsageError
from pybridge.samples import simulate_nuclei
from pybridge.training import train
from pybridge.zoo import find
from tests.builders.strokes import save_rois, stroke

FOREST = "baseline:pixel-forest"


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """Folders for one image and its strokes, and the image."""
    for name in ("images", "strokes", "out"):
        (tmp_path / name).mkdir()
    image, _ = simulate_nuclei(shape=(110, 154), count=12)
    tifffile.imwrite(tmp_path / "images" / "a.tif", image.array)
    return tmp_path


ENOUGH = [stroke([[5, 5], [5, 60]], group=1), stroke([[50, 5], [50, 60]], group=2)]


@pytest.mark.parametrize(
    ("rois", "error", "message"),
    [
        (
            [stroke([[5, 5], [5, 60]])],
            ImageError,
            r"a\.zip.*'stroke 0' is in group 0 and its name begins with no class",
        ),
        (ENOUGH[:1], UsageError, "background 56, inside 0, border 0.*at least 10 pixels of background"),
        ([ENOUGH[0], stroke([[50, 5], [50, 9]], group=2)], UsageError, "inside 5"),
        ([*ENOUGH, stroke([[70, 5], [70, 9]], group=3)], UsageError, "border 5"),
        ([*ENOUGH, stroke([[500, 5], [500, 9]], group=2, name="far")], ImageError, "'far 2' cover.*154 × 110 image"),
        ([*ENOUGH, stroke([[1, 1], [5, 9], [8, 2]], group=2, kind="ANGLE")], ImageError, "angle covers no area"),
        ([*ENOUGH, ImagejRoi(roitype=ROI_TYPE.LINE, x1=np.nan, group=2)], ImageError, "its coordinates are no numbers"),
    ],
)
def test_strokes_that_teach_nothing_are_refused(
    pair: Path, rois: list[ImagejRoi], error: type[Exception], message: str
) -> None:
    save_rois(pair / "strokes" / "a.zip", rois)
    with pytest.raises(error, match=message):
        train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out")
    assert not list((pair / "out").iterdir())


def test_strokes_of_two_classes_that_cross_are_told(pair: Path) -> None:
    save_rois(pair / "strokes" / "a.zip", [*ENOUGH, stroke([[3, 30], [60, 30]], group=2)])
    trained = train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out")
    assert trained.warnings == ("a: 1 pixel(s) lie under marks of two classes; the later ROI counts",)
    assert trained.record.marks[0] == 55


def test_of_several_channels_one_is_named(pair: Path) -> None:
    image, _ = simulate_nuclei(shape=(110, 154), count=12)
    stack = np.stack([np.zeros_like(image.array), np.asarray(image.array)])
    tifffile.imwrite(pair / "images" / "a.tif", stack, imagej=True, metadata={"axes": "CYX"})
    save_rois(pair / "strokes" / "a.zip", ENOUGH)
    with pytest.raises(ImageError, match="2 channels.*say which one with channel=1"):
        train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out")
    trained = train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out", channel="2")
    assert find(trained.folder).config.channel == "2"


def test_strokes_of_a_stack_lie_on_their_planes(pair: Path) -> None:
    stack = np.stack([np.asarray(simulate_nuclei(shape=(70, 90), count=5, seed=seed)[0].array) for seed in range(3)])
    tifffile.imwrite(pair / "images" / "a.tif", stack, imagej=True, metadata={"axes": "ZYX"})
    rois = [stroke([[5, 5], [5, 60]], group=1), stroke([[50, 5], [50, 60]], group=2)]
    for position, roi in enumerate(rois, 2):
        roi.position = position
    save_rois(pair / "strokes" / "a.zip", rois)
    trained = train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out")
    assert trained.record.images[0].pixels.counts == (56, 56, 0)
    rois[0].position = 7
    save_rois(pair / "strokes" / "a.zip", rois)
    with pytest.raises(ImageError, match="lies on frame 3, and the image has 1 frames"):
        train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out", overwrite=True)


@pytest.mark.parametrize(("frames", "slices"), [(2, 3), (3, 2), (1, 3), (3, 1)])
def test_frames_are_taken_for_slices_only_where_there_is_one_of_either(pair: Path, frames: int, slices: int) -> None:
    image, truth = simulate_nuclei(shape=(70, 90), count=5)
    marks = labels_to_scribbles(truth.array, pixels=60, border=False)
    shape = (frames, slices, 70, 90)
    for folder, plane, sizes in (("images", image.array, shape), ("strokes", marks, (slices, frames, 70, 90))):
        stack = np.ascontiguousarray(np.broadcast_to(plane, sizes))
        tifffile.imwrite(pair / folder / "a.tif", stack, imagej=True, metadata={"axes": "TZYX"})
    given = {"from_": FOREST, "images": pair / "images", "scribbles": pair / "strokes", "output": pair / "out"}
    if 1 in shape:
        assert train(**given).record.marks == (90, 90, 0)
    else:
        with pytest.raises(ImageError, match=rf"{slices} frame\(s\) of {frames} slice.*image has {frames} frame"):
            train(**given)


def test_planes_of_one_file_are_one_image(pair: Path) -> None:
    made = [simulate_nuclei(shape=(70, 90), count=5, seed=seed) for seed in range(3)]
    stack, labels = (np.stack([np.asarray(each[kind].array, np.uint16) for each in made]) for kind in (0, 1))
    tifffile.imwrite(pair / "images" / "a.tif", stack, imagej=True, metadata={"axes": "ZYX"})
    tifffile.imwrite(pair / "strokes" / "a.tif", labels, imagej=True, metadata={"axes": "ZYX"})
    trained = train(from_=FOREST, images=pair / "images", labels=pair / "strokes", name="s", output=pair / "out")
    assert len(trained.record.images) == 3
    assert find(trained.folder).config.training["images"] == 1
    assert "marked pixels in 1 image(s)" in trained.summary()[1]


def test_images_without_marks_are_not_counted(pair: Path) -> None:
    for stem in "ab":
        tifffile.imwrite(pair / "images" / f"{stem}.tif", simulate_nuclei(shape=(70, 90), count=5)[0].array)
    save_rois(pair / "strokes" / "a.zip", ENOUGH)
    tifffile.imwrite(pair / "strokes" / "b.tif", np.zeros((70, 90), np.uint8))
    trained = train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out")
    assert len(trained.record.images) == 2
    assert find(trained.folder).config.training["images"] == 1
    assert "marked pixels in 1 image(s)" in trained.summary()[1]


def test_a_training_begins_before_its_images_are_read(pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pybridge.training import forest

    happened: list[str] = []
    read = forest.images_of_files
    monkeypatch.setattr(forest, "now", lambda: happened.append("begun") or "2026-01-01T00:00:00+00:00")
    monkeypatch.setattr(forest, "images_of_files", lambda *a, **k: happened.append("read") or read(*a, **k))
    save_rois(pair / "strokes" / "a.zip", ENOUGH)
    trained = train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out")
    assert happened == ["begun", "read"]
    assert trained.run.started == "2026-01-01T00:00:00+00:00"


def test_an_image_with_nan_is_refused(pair: Path) -> None:
    image = np.zeros((110, 154), np.float32)
    image[3, 4] = np.nan
    tifffile.imwrite(pair / "images" / "a.tif", image)
    save_rois(pair / "strokes" / "a.zip", ENOUGH)
    with pytest.raises(ImageError, match="1 pixels that are NaN or infinite"):
        train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out")


def test_of_very_many_marks_a_share_is_drawn(pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pybridge.training import forest, forest_images

    for module in (forest, forest_images):
        monkeypatch.setattr(module, "MOST_MARKS", 300)
    areas = [
        stroke([[5, 5], [45, 5], [45, 45], [5, 45]], group=1, kind="POLYGON"),
        stroke([[60, 5], [80, 5], [80, 45], [60, 45]], group=2, kind="POLYGON"),
    ]
    save_rois(pair / "strokes" / "a.zip", areas)
    trained = train(from_=FOREST, images=pair / "images", scribbles=pair / "strokes", output=pair / "out")
    assert trained.record.marks == (1600, 800, 0)
    assert trained.record.used == (200, 100, 0)
    assert "(300 of them drawn)" in trained.summary()[1]
