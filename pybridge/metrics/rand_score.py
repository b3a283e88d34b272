"""How alike two label images are, pixel pair by pixel pair: the Rand F-score. Imports core and numpy only."""

from __future__ import annotations

from pybridge.metrics.overlaps import Overlaps


def rand_score(found: Overlaps) -> float:
    """Compare two label images by the pairs of pixels that lie in one object.

    Of all pairs of pixels in one object of the first image, some lie in one object of the second too, and the other
    way round; the score is the harmonic mean of the two shares. Background belongs to no object. Large objects weigh
    more.

    It follows the adapted Rand error (Arganda-Carreras et al., Frontiers in Neuroanatomy 9, 2015), but is not one minus
    what ``skimage.metrics.adapted_rand_error`` gives, in two ways. The foreground of both images counts, where there
    that of the truth does, so that the two images are treated alike. And each pixel makes a pair with itself, as in the
    paper's sums of squares, where scikit-image leaves these pairs out: an object of one pixel counts too, and on
    objects of a few pixels the score is higher (0.667 below, 0.5 there); on hundreds of pixels the two are close.

    Parameters
    ----------
    found : Overlaps

    Returns
    -------
    float
        0 to 1; NaN when neither image has an object.

    Examples
    --------
    >>> import numpy as np
    >>> from pybridge.metrics.overlaps import overlaps
    >>> rand_score(overlaps(np.array([[1, 1, 2, 2]]), np.array([[5, 5, 5, 5]])))
    0.6666666666666666
    """
    pairs = float((found.truth_area.astype(float) ** 2).sum() + (found.result_area.astype(float) ** 2).sum())
    return 2 * float((found.intersection.astype(float) ** 2).sum()) / pairs if pairs else float("nan")
