"""How near a restored image comes to the truth, beside how near the raw image was. Imports core and numpy.

A model that does not bring the image nearer to the truth than the raw image was does not improve it; so both are scored
the same way. All sums are in float64 over all pixels:

- RMSE: root of the mean squared difference, in units of the pixel values.
- NRMSE: RMSE over the data range.
- PSNR: 20 log10(data range / RMSE), in dB; infinite for equal images.
- SSIM: structural similarity (metrics/similarity.py); NaN where its window of 11 pixels a side does not fit. Planes are
  scored one by one and averaged. A volume (``is_volume``, the last three axes) has that of a window in three
  dimensions, and beside it as ``ssim_planes`` the mean over its planes: the two are not to be compared.
- Pearson: correlation of the pixel values; NaN when an image is constant.
- RSE: resolution-scaled error as in SQUIRREL (Culley et al., Nature Methods 15, 2018), for images of one resolution:
  the image is first brought to the scale of the truth, truth ≈ α image + β by least squares; the map is the absolute
  difference that is left at each pixel, the score its root mean square. It does not depend on the brightness or
  contrast of the image. One α and one β are fitted to all pixels that are given, over all planes and volumes.

The data range is the span of the truth (maximum − minimum) over all pixels that are given, unless given itself. RMSE,
NRMSE, PSNR and SSIM compare values as they are; where raw and truth differ in exposure, ``fitted=True`` compares them
after that same least-squares fit (as Weigert et al., Nature Methods 15, 2018, do before they score).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError, UsageError
from pybridge.metrics.similarity import similarity

_LARGEST = 1e60  # the fourth power of which is still a number


@dataclass(frozen=True, slots=True, eq=False)
class ImageQuality:
    """Scores of one image against the truth; what is undefined is NaN.

    Parameters
    ----------
    rmse, nrmse, psnr, ssim, pearson, rse : float
    ssim_planes : float
        Mean over planes; it is ``ssim`` unless the images are volumes.
    scale, offset : float
        α and β of the least-squares fit: truth ≈ α image + β.
    rse_map, ssim_map : ndarray of float32
        Absolute difference after the fit, and local structural similarity, of the shape of the images; that of planes
        where the window does not fit into the volume.
    """

    rmse: float
    nrmse: float
    psnr: float
    ssim: float
    ssim_planes: float
    pearson: float
    rse: float
    scale: float
    offset: float
    rse_map: NDArray[np.float32]
    ssim_map: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class RestorationScores:
    """Scores of a restored image, and of the raw image it was made of, against the truth.

    Parameters
    ----------
    prediction : ImageQuality
    raw : ImageQuality or None
    data_range : float
        That NRMSE, PSNR and SSIM refer to.
    fitted : bool
        Whether images were fitted to the truth before all scores.
    """

    prediction: ImageQuality
    raw: ImageQuality | None
    data_range: float
    fitted: bool

    @property
    def rse_map(self) -> NDArray[np.float32]:
        """Error map of the prediction."""
        return self.prediction.rse_map

    @property
    def ssim_map(self) -> NDArray[np.float32]:
        """Local structural similarity of the prediction to the truth."""
        return self.prediction.ssim_map


def score_restoration(
    prediction: NDArray[Any],
    truth: NDArray[Any],
    *,
    raw: NDArray[Any] | None = None,
    data_range: float | None = None,
    fitted: bool = False,
    is_volume: bool = False,
) -> RestorationScores:
    """Score a restored image against the truth, and the raw image beside it.

    Parameters
    ----------
    prediction, truth : ndarray of one shape, (…, Y, X)
    raw : ndarray of that shape, optional
        What the prediction was made of.
    data_range : float, optional
        Span of possible or of interesting values; by default maximum − minimum of the truth.
    fitted : bool
        Bring each image to the scale of the truth, by least squares, before all scores.
    is_volume : bool
        Whether the last three axes are a volume (Z, Y, X), and not planes beside each other.

    Raises
    ------
    ImageError
        If the shapes differ, there are fewer axes than a plane or a volume has, or a pixel is not finite, or beyond
        1e60.
    UsageError
        If ``data_range`` is not above 0.

    Examples
    --------
    >>> truth = np.random.default_rng(1).normal(100, 20, (50, 70))
    >>> scores = score_restoration(2 * truth + 3, truth, raw=truth + 1)
    >>> round(scores.prediction.pearson, 6), round(scores.prediction.rse, 6), round(scores.raw.rmse, 6)
    (1.0, 0.0, 1.0)
    """
    images = {"truth": truth, "prediction": prediction, **({} if raw is None else {"raw image": raw})}
    for name, image in images.items():
        _check(image, name=name, shape=truth.shape, axes=3 if is_volume else 2)
    if data_range is not None and not (np.isfinite(data_range) and data_range > 0):
        raise UsageError(f"score with data_range={data_range!r}", found="not above 0", do="give the span of values")
    true = truth.astype(np.float64)
    span = float(np.ptp(true)) if data_range is None else float(data_range)
    return RestorationScores(
        _score(prediction, true, span, fitted=fitted, is_volume=is_volume),
        None if raw is None else _score(raw, true, span, fitted=fitted, is_volume=is_volume),
        data_range=span,
        fitted=fitted,
    )


def _check(image: NDArray[Any], *, name: str, shape: tuple[int, ...], axes: int) -> None:
    found = None
    if image.shape != shape:
        found = f"the {name} has shape {image.shape}, the truth {shape}"
    elif image.ndim < axes or not image.size:
        found = f"the {name} has shape {image.shape}"
    elif image.dtype.kind not in "buif":
        found = f"the {name} is {image.dtype}"
    elif image.dtype.kind == "f" and not np.isfinite(image).all():
        found = f"the {name} has pixels that are not finite"
    elif image.dtype.kind == "f" and float(max(image.max(), -image.min())) > _LARGEST:
        found = f"the {name} has pixels beyond {_LARGEST:g}, as marks of missing values are"
    if found:
        raise ImageError(
            "score an image against the truth", found=found, do="give images of the same pixels with finite values"
        )


def _score(
    image: NDArray[Any], truth: NDArray[np.float64], span: float, *, fitted: bool, is_volume: bool
) -> ImageQuality:
    values = image.astype(np.float64)
    off, true_off = _deviation(values), _deviation(truth)
    power, true_power, shared = float((off**2).sum()), float((true_off**2).sum()), float((off * true_off).sum())
    scale = shared / power if power else 0.0
    offset = float(truth.mean() - scale * values.mean())
    fit = scale * values + offset
    compared = fit if fitted else values
    rmse = _root_mean_square(compared - truth)
    ssim_map, ssim_planes = similarity(compared, truth, span, axes=2)
    ssim = ssim_planes
    if is_volume:
        map_of_volumes, ssim = similarity(compared, truth, span, axes=3)
        ssim_map = ssim_map if np.isnan(ssim) else map_of_volumes
    error = np.abs(truth - fit)
    return ImageQuality(
        rmse=rmse,
        nrmse=rmse / span if span else float("nan"),
        psnr=_psnr(rmse, span),
        ssim=ssim,
        ssim_planes=ssim_planes,
        pearson=_correlation(shared, power, true_power),
        rse=_root_mean_square(error),
        scale=scale,
        offset=offset,
        rse_map=error.astype(np.float32),
        ssim_map=ssim_map,
    )


def _deviation(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Subtract the mean; a constant image gives 0 and not the rounding error of its mean."""
    deviation: NDArray[np.float64] = values - (values.flat[0] if not np.ptp(values) else values.mean())
    return deviation


def _correlation(shared: float, power: float, true_power: float) -> float:
    if not power or not true_power:
        return float("nan")
    return float(np.clip(shared / (np.sqrt(power) * np.sqrt(true_power)), -1, 1))  # rounding goes beyond 1


def _root_mean_square(values: NDArray[np.float64]) -> float:
    return float(np.sqrt((values**2).mean()))


def _psnr(rmse: float, span: float) -> float:
    if not span:
        return float("nan")
    return float(20 * np.log10(span / rmse)) if rmse else float("inf")
