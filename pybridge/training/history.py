"""What happened in a run, step by step: the rows behind its curves. Imports nothing but the standard library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """Means over the steps since the row before.

    Parameters
    ----------
    step : int
        Last of these steps.
    loss : float
        What is minimised.
    parts : tuple of (str, float)
        Its named parts.
    learning_rate : float
    elapsed_s : float
        Seconds of training so far, over all sittings.
    """

    step: int
    loss: float
    parts: tuple[tuple[str, float], ...]
    learning_rate: float
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class ValidationRow:
    """Scores of the averaged weights on the validation images.

    Parameters
    ----------
    step : int
    loss : float
        Without augmentation, so it is not comparable with the training loss number by number; its course is.
    ap_50, ap_75, mean_ap : float
        Pooled AP at IoU 0.50 and 0.75, and its mean over 0.50:0.05:0.95.
    elapsed_s : float
        Seconds so far, over all sittings.
    """

    step: int
    loss: float
    ap_50: float
    ap_75: float
    mean_ap: float
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class History:
    """All rows of a run."""

    training: tuple[TrainingRow, ...] = ()
    validation: tuple[ValidationRow, ...] = ()

    @property
    def best(self) -> ValidationRow | None:
        """The validation with the highest mean AP, the first of equal ones; None before the first."""
        return max(self.validation, key=lambda row: (row.mean_ap, -row.step), default=None)
