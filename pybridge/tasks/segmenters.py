"""What finds the objects of a plane, by what the user named: a network with its decoder, or a classical method.

Imports zoo, runtime, decode and baselines inside functions.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pybridge.core.baseline_names import FOREST, is_baseline
from pybridge.core.errors import ModelError, UsageError
from pybridge.core.record import DeviceUsed, ModelUsed, Stopwatch
from pybridge.tasks.segment_settings import SegmentSettings

if TYPE_CHECKING:
    from pybridge.decode.plane import DecodedPlane, LabelField
    from pybridge.zoo import DecoderSpec, Model


class Segmenter(Protocol):
    """Finds the objects of one plane after the other, with the settings of one call."""

    @property
    def used(self) -> ModelUsed:
        """Which model or method, for the record."""

    @property
    def device(self) -> DeviceUsed:
        """Where it runs."""

    @property
    def channels(self) -> int:
        """How many channels it takes."""

    @property
    def channel(self) -> str | None:
        """The channel that it takes of an image with several, when it says so."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the record must say of the planes so far."""

    @property
    def held(self) -> dict[str, Any]:
        """The parameters that really held, over all planes so far."""

    def segment(self, plane: NDArray[Any], *, watch: Stopwatch) -> DecodedPlane:
        """Find the objects of a plane (C, Y, X)."""

    def probability_map(self) -> NDArray[np.float32] | None:
        """Give the foreground probability of the last plane; None when there is none."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The thresholds that really hold: the user's, else the model's."""

    probability: float
    overlap: float
    min_size: int


class NetworkSegmenter:
    """Segments planes with a model and its decoder.

    Parameters
    ----------
    model : Model
        From ``pybridge.zoo.find``.
    settings : SegmentSettings
        Checked settings.
    used : ModelUsed, optional
        How the record names it; default as the model does.
    """

    def __init__(self, model: Model, settings: SegmentSettings, *, used: ModelUsed | None = None) -> None:
        from pybridge.runtime import open_predictor

        self._settings = settings
        self._decoder = _decoder_of(model)
        self._predictor = open_predictor(model, device=settings.device)
        self._thresholds = _thresholds(settings, self._decoder)
        self._field: LabelField | None = None
        self.used = used or model.used()
        self.channels = model.channels
        self.channel = model.config.channel

    @property
    def device(self) -> DeviceUsed:
        """The device that really ran."""
        return self._predictor.device

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the record must say of device, tiling and memory."""
        return self._predictor.warnings

    @property
    def held(self) -> dict[str, Any]:
        """The thresholds that held."""
        return dataclasses.asdict(self._thresholds)

    def segment(self, plane: NDArray[Any], *, watch: Stopwatch) -> DecodedPlane:
        """Run the network over a plane and decode what it gives."""
        from pybridge.decode import field_for

        with watch.part("decode"):
            self._field = field_for(self._decoder.name, (plane.shape[1], plane.shape[2]))
        self._predictor.predict(
            plane, "CYX", tile=self._settings.tile, sink=self._field, augment=self._settings.augment, watch=watch
        )
        with watch.part("decode"):
            return self._field.labels(
                probability=self._thresholds.probability,
                overlap=self._thresholds.overlap,
                min_size=self._thresholds.min_size,
                exclude_border=self._settings.exclude_border,
            )

    def probability_map(self) -> NDArray[np.float32] | None:
        """Give the foreground probability of the last plane."""
        return None if self._field is None else self._field.probability_map()


def open_segmenter(settings: SegmentSettings) -> Segmenter:
    """Open the model or method that the settings name.

    Raises
    ------
    ModelNotFoundError
        If there is none of that name.
    ModelError
        If the model gives no labels.
    UsageError
        If a setting does not apply to the method.
    DeviceError
        If the device asked for cannot run.

    Examples
    --------
    >>> open_segmenter(SegmentSettings(model="baseline:otsu-watershed")).device.used
    'cpu'
    """
    if is_baseline(settings.model):
        return _open_baseline(settings)
    from pybridge import zoo

    return NetworkSegmenter(zoo.find(settings.model), settings)


def _open_baseline(settings: SegmentSettings) -> Segmenter:
    from pybridge.baselines import find_baseline
    from pybridge.baselines.segmenter import BaselineSegmenter

    chosen = find_baseline(settings.model, task="segment")
    if chosen.method.name == FOREST:
        # A model like any other, under the name of a baseline.
        from pybridge import zoo

        model = zoo.find(FOREST)
        return NetworkSegmenter(model, settings, used=dataclasses.replace(model.used(), id=chosen.id))
    wrong = {
        "probability": settings.probability is not None,
        "augment": settings.augment,
        "show_probability": settings.show_probability,
    }
    refused = [name for name, given in wrong.items() if given]
    if refused:
        raise UsageError(
            f"{refused[0]}={getattr(settings, refused[0])!r} with {chosen.id!r}",
            found="this method has no probabilities and no network",
            do=f"leave {refused[0]} out, or use a network or baseline:pixel-forest",
        )
    return BaselineSegmenter(
        chosen,
        device=settings.device,
        overlap=settings.overlap,
        min_size=settings.min_size,
        exclude_border=settings.exclude_border,
    )


def _decoder_of(model: Model) -> DecoderSpec:
    asked = f"segment with the model {model.id!r}"
    decoder = model.decoder
    if decoder is None:
        raise ModelError(
            asked,
            found="its description names no way from its outputs to labels",
            do="choose a model whose task is segment; `pybridge predict` gives raw outputs",
        )
    if model.spatial != "YX":
        raise ModelError(
            asked,
            found=f"it takes {model.spatial or 'no'} axes; PyBridge's decoders work on planes (YX)",
            do="choose a 2-D model: it runs on each plane of a stack",
        )
    return decoder


def _thresholds(settings: SegmentSettings, decoder: DecoderSpec) -> Thresholds:
    """Take each threshold from the settings, else from the model."""
    return Thresholds(
        probability=decoder.probability if settings.probability is None else settings.probability,
        overlap=decoder.overlap if settings.overlap is None else settings.overlap,
        min_size=decoder.min_size if settings.min_size is None else settings.min_size,
    )
