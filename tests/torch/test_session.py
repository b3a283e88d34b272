"""A training from settings to a model folder, by Python, shell and macro."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import ruyaml
import tifffile

import pybridge
from pybridge import zoo
from pybridge.cli import main
from pybridge.core.errors import ModelError, OutputExistsError, UsageError
from pybridge.reporting.stored_record import read_record
from pybridge.training import train
from pybridge.training.config import TrainingConfig
from tests.torch.conftest import write_nuclei


@pytest.fixture(scope="module")
def trained(tmp_path_factory, nuclei):
    """A model of ours that knows a little, for fine-tuning."""
    settings = {
        "name": "tiny",
        "data": {"images": [str(nuclei / "images")], "labels": str(nuclei / "labels"), "validation": 0.25},
        "network": {"widths": [8, 16]},
        "schedule": {"steps": 60, "batch": 4, "crop_px": 64, "validate_every": 30, "threads": 1, "seed": 1},
        "optimiser": {"learning_rate": 1e-2, "warm_up_steps": 5},
        "decoder": {"probability": [0.4, 0.5], "overlap": [0.3], "min_size": 8},
    }
    return train(TrainingConfig.model_validate(settings), output=tmp_path_factory.mktemp("models"))


def test_the_model_folder_is_whole_and_runs(trained, nuclei):
    model = zoo.find(trained.folder)
    assert main(["models", "test", str(trained.folder)]) == 0
    assert model.decoder.name == "offsets"
    files = {path.name for path in trained.folder.iterdir()}
    assert {"model.onnx", "weights.pt", "training-record.json", "train.yaml", "curves.png", "README.md"} <= files
    result = pybridge.segment(nuclei / "images" / "cells0.tif", model=str(trained.folder))
    assert len(result.objects) > 0


def test_its_record_says_what_made_it(trained, nuclei):
    record = json.loads((trained.folder / "training-record.json").read_text())
    text = json.dumps(record)
    assert record["schema"] == "pybridge-training/1"
    assert str(nuclei) not in text
    assert record["config"]["schedule"]["seed"] == 1
    assert not list(trained.folder.parent.glob("*.training"))
    run = read_record(trained.folder)
    assert (run.command, run.problems, run.id) == ("PyBridge Train", (), trained.run.id)
    assert run.model.sha256 == zoo.find(trained.folder).sha256
    assert len(run.images) == 8
    assert str(nuclei) not in run.path.read_text()


def test_a_second_model_of_that_name_is_refused(trained, tiny):
    with pytest.raises(OutputExistsError, match="there is a model folder"):
        train(TrainingConfig.model_validate(tiny), output=trained.folder.parent)


def test_an_unfinished_training_is_neither_lost_nor_taken_for_new(tiny, tmp_path, monkeypatch):
    from pybridge.training import finish as finishing

    config = TrainingConfig.model_validate(tiny)
    real = finishing.finish
    monkeypatch.setattr(finishing, "finish", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        train(config, output=tmp_path)
    monkeypatch.setattr(finishing, "finish", real)
    assert (tmp_path / "tiny.training" / "last.pt").exists()
    with pytest.raises(OutputExistsError, match="an unfinished training lies in"):
        train(config, output=tmp_path)
    assert train(config, output=tmp_path, resume=True).folder == tmp_path / "tiny"
    assert not (tmp_path / "tiny.training").exists()


def test_fine_tuning_through_the_shell_tells_before_and_after(trained, tmp_path, capsys):
    write_nuclei(tmp_path / "new", count=10, seed=50)
    words = ["train", "--from", str(trained.folder), "--images", str(tmp_path / "new" / "images"), "--labels"]
    words += [str(tmp_path / "new" / "labels"), "--name", "mine", "--steps", "8", "-o", str(tmp_path / "out"), "-q"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "before" in said
    assert "test (2 images)" in said
    assert main(["models", "test", str(tmp_path / "out" / "mine")]) == 0


def test_a_frozen_encoder_keeps_its_weights(trained, nuclei, tmp_path):
    import torch

    found = train(
        from_=trained.folder,
        images=nuclei / "images",
        labels=nuclei / "labels",
        name="frozen",
        steps=6,
        freeze_encoder=True,
        output=tmp_path,
    )
    before = torch.load(trained.folder / "weights.pt", weights_only=True)
    after = torch.load(found.folder / "weights.pt", weights_only=True)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    encoder = ("body.stem", "body.encoder", "body.down")
    assert changed
    assert not [name for name in changed if name.startswith(encoder) and "num_batches" not in name]


def test_a_model_without_torch_weights_cannot_be_fine_tuned(trained, nuclei, tmp_path):
    shutil.copytree(trained.folder, tmp_path / "bare")
    description = tmp_path / "bare" / "bioimageio.yaml"
    content = ruyaml.YAML(typ="safe").load(description.read_text())
    del content["weights"]["pytorch_state_dict"]
    content["weights"]["onnx"].pop("parent", None)
    description.write_text(json.dumps(content))
    with pytest.raises(ModelError, match="no torch weights"):
        train(from_=tmp_path / "bare", images=nuclei / "images", labels=nuclei / "labels", output=tmp_path)


def test_a_group_on_both_sides_is_refused_before_training(tiny, nuclei, tmp_path):
    index = tmp_path / "index.csv"
    rows = [f"cells{n},{'f0' if n < 4 else f'f{n}'},{'validation' if n < 2 else 'train'}" for n in range(8)]
    index.write_text("\n".join(["name,field,side", *rows]) + "\n")
    tiny["data"] |= {"index": str(index), "group_column": "field", "split_column": "side"}
    with pytest.raises(UsageError, match="f0"):
        train(TrainingConfig.model_validate(tiny), output=tmp_path)
    assert not (tmp_path / "tiny.training").exists()


def test_a_licence_that_does_not_exist_is_refused_before_training(tiny, tmp_path):
    tiny["about"] = {"license": "MINE-1.0"}
    with pytest.raises(ModelError, match="license"):
        train(TrainingConfig.model_validate(tiny), output=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_model_trained_on_painted_rois_is_used_by_the_next_line_of_the_macro(gateway, trained, tmp_path, monkeypatch):
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path / "home"))
    from pybridge.files.write import write_imagej_tiff
    from pybridge.imagej.jvm import java_class
    from pybridge.imagej.rois import labels_to_rois
    from pybridge.samples import simulate_nuclei

    image, truth = simulate_nuclei(shape=(128, 400), count=40, seed=4)
    write_imagej_tiff(tmp_path / "cells.tif", image)
    imp = java_class("ij.IJ").openImage(str(tmp_path / "cells.tif"))
    overlay = java_class("ij.gui.Overlay")()
    for roi in labels_to_rois(truth, imp=imp):
        overlay.add(roi)
    imp.setOverlay(overlay)
    java_class("ij.IJ").saveAsTiff(imp, str(tmp_path / "painted.tif"))
    gateway.run_macro(
        """
        parts = split(getArgument(), "|");
        open(parts[0]);
        run("PyBridge Train", "from=[" + parts[1] + "] name=my-nuclei steps=4 seed=1");
        run("PyBridge Segment", "model=my-nuclei");
        saveAs("Tiff", parts[2]);
        """,
        f"{tmp_path / 'painted.tif'}|{trained.folder}|{tmp_path / 'labels.tif'}",
    )
    labels = tifffile.imread(tmp_path / "labels.tif")
    assert labels.shape == (128, 400)
    assert int(labels.max()) > 5
    assert Path(tmp_path / "home" / "models" / "my-nuclei" / "model.onnx").is_file()
    scored = json.loads((tmp_path / "home" / "models" / "my-nuclei" / "training-record.json").read_text())
    assert np.isfinite(scored["scores"][0]["loss"])
