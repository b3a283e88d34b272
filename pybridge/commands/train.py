"""``PyBridge Train``: its declaration and how it runs. Imports core; the torch wing inside functions.

The Python function is ``pybridge.training.train``.
"""

from __future__ import annotations

import dataclasses
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pybridge.commands.declaration import Command, parameter

if TYPE_CHECKING:
    from pybridge.training.finish import TrainedModel
    from pybridge.training.painted import PaintedPlane


@dataclass(frozen=True, kw_only=True)
class Train(Command):
    """Make a model: from a configuration, or from an earlier model and some images with labels."""

    macro_name: ClassVar[str] = "PyBridge Train"
    shell_name: ClassVar[str] = "train"
    summary: ClassVar[str] = "train a new model from a configuration, or fine-tune one on images with labels"

    config: str | None = parameter(doors=("macro", "python"), path="open", help="training configuration, a YAML file")
    from_: str | None = parameter(help="model to fine-tune: id or folder; it must have been trained by PyBridge")
    images: str | None = parameter(help="folder or glob of the training images")
    labels: str | None = parameter(help="folder of their label images or ImageJ ROI archives, paired by file name")
    index: str | None = parameter(path="open", help="CSV table with a row for each image")
    group_column: str | None = parameter(
        help="column of the index with the field, plate or animal of an image: neighbours stay on one side"
    )
    split_column: str | None = parameter(help="column of the index that says train, validation or test")
    channel: str | None = parameter(help="which channel of multi-channel images: 1-based number or name")
    name: str | None = parameter(
        pattern=r"[a-z0-9][a-z0-9-]{0,62}", help="id of the new model; default from the configuration, or FROM-tuned"
    )
    steps: int | None = parameter(minimum=1, help="training steps; default from the configuration, or 400")
    freeze_encoder: bool = parameter(False, help="fine-tune the decoder alone: less is learnt, less is forgotten")
    seed: int | None = parameter(minimum=0, help="seed: the same one gives the same run on one machine")
    device: str = parameter(
        "auto", pattern=r"auto|cpu|cuda(:\d+)?", help="auto, cpu, cuda or cuda:N; cuda runs on CUDA or is an error"
    )
    output: str | None = parameter(
        doors=("shell", "python"),
        help="folder for the model's folder; default the user's models, as `models list` shows",
    )
    resume: bool = parameter(False, help="go on from the last checkpoint of a training that was stopped")

    @property
    def learns_from_files(self) -> bool:
        """Whether files are learnt from; otherwise it is what is painted on ImageJ's active image."""
        return not (self.config is None and self.images is None and self.labels is None)

    def run(self, *, overwrite: bool = False) -> TrainedModel:
        """Train; what every door calls.

        Parameters
        ----------
        overwrite : bool
            Replace a model folder of that name.
        """
        from pybridge.training.session import train_model
        from pybridge.training.settings import configure

        config, base = configure(
            config=self.config,
            start=self.from_,
            images=self.images,
            labels=self.labels,
            index=self.index,
            group_column=self.group_column,
            split_column=self.split_column,
            channel=self.channel,
            name=self.name,
            steps=self.steps,
            freeze_encoder=self.freeze_encoder,
            seed=self.seed,
            device=self.device,
        )
        output = None if self.output is None else Path(self.output)
        return train_model(config, base=base, output=output, resume=self.resume, overwrite=overwrite)

    def run_on_painting(self, planes: list[PaintedPlane]) -> TrainedModel:
        """Train on planes with painted objects.

        Parameters
        ----------
        planes : list of PaintedPlane
            At least one.
        """
        from pybridge.training.painted import write_painted

        # Private to this user, and gone when the training ends: the record keeps names and hashes.
        with tempfile.TemporaryDirectory(prefix="pybridge-train-") as made:
            folder = Path(made)
            write_painted(planes, folder)
            files = dataclasses.replace(
                self,
                images=str(folder / "images"),
                labels=str(folder / "labels"),
                index=str(folder / "index.csv"),
                group_column="group",
                split_column="side",
            )
            return files.run()
