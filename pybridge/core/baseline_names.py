"""The names of the classical methods that stand where a model's id stands. Imports nothing.

Here rather than in ``baselines``, so that the rooms below it can tell such a name from a model's and propose it.
"""

from __future__ import annotations

PREFIX = "baseline:"
THRESHOLDS = ("otsu-watershed", "li-watershed", "triangle-watershed", "local-watershed")
SPOTS = "log-spots"
FOREST = "pixel-forest"
SEGMENTING = (*THRESHOLDS, SPOTS, FOREST)
NONE = "none"
RAW = PREFIX + NONE
"""The raw image, which stands among all methods that restore it."""
DENOISING = ("gaussian", "median", "nl-means", NONE)


def is_baseline(reference: str) -> bool:
    """Whether a text names a classical method, known or not.

    Examples
    --------
    >>> is_baseline("baseline:otsu-watershed"), is_baseline("nuclei-fluo")
    (True, False)
    """
    return reference.startswith(PREFIX)


def baseline_ids() -> tuple[str, ...]:
    """List all of them as they are typed.

    Examples
    --------
    >>> baseline_ids()[0]
    'baseline:otsu-watershed'
    """
    return tuple(PREFIX + name for name in (*SEGMENTING, *DENOISING))
