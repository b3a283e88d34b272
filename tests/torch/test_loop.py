"""The training loop: the same run again, going on after a kill, and what must stop it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from pybridge.core.errors import ModelError, OutputError, TrainingError, UsageError
from pybridge.training import checkpoint
from pybridge.training.config import TrainingConfig
from pybridge.training.data import load_data
from pybridge.training.fitting import fit_model
from pybridge.training.loop import BEST, LAST

_RUN = """
import sys
from pathlib import Path
from pybridge.training.config import load_config
from pybridge.training.data import load_data
from pybridge.training.fitting import fit_model
config = load_config(Path(sys.argv[1]))
fit_model(config, load_data(config, base=Path()), Path(sys.argv[2]), resume=True)
"""


def fit(settings, folder, *, resume=False):
    config = TrainingConfig.model_validate(settings)
    folder.mkdir(exist_ok=True)
    return fit_model(config, load_data(config, base=Path()), folder, resume=resume)


def without_times(history):
    training = [(row.step, row.loss, row.parts, row.learning_rate) for row in history.training]
    validation = [(row.step, row.loss, row.ap_50, row.ap_75, row.mean_ap) for row in history.validation]
    return training, validation


def weights(path):
    return torch.load(path, weights_only=True)["network"]


def test_one_seed_gives_one_run_and_another_seed_another(tiny, tmp_path):
    first, again = fit(tiny, tmp_path / "a"), fit(tiny, tmp_path / "b")
    assert without_times(first.history) == without_times(again.history)
    tiny["schedule"]["seed"] = 1
    assert without_times(fit(tiny, tmp_path / "c").history) != without_times(first.history)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_training_goes_on_to_the_result_of_an_unbroken_one(tiny, tmp_path):
    tiny["schedule"] |= {"steps": 24, "validate_every": 6}
    unbroken = fit(tiny, tmp_path / "unbroken")
    settings, broken = tmp_path / "tiny.yaml", tmp_path / "broken"
    settings.write_text(json.dumps(tiny))
    broken.mkdir()
    process = subprocess.Popen([sys.executable, "-c", _RUN, str(settings), str(broken)])
    deadline = time.monotonic() + 120
    while not (broken / LAST).exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait(30) == -signal.SIGKILL
    assert torch.load(broken / LAST, weights_only=True)["step"] < 24
    resumed = fit(tiny, broken, resume=True)
    assert without_times(resumed.history) == without_times(unbroken.history)
    expected, found = weights(tmp_path / "unbroken" / BEST), weights(broken / BEST)
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_a_checkpoint_of_other_settings_is_not_gone_on_from(tiny, tmp_path):
    fit(tiny, tmp_path / "a")
    tiny["optimiser"] = {"learning_rate": 1e-4}
    with pytest.raises(UsageError, match="made with other settings, data or versions"):
        fit(tiny, tmp_path / "a", resume=True)


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_checkpoint(tiny, tmp_path, monkeypatch):
    from pybridge.training import loop

    real, calls = loop.LOSSES["offsets"], []

    def fails_at_the_sixth(raw, targets, weight):
        calls.append(raw.requires_grad)
        return real(raw * float("nan") if sum(calls) == 6 else raw, targets, weight)

    monkeypatch.setitem(loop.LOSSES, "offsets", fails_at_the_sixth)
    with pytest.raises(TrainingError, match="the loss is no number at step 6"):
        fit(tiny, tmp_path / "a")
    assert torch.load(tmp_path / "a" / LAST, weights_only=True)["step"] == 4


def test_no_better_score_ends_the_run(tiny, tmp_path):
    tiny["schedule"] |= {"steps": 40, "validate_every": 1, "patience": 3}
    tiny["optimiser"] = {"learning_rate": 1e-9}
    found = fit(tiny, tmp_path / "a")
    assert found.steps < 40
    assert found.stopped == "no better score in 3 validations"


def test_the_network_learns(tiny, tmp_path):
    tiny["schedule"] |= {"steps": 160, "batch": 4, "validate_every": 160}
    tiny["optimiser"] = {"learning_rate": 1e-2, "warm_up_steps": 10}
    found = fit(tiny, tmp_path / "a").history
    assert found.training[-1].loss < 0.7 * found.training[0].loss


@pytest.mark.parametrize("head", ["star_convex", "boundary"])
def test_the_other_heads_train_too(tiny, tmp_path, head):
    tiny["head"] = {"name": head, "rays": 8}
    found = fit(tiny, tmp_path / head).history
    assert [row.step for row in found.validation] == [4, 8]
    assert all(row.loss > 0 for row in found.training)


def test_a_save_that_fails_leaves_the_checkpoint_before_whole(tmp_path, monkeypatch):
    path = tmp_path / "last.pt"
    checkpoint.save_checkpoint(path, {"step": 1})

    def full(state, file):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OutputError, match="No space left on device"):
        checkpoint.save_checkpoint(path, {"step": 2})
    assert torch.load(path, weights_only=True) == {"step": 1}
    assert list(tmp_path.iterdir()) == [path]


class _Harmful:
    def __reduce__(self):
        return os.system, ("exit 1",)


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path):
    from pybridge.networks.torch_file import load_torch_file

    torch.save({"network": _Harmful()}, tmp_path / "x.pt")
    with pytest.raises(ModelError, match="would run code"):
        load_torch_file(tmp_path / "x.pt")
