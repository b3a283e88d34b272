"""The training record: everything that made a model, in one JSON file of its folder. Schema ``pybridge-training/1``.

Imports core, zoo's values and how export writes a decoder; never torch. No path of the machine goes into it: files have
their names and hashes, and of absolute paths in the configuration only the last name is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pybridge.core.environment import versions
from pybridge.core.record import now, record_to_json
from pybridge.export.description import decoder_content
from pybridge.training.config import TrainingConfig
from pybridge.training.curves import find_overfitting
from pybridge.training.profile import TrainingProfile
from pybridge.training.provenance import DataUsed, Hardware, describe_data, describe_hardware, portable_config
from pybridge.training.scores import FoldScores, PartScores, StartModel
from pybridge.zoo.model import DecoderSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pybridge.training.data import TrainingData
    from pybridge.training.history import History
    from pybridge.training.loop import Fit

SCHEMA = "pybridge-training/1"
_PACKAGES = ("torch", "monai", "onnx", "onnxscript", "pydantic", "bioimageio.spec")


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """What a training was, from its data to its scores.

    Parameters
    ----------
    created : str
        When, in UTC.
    config : TrainingConfig
        Every hyper-parameter; without absolute paths.
    data : DataUsed
        Files, hashes, groups, counts.
    profile : TrainingProfile
        What the training images are like.
    parameters : int
        Weights of the network, as a number.
    hardware : Hardware
    versions : mapping of str to str
        Of PyBridge, Python and packages: the keys are data.
    seconds : float
        Of training and its validations, over all sittings.
    steps : int
        Steps made.
    stopped : str
        Why it ended.
    history : History
        The curves.
    notes : tuple of str
        What the curves show: over-fitting, an end too early.
    chosen_step : int
        Step of the checkpoint that became the model.
    decoder : DecoderSpec
        The thresholds that validation chose.
    thresholds_tried : int
        Of how many pairs.
    scores : tuple of PartScores
        On validation and test images.
    start : StartModel or None
        What a fine-tuning started from.
    folds : FoldScores or None
        Of a cross-validation.
    warnings : tuple of str
        What a reader of the scores must know.
    """

    created: str
    config: TrainingConfig
    data: DataUsed
    profile: TrainingProfile
    parameters: int
    hardware: Hardware
    versions: Mapping[str, str]
    seconds: float
    steps: int
    stopped: str
    history: History
    notes: tuple[str, ...]
    chosen_step: int
    decoder: DecoderSpec
    thresholds_tried: int
    scores: tuple[PartScores, ...]
    start: StartModel | None = None
    folds: FoldScores | None = None
    warnings: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Write the record as JSON: ``schema`` first, ``record_sha256`` last, numbers that are not defined null."""
        return record_to_json(
            SCHEMA,
            {
                "name": self.config.name,
                "created": self.created,
                "warnings": self.warnings,
                "overfitting": self.notes,
                "scores": [part.to_json() for part in self.scores],
                "chosen": {
                    "checkpoint_step": self.chosen_step,
                    "decoder": decoder_content(self.decoder),
                    "threshold_pairs_tried": self.thresholds_tried,
                },
                "start": self._start(),
                "cross_validation": None if self.folds is None else self.folds.to_json(),
                "seconds": round(self.seconds, 1),
                "steps": self.steps,
                "stopped": self.stopped,
                "network_parameters": self.parameters,
                "hardware": asdict(self.hardware),
                "versions": dict(self.versions),
                "config": self.config.model_dump(mode="json"),
                "training_profile": self.profile.to_config(),
                "history": asdict(self.history),
                "data": asdict(self.data),
            },
        )

    def _start(self) -> dict[str, Any] | None:
        if self.start is None:
            return None
        return {
            "model": asdict(self.start.model),
            "decoder": decoder_content(self.start.decoder),
            "scores": [part.to_json() for part in self.start.scores],
        }


def make_record(
    config: TrainingConfig,
    data: TrainingData,
    fit: Fit,
    *,
    profile: TrainingProfile,
    parameters: int,
    chosen_step: int,
    decoder: DecoderSpec,
    scores: Sequence[PartScores],
    start: StartModel | None = None,
    folds: FoldScores | None = None,
) -> TrainingRecord:
    """Put the record of a finished training together; versions, machine and time are those of now.

    Parameters
    ----------
    config : TrainingConfig
        Every setting, as it was used.
    data : TrainingData
        What was learnt from and scored.
    fit : Fit
        What the loop came to.
    profile, parameters, chosen_step, decoder, scores, start, folds
        As in the record.
    """
    portable = portable_config(config)
    warnings = list(data.warnings)
    if portable != config:
        warnings.append("the configuration named absolute paths; only their last names are kept here")
    return TrainingRecord(
        created=now(),
        config=portable,
        data=describe_data(data),
        profile=profile,
        parameters=parameters,
        hardware=describe_hardware(fit),
        versions=versions(*_PACKAGES),
        seconds=_seconds(fit.history),
        steps=fit.steps,
        stopped=fit.stopped,
        history=fit.history,
        notes=find_overfitting(fit.history),
        chosen_step=chosen_step,
        decoder=decoder,
        thresholds_tried=len(config.decoder.probability) * len(config.decoder.overlap),
        scores=tuple(scores),
        start=start,
        folds=folds,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _seconds(history: History) -> float:
    trained = [row.elapsed_s for row in history.training[-1:]]
    return max(trained + [row.elapsed_s for row in history.validation[-1:]], default=0.0)
