"""What a forest was grown from and how well it knows its marks: training record, run record, lines. No torch.

As in every training, no path of the machine goes into a model folder: files have their names and hashes.
"""

from __future__ import annotations

import dataclasses
import platform
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybridge.baselines.forest_features import FEATURES
from pybridge.baselines.forest_training import ForestSettings, OutOfBag
from pybridge.baselines.scribbles import CLASSES
from pybridge.core.baseline_names import FOREST, PREFIX
from pybridge.core.environment import versions
from pybridge.core.record import DeviceUsed, InputUsed, ModelUsed, OutputMade, RunRecord, Timing, record_to_json
from pybridge.training.forest_images import MarkedImage
from pybridge.training.provenance import Hardware, portable_path
from pybridge.training.request import TrainingRequest
from pybridge.training.run_record import COMMAND

SCHEMA = "pybridge-forest/1"
NO_SCORE = (
    "Each mark is judged by the trees that were not grown from it; but marks beside it in the same stroke were, so "
    "this is no score of objects, and says nothing of other images."
)
_PACKAGES = ("scikit-learn", "skl2onnx", "onnx", "bioimageio.spec")


@dataclass(frozen=True, slots=True)
class ForestRecord:
    """How a forest came about.

    Parameters
    ----------
    name : str
        Id of the model.
    created : str
        When it was begun, in UTC.
    request : TrainingRequest
        What was asked.
    settings : ForestSettings
        How it grew.
    images : tuple of MarkedImage
        What it learnt from; their pixels are not written down.
    marks : tuple of int
        Marks of each class.
    used : tuple of int
        Those that it was grown from, when there were too many for all.
    out_of_bag : OutOfBag
        How well it knows them.
    nodes : int
        Of all trees.
    timing : Timing
        Wall seconds.
    warnings : tuple of str
        What its user must know.
    """

    name: str
    created: str
    request: TrainingRequest
    settings: ForestSettings
    images: tuple[MarkedImage, ...]
    marks: tuple[int, ...]
    used: tuple[int, ...]
    out_of_bag: OutOfBag
    nodes: int
    timing: Timing
    warnings: tuple[str, ...]

    @property
    def parameters(self) -> dict[str, Any]:
        """What was asked, without the folders of this machine."""
        asked = self.request
        paths = {
            key: None if path is None else portable_path(path)
            for key, path in (("images", asked.images), ("labels", asked.labels), ("scribbles", asked.scribbles))
        }
        return {
            "from": PREFIX + FOREST,
            **paths,
            "channel": asked.channel,
            "name": self.name,
            "seed": self.settings.seed,
            "forest": dataclasses.asdict(self.settings),
        }

    @property
    def marked_images(self) -> int:
        """How many images have marks; planes of one file are one image."""
        return len({(image.image, image.sha256_image) for image in self.images if any(image.counts)})

    @property
    def judged(self) -> dict[str, Any]:
        """The out-of-bag accuracy by name, as files hold it."""
        shares = dict(zip(CLASSES, self.out_of_bag.right_of, strict=False))
        return {"marks": self.out_of_bag.marks, "right": self.out_of_bag.right, "right_of": shares, "note": NO_SCORE}

    def to_json(self) -> str:
        """Write the record as JSON: ``schema`` first, ``record_sha256`` last, numbers that are not defined null."""
        return record_to_json(
            SCHEMA,
            {
                "name": self.name,
                "created": self.created,
                "warnings": self.warnings,
                "marks": dict(zip(CLASSES, self.marks, strict=True)),
                "marks_used": dict(zip(CLASSES, self.used, strict=True)),
                "out_of_bag": self.judged,
                "seconds": round(self.timing.total, 1),
                "forest": dataclasses.asdict(self.settings) | {"nodes": self.nodes},
                "features": FEATURES,
                "hardware": dataclasses.asdict(_hardware()),
                "versions": versions(*_PACKAGES),
                "config": self.parameters,
                "data": {"files": [_file(image) for image in self.images]},
            },
        )

    def told(self) -> tuple[str, ...]:
        """Write what the README says besides."""
        drawn = "" if self.used == self.marks else f" {sum(self.used)} of them were drawn for the forest."
        return (
            f"Out of bag: {_judged(self.out_of_bag)}. {NO_SCORE}{drawn} Names and hashes of all files are in "
            "`training-record.json`.",
            *(f"- {warning}" for warning in self.warnings),
        )

    def run(self, model: ModelUsed, *, device: DeviceUsed) -> RunRecord:
        """Write the training down as a run, as every command does.

        Parameters
        ----------
        model : ModelUsed
            The model that was made.
        device : DeviceUsed
            Where it grew.
        """
        return RunRecord(
            id=str(uuid.uuid4()),
            command=COMMAND,
            parameters=self.parameters,
            started=self.created,
            model=model,
            inputs=tuple(used for image in self.images for used in _inputs(image)),
            outputs=(OutputMade("model", model.id, ""),),
            device=device,
            versions=versions(*_PACKAGES),
            timing_s=self.timing,
            warnings=self.warnings,
        )


@dataclass(frozen=True, slots=True)
class TrainedForest:
    """A forest that was just made; what ``TrainedModel`` is of a network.

    Parameters
    ----------
    folder : Path
        The model's folder.
    record : ForestRecord
        Everything that made it.
    warnings : tuple of str
        What its user must know.
    run : RunRecord
        The same in the form of every other command's record.
    """

    folder: Path
    record: ForestRecord
    warnings: tuple[str, ...]
    run: RunRecord

    def summary(self) -> tuple[str, ...]:
        """Say in a few lines where the model lies, what it was grown from and how well it knows that."""
        record = self.record
        told = ", ".join(f"{count} {name}" for name, count in zip(CLASSES, record.marks, strict=True) if count)
        drawn = "" if record.used == record.marks else f" ({sum(record.used)} of them drawn)"
        return (
            f"{record.name}: {self.folder}",
            f"marked pixels in {record.marked_images} image(s): {told}{drawn}",
            f"out of bag: {_judged(record.out_of_bag)}",
            NO_SCORE,
        )


def _judged(found: OutOfBag) -> str:
    shares = zip(CLASSES, found.right_of, strict=False)
    each = ", ".join(f"{name} {_percent(share)}" for name, share in shares)
    return f"{_percent(found.right)} of the marks have their class ({each})"


def _percent(share: float) -> str:
    return "undefined" if share != share else f"{100 * share:.1f} %"


def _hardware() -> Hardware:
    from pybridge.runtime.threads import cpu_name, usable_threads

    cpu, cores = cpu_name(), usable_threads()
    machine = f"{platform.system()} {platform.machine()}"
    return Hardware(machine, cpu, cores, threads=cores, device="cpu", device_name=cpu, precision="float32")


def _file(image: MarkedImage) -> dict[str, Any]:
    return {
        "part": "train",
        "name": image.name,
        "image": image.image,
        image.role: image.marked_by,
        "sha256_image": image.sha256_image,
        f"sha256_{image.role}": image.sha256_marks,
        "shape": image.shape,
        "marks": dict(zip(CLASSES, image.counts, strict=True)),
    }


def _inputs(image: MarkedImage) -> Iterator[InputUsed]:
    size = image.calibration
    described: Sequence[tuple[str, str, str]] = (
        ("image", image.image, image.sha256_image),
        (image.role, image.marked_by, image.sha256_marks),
    )
    for role, name, sha256 in described:
        yield InputUsed(
            name=name,
            path=None,
            sha256_pixels="",
            sha256_file=sha256,
            axes=image.axes,
            shape=image.shape,
            dtype=image.dtype if role == "image" else "",
            pixel_size=(size.z, size.y, size.x),
            unit=size.unit,
            role=role,
        )
