"""The options of the methods that threshold and part, and what they chose for one plane. Imports options only."""

from __future__ import annotations

from dataclasses import dataclass

from pybridge.baselines.options import Options, option


@dataclass(frozen=True, slots=True, kw_only=True)
class WatershedOptions(Options):
    """How a plane becomes foreground, and foreground objects.

    Parameters
    ----------
    sigma : float or None
        Standard deviation of the Gaussian that smooths the image before the threshold, in pixels.
    background : float or None
        Radius in pixels of the neighbourhood whose dark level is taken away first; 0 takes nothing away.
    edge : float
        Share of its own brightness above the ground at which the edge of each object lies; 0 leaves it at the
        threshold.
    roundness : float
        Least 4π·area/perimeter² of an object, 0 to 1.
    max_size : int or None
        Largest object kept, in pixels; None keeps all.
    objects : str
        ``bright`` on a dark ground, or ``dark``.
    """

    sigma: float | None = option(None, minimum=0, maximum=100, help="smoothing before the threshold, in pixels")
    background: float | None = option(
        None, minimum=0, maximum=10_000, help="radius of the background that is taken away, in pixels; 0 for none"
    )
    edge: float = option(
        0.5, minimum=0, maximum=0.95, help="share of an object's brightness at which its edge lies; 0: at the threshold"
    )
    roundness: float = option(0.0, minimum=0, maximum=1, help="least 4*pi*area/perimeter^2 of an object, 0 to 1")
    max_size: int | None = option(None, minimum=1, help="largest object kept, in pixels")
    objects: str = option("bright", choices=("bright", "dark"), help="bright objects on a dark ground, or dark ones")


@dataclass(frozen=True, slots=True)
class WatershedChoice:
    """What held for one plane: thresholds and sizes, found from the image where nobody gave them.

    Parameters
    ----------
    threshold : float
        In the image's own units, after the background was taken away; NaN for a threshold that differs from place to
        place, or when nothing was found.
    sigma, background : float
        In pixels.
    noise : float
        Standard deviation of the pixels' noise, in the image's own units.
    min_size : int
        In pixels.
    overlap : float
        Above which two parts are one object.
    """

    threshold: float
    sigma: float
    background: float
    noise: float
    min_size: int
    overlap: float
