"""The training configuration: what a YAML file may say, checked. Imports pydantic; never torch.

Every section forbids names that it does not know, so that a misspelt setting is an error and not a default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pybridge.core.errors import UsageError
from pybridge.core.model_names import MODEL_ID
from pybridge.export.about import ModelText
from pybridge.files.yaml_file import list_wrong_settings, read_yaml
from pybridge.networks.config import HeadConfig, NetworkConfig

Chance = Annotated[float, Field(ge=0, le=1)]
Range = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class Section(BaseModel):
    """A part of the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceConfig(Section):
    """Images with their labels.

    Parameters
    ----------
    images : tuple of str
        Files, folders or globs; relative to the configuration's folder.
    labels : str
        Folder of label images or ImageJ ROI archives, paired by stem.
    index : str or None
        CSV with a column ``name`` (the stem) and others.
    group_column : str or None
        Column of the index that names the field, plate or animal of an image.
    split_column : str or None
        Column of the index that says ``train``, ``validation`` or ``test``.
    channel : str or None
        Channel of multi-channel images: 1-based number or name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    images: tuple[str, ...] = Field(min_length=1)
    labels: str
    index: str | None = None
    group_column: str | None = None
    split_column: str | None = None
    channel: str | None = None


class DataConfig(SourceConfig):
    """Training data, and where validation and test data come from.

    Parameters
    ----------
    validation : SourceConfig or float
        Images of their own, or the fraction of the groups that is held back.
    test : SourceConfig or float
        The same for images that choose nothing and are scored once at the end.
    folds : int
        Above 1: k-fold cross-validation over the groups, before the model itself is trained.
    show_images : bool
        Put pictures of validation images into the model folder. Without, its cover and test image are simulated: for
        images that are confidential or may not be passed on.
    """

    validation: SourceConfig | Annotated[float, Field(gt=0, lt=0.9)] = 0.15
    test: SourceConfig | Annotated[float, Field(ge=0, lt=0.9)] = 0.0
    folds: int = Field(0, ge=0, le=20)
    show_images: bool = True


class NormalisationConfig(Section):
    """Percentiles of the plane that become 0 and 1; stored in the model description, the same in training and use."""

    low_percentile: float = Field(1.0, ge=0, lt=50)
    high_percentile: float = Field(99.8, gt=50, le=100)


class AugmentationConfig(Section):
    """How training images are varied. Chances are per crop.

    Parameters
    ----------
    flips : bool
        Quarter turns and mirror images.
    geometry : float
        Chance of a free rotation, a scale drawn from ``scale`` (log-uniformly; above 1 objects get larger), a stretch
        and an elastic deformation of up to ``elastic_px``.
    paste : float
        Chance that copies of objects are laid against others.
    object_brightness : float
        Chance that each object gets a brightness of its own.
    background : float
        Chance of an uneven background.
    gamma, blur, noise : float
        Chances of a gamma curve, a Gaussian blur of ``blur_px``, and shot and read noise of up to ``noise_level``.
    gain : float
        Brightness and offset vary by this much, always: percentiles are not exact either.
    """

    flips: bool = True
    geometry: Chance = 0.5
    scale: Range = (0.5, 1.9)
    stretch: float = Field(0.08, ge=0, le=0.5)
    elastic_px: float = Field(2.5, ge=0)
    paste: Chance = 0.0
    object_brightness: Chance = 0.3
    background: Chance = 0.3
    gamma: Chance = 0.5
    gamma_range: Range = (0.55, 1.7)
    blur: Chance = 0.35
    blur_px: Range = (0.4, 2.2)
    noise: Chance = 0.5
    noise_level: float = Field(0.15, ge=0, le=1)
    gain: float = Field(0.25, ge=0, le=0.9)


class OptimiserConfig(Section):
    """AdamW (Loshchilov and Hutter, ICLR 2019) with warm-up, cosine decay, clipping and averaged weights."""

    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(1e-4, ge=0)
    warm_up_steps: int = Field(150, ge=0)
    gradient_clip: float = Field(5.0, gt=0)
    ema_decay: float = Field(0.998, ge=0, lt=1)


class ScheduleConfig(Section):
    """How long, how much at a time, and when to look.

    Parameters
    ----------
    steps : int
        Optimiser steps at most.
    batch : int
        Crops in a step.
    crop_px : int
        Side of a crop.
    validate_every : int
        Steps between validations; each leaves a checkpoint to resume from.
    patience : int
        Stop after this many validations without a better score; 0: never.
    threads : int
        CPU threads; 0: as many as there are cores.
    precision : str
        ``bfloat16`` computes convolutions in mixed precision; ``auto`` does so where the processor has instructions
        for it.
    device : str
        ``cpu``, ``cuda`` or ``auto``.
    seed : int
        The same seed gives the same run on the same machine.
    """

    steps: int = Field(4000, ge=1)
    batch: int = Field(8, ge=1, le=256)
    crop_px: int = Field(256, ge=32, le=2048)
    validate_every: int = Field(300, ge=1)
    patience: int = Field(0, ge=0)
    threads: int = Field(0, ge=0, le=1024)
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    device: str = Field("auto", pattern=r"auto|cpu|cuda(:\d+)?")
    seed: int = Field(0, ge=0, lt=2**31)


class DecoderConfig(Section):
    """Thresholds that validation may choose from; the best mean AP wins, and is stored with the model."""

    probability: tuple[Chance, ...] = Field((0.4, 0.45, 0.5, 0.55), min_length=1)
    overlap: tuple[Chance, ...] = Field((0.2, 0.3, 0.45), min_length=1)
    min_size: int = Field(20, ge=0)


class FineTuneConfig(Section):
    """Where to start from instead of fresh weights.

    Parameters
    ----------
    model : str
        Id or folder of a model that PyBridge trained.
    freeze_encoder : bool
        Keep stem and encoder as they are: less can be learnt, and less forgotten.
    """

    model: str
    freeze_encoder: bool = False


class TrainingConfig(Section):
    """Everything that shapes a model; saved with it.

    Examples
    --------
    >>> config = TrainingConfig(name="my-nuclei", data={"images": ["images"], "labels": "masks"})
    >>> config.schedule.steps, config.head.name
    (4000, 'offsets')
    """

    name: str = Field(pattern=f"^{MODEL_ID}$")
    data: DataConfig
    about: ModelText = ModelText()
    network: NetworkConfig = NetworkConfig()
    head: HeadConfig = HeadConfig()
    normalisation: NormalisationConfig = NormalisationConfig()
    augmentation: AugmentationConfig = AugmentationConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    decoder: DecoderConfig = DecoderConfig()
    fine_tune: FineTuneConfig | None = None

    @model_validator(mode="after")
    def _crops_fit_the_network(self) -> Self:
        if self.schedule.crop_px % self.network.step:
            raise ValueError(
                f"schedule.crop_px is {self.schedule.crop_px}, no multiple of the network's step {self.network.step}"
            )
        low, high = self.augmentation.scale
        if not 0 < low <= high:
            raise ValueError(f"augmentation.scale is {low}, {high}: it needs 0 < smallest <= largest")
        return self


def load_config(path: Path) -> TrainingConfig:
    """Read and check a training configuration.

    Parameters
    ----------
    path : Path
        A YAML file.

    Raises
    ------
    UsageError
        If the file is missing, no YAML, or says something that cannot be; each wrong setting is named.
    """
    asked = f"read the training configuration {str(path)!r}"
    found = read_yaml(path, asked=asked, do="give a YAML file; `models/nuclei-fluo/train.yaml` is an example")
    return check_config(found, asked=f"the training configuration {str(path)!r}")


def check_config(found: object, *, asked: str) -> TrainingConfig:
    """Check what a file or a door said.

    Raises
    ------
    UsageError
        With one line for each wrong setting.
    """
    try:
        return TrainingConfig.model_validate(found)
    except ValidationError as error:
        raise UsageError(asked, found=list_wrong_settings(error), do="correct these settings") from error
