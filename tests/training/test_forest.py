"""A pixel forest from Python and the shell, without torch: what it learns from, what it leaves, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

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
from tests.builders.strokes import save_rois, strokes_of

FOREST = "baseline:pixel-forest"
STEMS = ("a", "b é")


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
    with pytest.raises(
        ImageError,
        match=r"a\.tif.* as labels: its 2 values lie in .* pieces.*classes of pixels.*scribbles are given as scribbles",
    ):
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


def test_scribbles_of_another_size_are_refused(folders: Path, tmp_path: Path) -> None:
    for stem in STEMS:
        tifffile.imwrite(tmp_path / f"{stem}.tif", np.ones((154, 110), np.uint8))
    with pytest.raises(ImageError, match=r"110 × 154 pixels, and its image has .* 154 × 110 pixels"):
        train(from_=FOREST, images=folders / "images", scribbles=tmp_path, output=tmp_path / "out")
