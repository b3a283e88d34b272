"""``PyBridge Train``: its declaration and how it runs. Imports core; the training inside functions.

The Python function is ``pybridge.training.train``.
"""

from __future__ import annotations

import dataclasses
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pybridge.commands.declaration import Command, parameter
from pybridge.commands.model_command import device_parameter
from pybridge.core.errors import ImageError
from pybridge.core.model_names import MODEL_ID, MODEL_ID_FORM

if TYPE_CHECKING:
    from pybridge.core.image import Image
    from pybridge.training.finish import TrainedModel
    from pybridge.training.forest_record import TrainedForest
    from pybridge.training.request import TrainingRequest


@dataclass(frozen=True, kw_only=True)
class Train(Command):
    """Make a model: from a configuration, from an earlier model and images with labels, or a forest from scribbles."""

    macro_name: ClassVar[str] = "PyBridge Train"
    shell_name: ClassVar[str] = "train"
    summary: ClassVar[str] = "train a new model, fine-tune one on images with labels, or grow a forest from scribbles"

    config: str | None = parameter(doors=("macro", "python"), path="open", help="training configuration, a YAML file")
    from_: str | None = parameter(
        help="model to fine-tune: id or folder of one that PyBridge trained; or baseline:pixel-forest, a new forest"
    )
    images: str | None = parameter(help="folder or glob of the training images")
    labels: str | None = parameter(help="folder of their label images or ImageJ ROI archives, paired by file name")
    scribbles: str | None = parameter(
        help="for a forest, instead of labels: folder of images of 0 nothing, 1 background, 2 inside, 3 border, or of "
        "ImageJ ROI archives in such groups"
    )
    index: str | None = parameter(path="open", help="CSV table with a row for each image")
    group_column: str | None = parameter(
        help="column of the index with the field, plate or animal of an image: neighbours stay on one side"
    )
    split_column: str | None = parameter(help="column of the index that says train, validation or test")
    channel: str | None = parameter(help="which channel of multi-channel images: 1-based number or name")
    name: str | None = parameter(
        pattern=MODEL_ID,
        form=MODEL_ID_FORM,
        help="id of the new model; default from the configuration, FROM-tuned, or my-pixel-forest",
    )
    steps: int | None = parameter(minimum=1, help="training steps; default from the configuration, or 400")
    freeze_encoder: bool = parameter(False, help="fine-tune the decoder alone: less is learnt, less is forgotten")
    seed: int | None = parameter(minimum=0, help="seed: the same one gives the same run on one machine")
    device: str = device_parameter()
    output: str | None = parameter(
        doors=("shell", "python"),
        help="folder for the model's folder; default the user's models, as `models list` shows",
    )
    resume: bool = parameter(False, help="go on from the last checkpoint of a training that was stopped")

    @property
    def learns_from_files(self) -> bool:
        """Whether files are learnt from; otherwise it is what is painted on ImageJ's active image."""
        return any(each is not None for each in (self.config, self.images, self.labels, self.scribbles))

    def run(self, *, overwrite: bool = False) -> TrainedModel | TrainedForest:
        """Train; what every door calls.

        Parameters
        ----------
        overwrite : bool
            Replace a model folder of that name.
        """
        from pybridge.training.request import train_as_asked

        return train_as_asked(self._request(), overwrite=overwrite)

    @property
    def is_forest(self) -> bool:
        """Whether a forest is to be grown: then ROIs are scribbles, and a selection says nothing."""
        return self._request().is_forest

    def check_start(self) -> None:
        """Look up what is to be trained from, before anything is said of the image.

        Raises
        ------
        UsageError
            If it is a classical method, or not given.
        ModelNotFoundError
            If there is no such model.
        """
        from pybridge.training.request import check_start

        check_start(self._request())

    def run_on_painting(
        self, image: Image, rois: list[Any], *, name: str, window: tuple[int, int, int, int] | None
    ) -> TrainedModel | TrainedForest:
        """Train on what is painted on an open image: objects, or for a forest scribbles.

        Parameters
        ----------
        image : Image
            The image.
        rois : list of roifile.ImagejRoi
            At least one.
        name : str
            What it is called.
        window : tuple of int or None
            Left, top, width and height of the part with painted objects; None for all of it.
        """
        if self.is_forest:
            from pybridge.training.forest import train_forest_on_painting

            return train_forest_on_painting(self._request(), image, rois, name=name)
        from pybridge.training.painted import write_painted
        from pybridge.training.painted_image import planes_of_painting

        planes = planes_of_painting(image, rois, name=name, window=window)
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

    def nothing_painted(self, title: str) -> ImageError:
        """Say that an open image has no ROIs, and what to draw."""
        what, do = "object", "outline all objects of a part of the image and add them (Ctrl-B or t)"
        if self.is_forest:
            what = "scribble"
            do = "draw lines or areas, put them into group 1 (background) or 2 (inside) and add them (Ctrl-B or t)"
        return ImageError(
            f"train on {title!r}",
            found=f"no {what} is painted: neither its overlay nor the ROI Manager has ROIs",
            do=f"{do}, or give images= and labels=",
        )

    def _request(self) -> TrainingRequest:
        from pybridge.training.request import TrainingRequest

        return TrainingRequest(
            config=self.config,
            start=self.from_,
            images=self.images,
            labels=self.labels,
            scribbles=self.scribbles,
            index=self.index,
            group_column=self.group_column,
            split_column=self.split_column,
            channel=self.channel,
            name=self.name,
            steps=self.steps,
            freeze_encoder=self.freeze_encoder,
            seed=self.seed,
            device=self.device,
            output=None if self.output is None else Path(self.output),
            resume=self.resume,
        )


def lines_of(trained: TrainedModel | TrainedForest) -> tuple[str, ...]:
    """Give what ImageJ's Log says of a training: where the model lies, how good it is, and what to mind."""
    return (*trained.summary(), *(f"Mind: {warning}" for warning in trained.warnings))
