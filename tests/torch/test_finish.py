"""From a finished fit to a model folder."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from pybridge import zoo
from pybridge.core.errors import OutputExistsError, TrainingError
from pybridge.export.description import decoder_content
from pybridge.metrics.detection import match, overlaps, pool
from pybridge.training import model_folder
from pybridge.training.config import TrainingConfig, load_config
from pybridge.training.data import load_data
from pybridge.training.finish import finish
from pybridge.training.fitting import fit_model
from pybridge.training.loop import BEST
from pybridge.training.provenance import portable_config
from pybridge.training.scores import StartModel, ap_at
from pybridge.training.validation import all_thresholds
from tests.builders.records import fold_scores, start_model


@pytest.fixture(scope="module")
def fitted(nuclei, tmp_path_factory):
    """A fit that has learnt a little, with its settings, data and folder."""
    config = TrainingConfig.model_validate(
        {
            "name": "tiny",
            "data": {
                "images": [str(nuclei / "images")],
                "labels": str(nuclei / "labels"),
                "validation": 0.25,
                "test": 0.25,
            },
            "network": {"widths": [8, 16], "stem": 2},
            "augmentation": {"geometry": 0},
            "optimiser": {"learning_rate": 0.02, "warm_up_steps": 5, "ema_decay": 0.8},
            "schedule": {
                "steps": 60, "batch": 2, "crop_px": 64, "validate_every": 20, "threads": 1, "precision": "float32"
            },
            "decoder": {"probability": [0.4, 0.5], "overlap": [0.3, 0.5], "min_size": 8},
        }
    )  # fmt: skip
    data = load_data(config, base=Path())
    work = tmp_path_factory.mktemp("work")
    return config, data, fit_model(config, data, work), work


@pytest.fixture(scope="module")
def trained(fitted, tmp_path_factory):
    return finish(*fitted, tmp_path_factory.mktemp("models"))


def test_the_folder_is_a_model_with_all_its_evidence(trained):
    model = zoo.find(trained.folder)
    assert (model.id, model.config.task) == ("tiny", "segment")
    assert model.decoder == trained.record.decoder
    files = {path.name for path in trained.folder.iterdir()}
    assert files >= {
        "README.md", "bioimageio.yaml", "cover.png", "curves.png", "examples.png", "model.onnx", "train.yaml",
        "training-curve.csv", "training-record.json", "validation-curve.csv", "weights.pt"
    }  # fmt: skip
    learnt = [file.objects for file in trained.record.data.files if file.part == "train"]
    assert model.config.training_profile["objects"] == sum(learnt) > 0
    assert model.config.scores["validation"]["ap_0.50"] == ap_at(trained.record.scores[0].scores, 0.5).value


def test_thresholds_are_the_best_on_validation_and_the_test_images_have_the_same(fitted, trained):
    config, data, _, _ = fitted
    validation, test = trained.record.scores
    assert (validation.part, validation.chose, test.part, test.chose) == ("validation", True, "test", False)
    assert [image.name for image in test.scores.per_image] == [image.name for image in data.test]
    pairs = [(each.probability, each.overlap) for each in all_thresholds(config.decoder)]
    assert (trained.record.decoder.probability, trained.record.decoder.overlap) in pairs
    assert len(pairs) == trained.record.thresholds_tried == 4
    assert trained.record.chosen_step == fitted[2].history.best.step


def test_the_written_model_has_the_scores_of_its_record_in_the_hands_of_a_user(fitted, trained):
    import pybridge

    _, data, _, _ = fitted
    for part, images in zip(trained.record.scores, (data.validation, data.test), strict=True):
        found = []
        for image in images:
            result = pybridge.segment(image.pair.image, model=str(trained.folder), device="cpu")
            found.append(match(overlaps(image.labels, np.asarray(result.labels.array).squeeze().astype(np.int32))))
        scores = pool(found, resamples=1).pooled
        assert scores.counts[0].tp > 0  # or the comparison would say nothing
        assert [count.tp for count in scores.counts] == [count.tp for count in part.scores.pooled.counts]
        assert [count.fp for count in scores.counts] == [count.fp for count in part.scores.pooled.counts]


def test_record_description_and_settings_tell_the_same_and_no_path(fitted, trained, nuclei):
    record = json.loads((trained.folder / "training-record.json").read_text())
    model = zoo.find(trained.folder)
    assert record["chosen"]["decoder"] == decoder_content(model.decoder)
    assert load_config(trained.folder / "train.yaml") == portable_config(fitted[0])
    assert TrainingConfig.model_validate(model.config.training["config"]) == portable_config(fitted[0])
    assert record["network_parameters"] == sum(
        tensor.numel()
        for name, tensor in torch.load(trained.folder / "weights.pt", weights_only=True).items()
        if "running" not in name and "batches_tracked" not in name
    )
    assert {"torch", "monai", "onnx", "onnxscript"} <= set(record["versions"])
    for path in trained.folder.iterdir():
        content = path.read_bytes()
        for private in (nuclei, trained.folder.parent):
            assert str(private).encode() not in content, path.name


def test_the_summary_names_the_folder_and_the_scores(trained):
    first, validation, test = trained.summary()[:3]
    assert str(trained.folder) in first
    assert str(ap_at(trained.record.scores[0].scores, 0.5)) in validation
    assert "chose the thresholds" in validation
    assert test.startswith("test (2 images)")
    assert any("nobody has stated" in warning for warning in trained.warnings)


def test_an_existing_folder_is_kept_unless_it_may_be_replaced(fitted, trained):
    before = (trained.folder / "model.onnx").read_bytes()
    with pytest.raises(OutputExistsError, match="the file exists"):
        finish(*fitted, trained.folder.parent)
    assert (trained.folder / "model.onnx").read_bytes() == before


def test_a_failure_while_writing_leaves_no_folder(fitted, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise MemoryError

    monkeypatch.setattr(model_folder, "draw_contact_sheet", fail)
    with pytest.raises(MemoryError):
        finish(*fitted, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_checkpoint_of_another_run_is_refused(fitted, tmp_path):
    config, data, fit, work = fitted
    shutil.copytree(work, tmp_path / "work")
    state = torch.load(work / BEST, weights_only=True)
    torch.save(state | {"step": 7}, tmp_path / "work" / BEST)
    with pytest.raises(TrainingError, match=r"best\.pt is of step 7, the best validation of step \d+"):
        finish(config, data, fit, tmp_path / "work", tmp_path / "models")


def test_a_fine_tuned_model_tells_what_it_started_from_and_its_folds(fitted, tmp_path, monkeypatch):
    before: StartModel = start_model()
    packages = []

    def keep(module, package, folder, *, overwrite):
        packages.append(package)
        raise KeyboardInterrupt  # the ONNX file of this network was made once already

    monkeypatch.setattr("pybridge.training.finish.write_package", keep)
    with pytest.raises(KeyboardInterrupt):
        finish(*fitted, tmp_path, before=before, folds=fold_scores())
    (package,) = packages
    assert package.config.training["from"] == f"nuclei-fluo {before.model.version} (sha256 {before.model.sha256})"
    assert "`nuclei-fluo` before" in package.readme
    assert "## Cross-validation" in package.readme
    record = json.loads(next(each.content for each in package.attachments if each.name == "training-record.json"))
    assert record["start"]["model"]["sha256"] == before.model.sha256
    assert len(record["cross_validation"]["folds"]) == 2
