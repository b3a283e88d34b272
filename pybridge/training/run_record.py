"""The run record of a training: the same schema as of every other command, beside the training record. No torch.

The training record says everything of a training; this one says it as the record of a segmentation does, so that one
report can tell of both. As there, no path of the machine goes into it: the folder of a model is made to be given away.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pybridge.core.record import DeviceUsed, InputUsed, ModelUsed, OutputMade, RunRecord, Timing

if TYPE_CHECKING:
    from pybridge.training.provenance import FileUsed
    from pybridge.training.record import TrainingRecord

COMMAND = "PyBridge Train"
FILE = "run-record.json"


def run_of_training(record: TrainingRecord, model: ModelUsed, *, started: str) -> RunRecord:
    """Write down a finished training as a run.

    Parameters
    ----------
    record : TrainingRecord
        Everything that made the model.
    model : ModelUsed
        The model that was made.
    started : str
        When, in UTC; of a training that was resumed, when its last sitting began.

    Returns
    -------
    RunRecord
        ``parameters`` are the settings, ``inputs`` the images (role ``image``) each with its labels (role ``truth``),
        ``scores`` those of the validation and test images by part.
    """
    hardware = record.hardware
    return RunRecord(
        id=str(uuid.uuid4()),
        command=COMMAND,
        parameters=record.config.model_dump(mode="json"),
        started=started,
        model=model,
        inputs=tuple(used for file in record.data.files for used in _inputs(file)),
        outputs=(OutputMade("model", model.id, ""),),
        device=DeviceUsed(
            asked=record.config.schedule.device,
            used=hardware.device,
            provider=f"torch, {hardware.precision}",
            name=hardware.device_name,
            driver="",
        ),
        versions=dict(record.versions),
        timing_s=Timing(network=round(record.seconds, 6), total=round(record.seconds, 6)),
        scores={part.part: part.to_json() for part in record.scores},
        warnings=record.warnings,
    )


def _inputs(file: FileUsed) -> Iterator[InputUsed]:
    """Name an image and its labels; the hash is of the file, and of pixels where there was no single file."""
    for role, name, sha256 in (("image", file.image, file.sha256_image), ("truth", file.labels, file.sha256_labels)):
        yield InputUsed(
            name=name,
            path=None,
            sha256_pixels="",
            sha256_file=sha256,
            axes="YX",
            shape=(file.height, file.width),
            dtype="",
            pixel_size=(1.0, 1.0, 1.0),
            unit="pixel",
            role=role,
        )
