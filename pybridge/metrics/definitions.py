"""What scores mean where programs differ, in sentences that ``scores.json`` and reports carry."""

from __future__ import annotations

from pybridge.metrics.classification import BINS
from pybridge.metrics.similarity import K1, K2, SIGMA_PX, WINDOW_PX


def define_restored(*, is_stack: bool) -> list[str]:
    """Define the scores of restored images.

    Examples
    --------
    >>> define_restored(is_stack=False)[0]
    'NRMSE, PSNR and SSIM refer to the span of the truth (maximum - minimum) in each channel of each image.'
    """
    plane = f"{WINDOW_PX} × {WINDOW_PX}"
    window = (
        f"{plane} × {WINDOW_PX} px in stacks, {plane} px in single planes and slices" if is_stack else f"{plane} px"
    )
    return [
        "NRMSE, PSNR and SSIM refer to the span of the truth (maximum - minimum) in each channel of each image.",
        f"SSIM has a Gaussian window of sigma {SIGMA_PX} px, cut to {window}, with K1 = {K1} and K2 = {K2}; its mean "
        f"leaves out a border of {WINDOW_PX // 2} px.",
    ]


def define_fitted_error() -> list[str]:
    """Define the error after a linear fit: other programs call other things RSE.

    Examples
    --------
    >>> define_fitted_error()[0].partition(":")[0]
    'RSE is the error that is left after a linear fit, as in SQUIRREL (Culley et al., Nature Methods 15, 2018)'
    """
    return [
        "RSE is the error that is left after a linear fit, as in SQUIRREL (Culley et al., Nature Methods 15, 2018): "
        "the result is scaled and shifted to come nearest to the truth by least squares, in each channel of each "
        "image, and the score is the root mean square of truth minus fitted result. Maps named -rse hold the size of "
        "that difference at each pixel, not that of truth minus result."
    ]


def define_boundaries() -> list[str]:
    """Define the distances between outlines."""
    return [
        "HD95 is the greater of two 95th percentiles: of the distances from the outline of the result to that of the "
        "truth, and of those back; ASSD is the mean of both sets together."
    ]


def define_calibration() -> list[str]:
    """Define the expected calibration error."""
    return [f"ECE has {BINS} bins of equal width, and the probability of the class that was found counts."]
