"""The training loop: steps, validations, checkpoints. Imports torch.

What it leaves in its folder: ``last.pt`` to go on from, ``best.pt`` with the averaged weights of the best validation.
Both are replaced whole, so that a kill at any moment leaves one that can be read.
"""

from __future__ import annotations

import copy
import math
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from pybridge.core.errors import TrainingError, UsageError
from pybridge.core.progress import report
from pybridge.networks.build import Network
from pybridge.networks.torch_file import load_torch_file
from pybridge.training.batches import Batch, BatchMaker
from pybridge.training.checkpoint import save_checkpoint
from pybridge.training.config import TrainingConfig
from pybridge.training.examples import Example
from pybridge.training.hardware import device_for, precision_for
from pybridge.training.history import History, TrainingRow, ValidationRow
from pybridge.training.losses import LOSSES, Loss
from pybridge.training.optimiser import learning_rate, make_optimiser, update_average
from pybridge.training.validation import middle_thresholds, validate

LAST, BEST = "last.pt", "best.pt"
_ROW_STEPS = 20


@dataclass(frozen=True, slots=True)
class Fit:
    """What a run came to.

    Parameters
    ----------
    history : History
        Its course; ``history.best`` is the validation whose weights lie in ``best.pt``.
    steps : int
        Steps made.
    stopped : str
        Why it ended: ``all steps made`` or ``no better score in … validations``.
    precision, device : str
        What was computed with.
    threads : int
        CPU threads.
    """

    history: History
    steps: int
    stopped: str
    precision: str
    device: str
    threads: int


class Trainer:
    """Fit a network.

    Parameters
    ----------
    network : Network
        Where to start from; trained in place.
    training, validation : sequence of Example
        What is learnt from, and what chooses the checkpoint.
    config : TrainingConfig
        Every setting.
    fingerprint : str
        Of settings and data; a checkpoint of another one is not gone on from.
    """

    def __init__(
        self,
        network: Network,
        training: Sequence[Example],
        validation: Sequence[Example],
        config: TrainingConfig,
        *,
        fingerprint: str,
    ) -> None:
        schedule = config.schedule
        self._config, self._fingerprint = config, fingerprint
        self._threads = schedule.threads or len(os.sched_getaffinity(0))
        torch.set_num_threads(self._threads)
        self._device = torch.device(device_for(schedule))
        self._mixed = precision_for(schedule, self._device) == "bfloat16"
        self._network = network.to(self._device)
        if network.dims == 2:
            self._network = self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        self._average = copy.deepcopy(self._network)
        self._optimiser = make_optimiser(self._network, config.optimiser)
        self._maker = BatchMaker(training, config)
        self._validation = validation
        self._rows: list[TrainingRow] = []
        self._validations: list[ValidationRow] = []
        self._step, self._earlier_s, self._began = 0, 0.0, 0.0

    def fit(self, folder: Path, *, resume: bool = False) -> Fit:
        """Train to the end.

        Parameters
        ----------
        folder : Path
            Where checkpoints go.
        resume : bool
            Go on from ``last.pt`` when it is there.

        Raises
        ------
        TrainingError
            If the loss is no number any more. The checkpoints of the last validation stay.
        UsageError
            If the checkpoint belongs to other settings or data.
        """
        schedule = self._config.schedule
        if resume and (folder / LAST).exists():
            self._restore(folder / LAST)
        self._began = time.perf_counter()
        stopped = self._out_of_patience()
        if self._step < schedule.steps and stopped is None:
            window: list[Loss] = []
            batches = self._maker.ahead(self._step + 1, schedule.steps)
            try:
                for batch in batches:
                    window.append(self._advance(batch))
                    report(self._step, schedule.steps, self._said(window[-1]))
                    at_validation = self._step % schedule.validate_every == 0 or self._step == schedule.steps
                    if len(window) == _ROW_STEPS or at_validation:
                        self._rows.append(self._row(window))
                        window = []
                    if at_validation:
                        self._look(folder)
                        stopped = self._out_of_patience()
                        if stopped is not None:
                            break
            finally:
                batches.close()
        return Fit(
            history=self._history(),
            steps=self._step,
            stopped=stopped or "all steps made",
            precision="bfloat16" if self._mixed else "float32",
            device=str(self._device),
            threads=self._threads,
        )

    def _advance(self, batch: Batch) -> Loss:
        config = self._config
        self._step += 1
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(self._step, config.schedule.steps, config.optimiser)
        self._set_training_mode()
        inputs, targets, weights = (part.to(self._device) for part in (batch.inputs, batch.targets, batch.weights))
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._mixed):
            raw = self._network(inputs.contiguous(memory_format=torch.channels_last))
        loss = LOSSES[self._network.head_name](raw.float(), targets, weights)
        if not math.isfinite(float(loss.total.detach())):
            parts = ", ".join(f"{name} {value:g}" for name, value in loss.parts)
            raise TrainingError(
                f"train {config.name!r}",
                found=f"the loss is no number at step {self._step} ({parts})",
                do="lower optimiser.learning_rate or gradient_clip, or look for damaged images; the checkpoints of "
                "the last validation are kept",
            )
        self._optimiser.zero_grad(set_to_none=True)
        loss.total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), config.optimiser.gradient_clip)
        self._optimiser.step()
        update_average(self._average, self._network, step=self._step, decay=config.optimiser.ema_decay)
        return loss

    def _set_training_mode(self) -> None:
        self._network.train()
        if self._config.fine_tune is not None and self._config.fine_tune.freeze_encoder:
            # A frozen encoder also keeps the statistics of its normalisation.
            for part in (self._network.body.stem, self._network.body.encoder, self._network.body.down):
                part.eval()

    def _look(self, folder: Path) -> None:
        result = validate(self._average, self._validation, [middle_thresholds(self._config.decoder)])
        pooled = result.scores.pooled
        best = self._history().best
        row = ValidationRow(
            step=self._step,
            loss=result.loss,
            ap_50=pooled.counts[0].ap,
            ap_75=pooled.counts[5].ap,
            mean_ap=pooled.mean_ap,
            elapsed_s=self._elapsed_s(),
        )
        self._validations.append(row)
        if best is None or not row.mean_ap <= best.mean_ap:
            save_checkpoint(folder / BEST, {"step": self._step, "network": self._average.state_dict()})
        save_checkpoint(folder / LAST, self._state())

    def _out_of_patience(self) -> str | None:
        patience, best = self._config.schedule.patience, self._history().best
        since = sum(row.step > best.step for row in self._validations) if best else 0
        return f"no better score in {since} validations" if patience and since >= patience else None

    def _state(self) -> dict[str, Any]:
        return {
            "fingerprint": self._fingerprint,
            "step": self._step,
            "network": self._network.state_dict(),
            "average": self._average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "rows": [asdict(row) for row in self._rows],
            "validations": [asdict(row) for row in self._validations],
            "elapsed_s": self._elapsed_s(),
        }

    def _restore(self, path: Path) -> None:
        state = load_torch_file(path)
        if state["fingerprint"] != self._fingerprint:
            raise UsageError(
                f"go on from {str(path)!r}",
                found="it was made with other settings, data or versions",
                do="take the settings and data of that run, or start anew in another folder",
            )
        self._network.load_state_dict(state["network"])
        self._average.load_state_dict(state["average"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._step, self._earlier_s = state["step"], state["elapsed_s"]
        self._rows = [TrainingRow(**row) for row in state["rows"]]
        self._validations = [ValidationRow(**row) for row in state["validations"]]

    def _row(self, window: Sequence[Loss]) -> TrainingRow:
        count = len(window)
        names = [name for name, _ in window[0].parts]
        return TrainingRow(
            step=self._step,
            loss=sum(float(loss.total.detach()) for loss in window) / count,
            parts=tuple((name, sum(dict(loss.parts)[name] for loss in window) / count) for name in names),
            learning_rate=float(self._optimiser.param_groups[0]["lr"]),
            elapsed_s=self._elapsed_s(),
        )

    def _history(self) -> History:
        return History(tuple(self._rows), tuple(self._validations))

    def _said(self, loss: Loss) -> str:
        best = self._history().best
        return f"training, loss {float(loss.total.detach()):.3f}" + (f", best AP {best.mean_ap:.3f}" if best else "")

    def _elapsed_s(self) -> float:
        return self._earlier_s + time.perf_counter() - self._began
