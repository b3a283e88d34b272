"""A classical method as what the task Segment runs on each plane. Imports decode and core."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.catalogue import ChosenBaseline
from pybridge.baselines.device import cpu_used
from pybridge.baselines.foreground import finite_plane
from pybridge.baselines.spots import SpotOptions, find_spots
from pybridge.baselines.threshold_watershed import segment_plane
from pybridge.baselines.watershed_options import WatershedOptions
from pybridge.core.errors import UsageError
from pybridge.core.record import DeviceUsed, ModelUsed, Stopwatch
from pybridge.decode.plane import DecodedPlane


class BaselineSegmenter:
    """Segments planes with a classical method on the CPU.

    Parameters
    ----------
    chosen : ChosenBaseline
        The method and its options.
    device : str
        ``auto`` or ``cpu``.
    overlap : float or None
        Overlap above which two parts are one object; None takes the method's.
    min_size : int or None
        Smallest object kept, in pixels; None finds it from each plane.
    exclude_border : bool
        Leave out objects that touch the image border.
    """

    channels = 1
    channel = None

    def __init__(
        self,
        chosen: ChosenBaseline,
        *,
        device: str = "auto",
        overlap: float | None = None,
        min_size: int | None = None,
        exclude_border: bool = False,
    ) -> None:
        self._chosen = chosen
        self._device = cpu_used(device, asked=f"segment with {chosen.id!r}")
        if overlap is not None and isinstance(chosen.options, SpotOptions):
            raise UsageError(
                f"overlap={overlap!r} with {chosen.id!r}",
                found="spots are parted at the valleys between them",
                do="leave overlap out",
            )
        self._overlap = overlap
        self._min_size = min_size
        self._exclude_border = exclude_border
        self._planes: list[Any] = []

    @property
    def used(self) -> ModelUsed:
        """The method, for the record."""
        return self._chosen.used()

    @property
    def device(self) -> DeviceUsed:
        """The CPU."""
        return self._device

    @property
    def warnings(self) -> tuple[str, ...]:
        """Nothing to tell beyond what the planes say."""
        return ()

    @property
    def held(self) -> dict[str, Any]:
        """What the record says of the method: its options, and what it chose for each plane done so far."""
        return {
            "baseline": dataclasses.asdict(self._chosen.options),
            "planes": [dataclasses.asdict(plane) for plane in self._planes],
        }

    def segment(self, plane: NDArray[Any], *, watch: Stopwatch) -> DecodedPlane:
        """Find the objects of one plane (1, Y, X); their confidence is undefined, NaN."""
        with watch.part("decode"):
            found, choice = self._found(finite_plane(plane[0]))
        self._planes.append(choice)
        return found

    def _found(self, plane: NDArray[Any]) -> tuple[DecodedPlane, Any]:
        options = self._chosen.options
        if isinstance(options, SpotOptions):
            return find_spots(plane, options, min_size=self._min_size, exclude_border=self._exclude_border)
        assert isinstance(options, WatershedOptions)
        return segment_plane(
            plane,
            self._chosen.method.name.removesuffix("-watershed"),
            options,
            overlap=self._overlap,
            min_size=self._min_size,
            exclude_border=self._exclude_border,
        )

    def probability_map(self) -> NDArray[np.float32] | None:
        """None: the method has no probabilities."""
        return None
