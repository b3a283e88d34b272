"""A pixel forest from Python and the shell, without torch: what it learns from, what it leaves, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from roifile import ROI_TYPE, ImagejRoi

import pybridge
from pybridge.baselines.scribbles import labels_to_scribbles
from pybridge.cli import main
from pybridge.core.errors import DeviceError, ImageError, ModelError, OutputExistsError, UsageError
from pybridge.core.image import Image
from pybridge.reporting.stored_record import parse_record
from pybridge.samples import simulate_nuclei
from pybridge.tasks.verify_model import verify_model
from pybridge.training import train
from pybridge.zoo import find

FOREST = "baseline:pixel-forest"
STEMS = ("a", "b é")


def stroke(points: Any, *, group: int = 0, kind: str = "FREELINE", name: str = "stroke", width: int = 0) -> ImagejRoi:
    roi = ImagejRoi.frompoints(np.asarray(points, float), name=name)
    roi.roitype = getattr(ROI_TYPE, kind)
    roi.group, roi.stroke_width = group, width
    return roi


def save_rois(file: Path, rois: list[ImagejRoi]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for number, roi in enumerate(rois):
            archive.writestr(f"{roi.name} {number}.roi", roi.tobytes())


def strokes_of(labels: np.ndarray[Any, Any]) -> list[ImagejRoi]:
    """A line of width 3 through each of five objects, and three lines where there are none."""
    found = []
    for label in np.unique(labels[labels > 0])[:5]:
        y, x = np.argwhere(labels == label).mean(axis=0)
        found.append(stroke([[x - 3, y], [x + 3, y]], group=2, width=3, name=f"i{label}"))
    free = np.argwhere(labels == 0)
    for number, (y, x) in enumerate(free[:: len(free) // 12]):
        found.append(stroke([[x, y]], group=1, kind="POINT", name=f"b{number}"))
    return found


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two images with label images, scribble images and strokes."""
    place = tmp_path_factory.mktemp("forest")
    for name in ("images", "labels", "scribbles", "strokes"):
        (place / name).mkdir()
    for seed, stem in enumerate(STEMS):
        image, truth = simulate_nuclei(shape=(110, 154), count=12, seed=seed)
        tifffile.imwrite(place / "images" / f"{stem}.tif", image.array)
        tifffile.imwrite(place / "labels" / f"{stem}_mask.tif", truth.array.astype(np.uint16))
        marks = labels_to_scribbles(truth.array, pixels=300, border=False, seed=seed)
        tifffile.imwrite(place / "scribbles" / f"{stem}.tif", marks)
        save_rois(place / "strokes" / f"{stem}.zip", strokes_of(np.asarray(truth.array)))
    return place


@pytest.fixture(scope="module")
def unseen() -> tuple[Image, Image]:
    return simulate_nuclei(shape=(120, 160), count=12, seed=9)


def ap_of(folder: Path, unseen: tuple[Image, Image]) -> float:
    result = pybridge.segment(unseen[0], model=str(folder), truth=unseen[1])
    return float(result.record.scores["pooled"]["0.50"]["ap"])


def test_a_forest_of_label_images_segments_unseen_images(
    folders: Path, unseen: tuple[Image, Image], tmp_path: Path
) -> None:
    trained = train(
        from_=FOREST, images=folders / "images", labels=folders / "labels", name="mine", seed=3, output=tmp_path
    )
    assert ap_of(trained.folder, unseen) > 0.6
    assert trained.record.marks == (500, 250, 250)
    model = find(trained.folder)
    check = verify_model(model, devices=("cpu",))
    assert check.passed, check.checks
    assert model.decoder is not None
    assert model.decoder.name == "boundary"
    stored = json.loads((trained.folder / "training-record.json").read_text())
    assert stored["schema"] == "pybridge-forest/1"
    assert stored["forest"]["seed"] == 3
    assert [file["image"] for file in stored["data"]["files"]] == ["a.tif", "b é.tif"]
    assert stored["out_of_bag"]["right"] == pytest.approx(trained.record.out_of_bag.right)
    assert 0.5 < stored["out_of_bag"]["right"] <= 1
    assert str(folders) not in json.dumps(stored)
    assert model.config.training["record"] == "training-record.json"


def test_the_run_record_names_images_and_labels(folders: Path, tmp_path: Path) -> None:
    trained = train(from_=FOREST, images=folders / "images", labels=folders / "labels", output=tmp_path)
    assert trained.folder == tmp_path / "my-pixel-forest"
    run = parse_record(json.loads((trained.folder / "run-record.json").read_text()), path=tmp_path / "r.json")
    assert (run.command, run.problems) == ("PyBridge Train", ())
    assert [used.role for used in trained.run.inputs] == ["image", "truth"] * 2
    assert trained.run.parameters["labels"] == "labels"
    assert trained.run.device is not None
    assert trained.run.device.provider == "scikit-learn, float32"
    assert run.model is not None
    assert run.model.sha256 == find(trained.folder).sha256


def test_a_report_of_the_training_takes_no_mark_for_a_score(folders: Path, tmp_path: Path) -> None:
    train(from_=FOREST, images=folders / "images", scribbles=folders / "scribbles", output=tmp_path)
    pybridge.report(tmp_path / "my-pixel-forest" / "run-record.json", output=tmp_path / "report")
    text = (tmp_path / "report" / "report.md").read_text()
    assert "Against the ground truth" not in text
    assert "train --from baseline:pixel-forest --images images --scribbles scribbles" in text
    assert "pybridge.training.train(from_='baseline:pixel-forest', images='images'" in text


def test_strokes_and_points_of_roi_archives_are_scribbles(
    folders: Path, unseen: tuple[Image, Image], tmp_path: Path
) -> None:
    trained = train(from_=FOREST, images=folders / "images", labels=folders / "strokes", name="s", output=tmp_path)
    assert ap_of(trained.folder, unseen) > 0.5
    assert find(trained.folder).decoder.name == "foreground"  # type: ignore[union-attr]
    assert trained.record.marks[1] > 60
    assert trained.record.marks[2] == 0
    other = train(from_=FOREST, images=folders / "images", scribbles=folders / "strokes", name="t", output=tmp_path)
    assert find(other.folder).sha256 == find(trained.folder).sha256


def test_scribble_images_are_not_taken_for_labels(folders: Path, tmp_path: Path) -> None:
    trained = train(from_=FOREST, images=folders / "images", scribbles=folders / "scribbles", output=tmp_path)
    assert trained.record.marks == (300, 300, 0)
    assert [used.role for used in trained.run.inputs] == ["image", "scribbles"] * 2
    with pytest.raises(
        ImageError, match=r"a_mask\.tif.*values from 0 to .*label images of objects are given as labels"
    ):
        train(from_=FOREST, images=folders / "images", scribbles=folders / "labels", name="n", output=tmp_path)


def test_scribble_images_in_the_place_of_labels_are_told(folders: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="in .* pieces: these look like scribbles.*give them as scribbles"):
        train(from_=FOREST, images=folders / "images", labels=folders / "scribbles", output=tmp_path)


def test_the_same_seed_gives_the_same_forest(folders: Path, tmp_path: Path) -> None:
    made = [
        train(from_=FOREST, images=folders / "images", labels=folders / "labels", name=name, seed=seed, output=tmp_path)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    hashes = [find(each.folder).sha256 for each in made]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_shell_grows_a_forest_and_says_what_its_accuracy_is_not(
    folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "--from", FOREST, "--images", str(folders / "images"), "--scribbles", str(folders / "scribbles")]
    assert main([*words, "--name", "mine", "-o", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"mine: {tmp_path / 'mine'}" in said
    assert "marked pixels in 2 image(s): 300 background, 300 inside\n" in said
    assert "out of bag: " in said
    assert "this is no score of objects" in said
    assert main([*words, "--name", "mine", "-o", str(tmp_path)]) == 1
    assert "there is a model folder" in capsys.readouterr().err
    before = find(tmp_path / "mine").sha256
    assert main([*words, "--name", "mine", "-o", str(tmp_path), "--overwrite", "--seed", "8"]) == 0
    assert find(tmp_path / "mine").sha256 != before
    assert (
        main(["segment", str(folders / "images" / "a.tif"), "--model", str(tmp_path / "mine"), "-o", str(tmp_path)])
        == 0
    )


def test_no_part_of_the_torch_wing_is_needed(folders: Path, tmp_path: Path) -> None:
    code = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "monai", "onnxscript"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
from pybridge.cli import main
sys.exit(main(["train", "--from", "{FOREST}", "--images", {str(folders / "images")!r}, "--scribbles",
    {str(folders / "strokes")!r}, "--name", "mine", "-o", {str(tmp_path)!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine" / "model.onnx").is_file()


def test_the_readme_tells_of_the_marks(folders: Path, tmp_path: Path) -> None:
    trained = train(from_=FOREST, images=folders / "images", scribbles=folders / "scribbles", output=tmp_path)
    text = (trained.folder / "README.md").read_text()
    assert "Marked pixels of 2 image(s): 300 of background, 300 of inside." in text
    assert "Out of bag: " in text
    assert "this is no score of objects" in text
    assert "How well it finds objects is not known" in text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"steps": 100}, "steps: for networks; a forest grows in one go"),
        ({"freeze_encoder": True, "resume": True}, "freeze_encoder, resume: for networks"),
        ({"index": "t.csv", "group_column": "field"}, "index, group_column: for networks"),
        ({"split_column": "side"}, "split_column"),
    ],
)
def test_what_means_nothing_to_a_forest_is_refused(
    folders: Path, tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        train(from_=FOREST, images=folders / "images", labels=folders / "labels", output=tmp_path, **given)
    assert not list(tmp_path.iterdir())


def test_a_configuration_is_for_networks(folders: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="config: for networks"):
        train(tmp_path / "train.yaml", from_=FOREST)


def test_cuda_is_refused(folders: Path, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="classical methods run on the CPU alone"):
        train(from_=FOREST, images=folders / "images", labels=folders / "labels", device="cuda", output=tmp_path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "no images, neither labels nor scribbles"),
        ({"images": "images"}, "neither labels nor scribbles"),
        ({"images": "images", "labels": "labels", "scribbles": "scribbles"}, "labels and scribbles"),
        ({"labels": "labels"}, "no images"),
    ],
)
def test_images_and_one_kind_of_marks_are_needed(folders: Path, given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        train(from_=FOREST, **{key: folders / value for key, value in given.items()}, output=folders)


def test_other_ways_to_a_wrong_start_are_told_apart(folders: Path, tmp_path: Path) -> None:
    both = {"images": folders / "images", "labels": folders / "labels"}
    with pytest.raises(UsageError, match="nothing in it that is learnt.*baseline:pixel-forest"):
        train(from_="baseline:otsu-watershed", **both)
    with pytest.raises(ModelError, match="a random forest, which cannot be tuned.*from=baseline:pixel-forest"):
        train(from_="pixel-forest", **both)
    with pytest.raises(UsageError, match="a network learns from whole objects"):
        train(from_="nuclei-fluo", images=folders / "images", scribbles=folders / "scribbles")


def test_the_name_of_a_shipped_model_is_refused(folders: Path) -> None:
    with pytest.raises(OutputExistsError, match="comes with PyBridge and would be found in its place"):
        train(from_=FOREST, images=folders / "images", labels=folders / "labels", name="pixel-forest")


@pytest.mark.parametrize("start", [FOREST, "nuclei-fluo"])
def test_a_name_leads_out_of_no_folder(folders: Path, tmp_path: Path, start: str) -> None:
    both = {"images": folders / "images", "labels": folders / "labels"}
    with pytest.raises(UsageError, match=r"of the name '\.\./escaped': a name that is no model's id"):
        train(from_=start, **both, name="../escaped", output=tmp_path / "out")
    assert not list(tmp_path.iterdir())


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


def test_scribbles_of_another_size_are_refused(folders: Path, tmp_path: Path) -> None:
    for stem in STEMS:
        tifffile.imwrite(tmp_path / f"{stem}.tif", np.ones((154, 110), np.uint8))
    with pytest.raises(ImageError, match=r"110 × 154 pixels, and its image has .* 154 × 110 pixels"):
        train(from_=FOREST, images=folders / "images", scribbles=tmp_path, output=tmp_path / "out")


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
