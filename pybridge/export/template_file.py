"""The YAML template of an export: what a file may say, checked. Imports pydantic; never torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pybridge.core.errors import UsageError, did_you_mean
from pybridge.core.model_names import MODEL_ID
from pybridge.decode.registry import DECODERS
from pybridge.export.about import ModelText
from pybridge.files.yaml_file import list_wrong_settings

Side = Annotated[int, Field(ge=1, le=16384)]

# The channels that decoders read, where their number is fixed.
DECODER_CHANNELS = {
    "offsets": ("foreground", "dy", "dx"),
    "boundary": ("foreground", "distance", "boundary"),
    "foreground": ("foreground",),
}


class Section(BaseModel):
    """A part of the template."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Percentiles(Section):
    """Two percentiles of each channel become 0 and 1; names and defaults as in a training configuration."""

    kind: Literal["percentiles"] = "percentiles"
    low_percentile: float = Field(1.0, ge=0, lt=50)
    high_percentile: float = Field(99.8, gt=50, le=100)


class MeanStd(Section):
    """Zero mean and unit variance of each channel."""

    kind: Literal["mean_std"]


class Linear(Section):
    """``x · gain + offset``, for example gain 0.00392157 for 8-bit images that were divided by 255."""

    kind: Literal["linear"]
    gain: float = 1.0
    offset: float = 0.0


class NoNormalisation(Section):
    """Pixel values as stored."""

    kind: Literal["none"]


class OutputSection(Section):
    """The tensor that the network gives.

    Parameters
    ----------
    channel_names : tuple of str
        One for each channel, in order.
    activation : str
        What is still to be done with the network's numbers.
    name, description : str
        Of the tensor.
    """

    channel_names: tuple[str, ...] = ()
    activation: Literal["none", "sigmoid", "softmax"] = "none"
    name: str = Field("fields", pattern=r"[a-z][a-z0-9_]{0,31}")
    description: str = ""


class DecoderSection(Section):
    """What turns the output into labels."""

    name: str
    probability: float = Field(0.5, ge=0, le=1)
    overlap: float = Field(0.5, ge=0, le=1)
    min_size: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        if self.name not in DECODERS:
            raise ValueError(f"no decoder {self.name!r}: {did_you_mean(self.name, DECODERS)}")
        return self


class TemplateFile(Section):
    """Everything that a template may say.

    Parameters
    ----------
    name : str
        Id of the new model.
    channel_names : tuple of str
        Of the input.
    dims : int
        2 or 3.
    step : int or None
        Sides are multiples of this.
    minimum : int or None
        Shortest side; default the smallest multiple of ``step`` from 16 px on.
    size : tuple of int or None
        Instead of ``step``: the one size that the network takes, ``[Y, X]`` or ``[Z, Y, X]``.
    normalisation
        What is done with pixel values before the network.
    output : OutputSection
        What the network gives.
    decoder : DecoderSection or None
        What turns that into labels; None: its outputs are images.
    channel : str or None
        Which channel of a multi-channel image it takes by default.
    about : ModelText
        What people say of the model.

    Examples
    --------
    >>> from pybridge.export.example import EXAMPLE
    >>> from pybridge.files.yaml_file import list_wrong_settings, parse_yaml
    >>> template = TemplateFile.model_validate(parse_yaml(EXAMPLE, asked="read it", do="mend it"))
    >>> template.step, template.decoder.name, template.about.license
    (16, 'foreground', 'CC-BY-4.0')
    """

    name: str = Field(pattern=f"^{MODEL_ID}$")
    channel_names: tuple[str, ...] = Field(("image",), min_length=1)
    dims: Literal[2, 3] = 2
    step: Side | None = None
    minimum: Side | None = None
    size: tuple[Side, ...] | None = None
    normalisation: Annotated[Percentiles | MeanStd | Linear | NoNormalisation, Field(discriminator="kind")] = (
        Percentiles()
    )
    output: OutputSection = OutputSection()
    decoder: DecoderSection | None = None
    channel: str | None = None
    about: ModelText = ModelText()

    @model_validator(mode="after")
    def _sizes_and_channels_are_clear(self) -> Self:
        if (self.step is None) == (self.size is None):
            raise ValueError("give either step (sides are multiples of it) or size (the only one)")
        if self.size is not None and len(self.size) != self.dims:
            raise ValueError(f"size has {len(self.size)} numbers for {self.dims} dimensions")
        if self.minimum is not None and (self.step is None or self.minimum % self.step):
            raise ValueError(f"minimum is {self.minimum}, no multiple of step {self.step}")
        if not self.output_channels:
            raise ValueError("output.channel_names is needed: one name for each channel that the network gives")
        return self

    @property
    def output_channels(self) -> tuple[str, ...]:
        """Channels of the output; where none are named, those that the decoder reads."""
        if self.output.channel_names or self.decoder is None:
            return self.output.channel_names
        return DECODER_CHANNELS.get(self.decoder.name, ())


def check_template(content: object, *, path: Path) -> TemplateFile:
    """Check what a template says.

    Raises
    ------
    UsageError
        With one part for each wrong setting.
    """
    try:
        return TemplateFile.model_validate(content)
    except ValidationError as error:
        raise UsageError(
            f"read the template {str(path)!r}",
            found=list_wrong_settings(error),
            do="correct these settings; `pybridge export --help` shows a whole template",
        ) from error
