"""The pre- and post-processing steps that a bioimage.io description may ask for, as frozen values.

The names of axes are those of the description (``"channel"``, ``"y"`` …, or the letters of format 0.4 turned into
them). Imports the standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class EnsureDtype:
    """Cast to a type, for example ``"float32"``."""

    dtype: str


@dataclass(frozen=True, slots=True)
class Binarize:
    """One above the threshold, zero elsewhere; several thresholds run along ``axis``."""

    threshold: tuple[float, ...]
    axis: str | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """Limit values from below and above, by fixed values or by percentiles taken over ``axes`` (None: over all)."""

    minimum: float | None = None
    maximum: float | None = None
    min_percentile: float | None = None
    max_percentile: float | None = None
    axes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ScaleLinear:
    """``x · gain + offset``; several values run along ``axis``."""

    gain: tuple[float, ...]
    offset: tuple[float, ...]
    axis: str | None = None


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """The logistic function."""


@dataclass(frozen=True, slots=True)
class Softmax:
    """Exponentials that sum to one along ``axis``."""

    axis: str = "channel"


@dataclass(frozen=True, slots=True)
class FixedZeroMeanUnitVariance:
    """``(x - mean) / std`` with given numbers; several values run along ``axis``."""

    mean: tuple[float, ...]
    std: tuple[float, ...]
    axis: str | None = None


@dataclass(frozen=True, slots=True)
class ZeroMeanUnitVariance:
    """``(x - mean) / (std + eps)`` with mean and standard deviation over ``axes`` (None: over all)."""

    axes: tuple[str, ...] | None
    eps: float


@dataclass(frozen=True, slots=True)
class ScaleRange:
    """``(x - low) / (high - low + eps)`` with percentiles over ``axes`` of the tensor or of an unprocessed input."""

    axes: tuple[str, ...] | None
    min_percentile: float
    max_percentile: float
    eps: float
    reference_tensor: str | None = None


@dataclass(frozen=True, slots=True)
class ScaleMeanVariance:
    """``(x - mean) / (std + eps) · (ref_std + eps) + ref_mean`` with the statistics of an unprocessed input."""

    reference_tensor: str
    axes: tuple[str, ...] | None
    eps: float


Step: TypeAlias = (
    EnsureDtype
    | Binarize
    | Clip
    | ScaleLinear
    | Sigmoid
    | Softmax
    | FixedZeroMeanUnitVariance
    | ZeroMeanUnitVariance
    | ScaleRange
    | ScaleMeanVariance
)

STEPS: tuple[type[Step], ...] = (
    EnsureDtype,
    Binarize,
    Clip,
    ScaleLinear,
    Sigmoid,
    Softmax,
    FixedZeroMeanUnitVariance,
    ZeroMeanUnitVariance,
    ScaleRange,
    ScaleMeanVariance,
)
