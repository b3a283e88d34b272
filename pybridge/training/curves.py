"""The course of a run for people: CSV, a picture, and plain sentences on over-fitting. Imports NumPy; never torch.

Matplotlib is imported inside functions, and without pyplot: no window, no state that other figures share.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

import numpy as np

from pybridge.training.history import History, TrainingRow, ValidationRow

# Okabe and Ito's colours, told apart by colour-blind people; line style and marker say the same once more.
_BLUE, _ORANGE, _GREEN, _GREY = "#0072B2", "#D55E00", "#009E73", "#595959"
# Smaller changes than these lie within what two validations of equal networks differ by.
_LOSS_RISE, _SCORE_CHANGE = 0.05, 0.01
_FEWEST = 3


def training_to_csv(history: History) -> str:
    """Write the training rows as CSV: step, loss, its parts, learning rate, seconds.

    Examples
    --------
    >>> row = TrainingRow(20, 0.75, (("foreground", 0.5), ("offsets", 0.25)), 1e-3, 12.5)
    >>> training_to_csv(History(training=(row,)))
    'step,loss,foreground_loss,offsets_loss,learning_rate,elapsed_s\\n20,0.75,0.5,0.25,0.001,12.5\\n'
    """
    names = [name for name, _ in history.training[0].parts] if history.training else []
    return _to_csv(
        ["step", "loss", *(f"{name}_loss" for name in names), "learning_rate", "elapsed_s"],
        [[row.step, row.loss, *dict(row.parts).values(), row.learning_rate, row.elapsed_s] for row in history.training],
    )


def validation_to_csv(history: History) -> str:
    """Write the validation rows as CSV; ``best`` is 1 in the row whose weights were kept."""
    best = history.best
    return _to_csv(
        ["step", "loss", "ap_0.50", "ap_0.75", "mean_ap", "elapsed_s", "best"],
        [
            [row.step, row.loss, row.ap_50, row.ap_75, row.mean_ap, row.elapsed_s, int(row is best)]
            for row in history.validation
        ],
    )


def _to_csv(header: Sequence[str], rows: Sequence[Sequence[float]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([value if isinstance(value, int) else f"{value:.6g}" for value in row] for row in rows)
    return text.getvalue()


def draw_curves(history: History, *, title: str = "") -> bytes:
    """Draw losses and scores over the steps, the best step marked.

    Parameters
    ----------
    history : History
        At least one validation.
    title : str
        Above both panels, for example the model's name.

    Returns
    -------
    bytes
        A PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    figure = Figure(figsize=(10, 4.6), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    losses, scores = figure.subplots(1, 2, sharex=True)
    steps = [row.step for row in history.training]
    if steps:
        losses.plot(steps, [row.loss for row in history.training], color=_BLUE, alpha=0.3, linewidth=1)
        losses.plot(
            steps,
            _smoothed([row.loss for row in history.training]),
            color=_BLUE,
            linewidth=2,
            label="training (augmented crops), running median",
        )
    validated = [row.step for row in history.validation]
    losses.plot(
        validated,
        [row.loss for row in history.validation],
        color=_ORANGE,
        marker="o",
        markersize=4,
        linestyle="--",
        label="validation (whole images)",
    )
    shown = [value for value in (*(row.loss for row in history.training), *_losses(history)) if value > 0]
    if shown and max(shown) > 5 * min(shown):
        # The first steps would press the rest, where one looks for over-fitting, into a line.
        losses.set_yscale("log")
        losses.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
        losses.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        losses.yaxis.set_minor_formatter(NullFormatter())
    losses.set(title="Loss", xlabel="optimiser steps", ylabel="loss (no unit)")
    for values, label, colour, marker, style in (
        ([row.ap_50 for row in history.validation], "AP at IoU 0.50", _GREEN, "s", ":"),
        ([row.ap_75 for row in history.validation], "AP at IoU 0.75", _ORANGE, "^", "--"),
        ([row.mean_ap for row in history.validation], "mean AP, IoU 0.50 to 0.95", _BLUE, "o", "-"),
    ):
        scores.plot(validated, values, label=label, color=colour, marker=marker, markersize=4, linestyle=style)
    scores.set(title="Validation scores", xlabel="optimiser steps", ylabel="average precision (0 to 1)")
    scores.set_ylim(0, 1)
    best = history.best
    for axes in (losses, scores):
        if best is not None and math.isfinite(best.mean_ap):
            label = f"best: step {best.step}, mean AP {best.mean_ap:.3f}"
            axes.axvline(best.step, color=_GREY, linewidth=1.2, linestyle=(0, (1, 1.5)), label=label)
        axes.set_xlim(left=0)
        axes.grid(color="#dddddd", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(fontsize=8, frameon=True, framealpha=0.9, edgecolor="none")
    if title:
        figure.suptitle(title, fontsize=11, parse_math=False)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def find_overfitting(history: History) -> tuple[str, ...]:
    """Say in plain sentences what the curves show: learning by heart, a score past its best, an end too early.

    Parameters
    ----------
    history : History
        All rows of a run.

    Returns
    -------
    tuple of str
        Each with the numbers that it rests on; empty when the curves give no reason to act.

    Examples
    --------
    >>> scores = [0.5, 0.6, 0.62, 0.55]
    >>> rows = [ValidationRow(100 * n, 0.3, 0.7, 0.6, score, 60.0 * n) for n, score in enumerate(scores, 1)]
    >>> find_overfitting(History(validation=tuple(rows)))[0][:66]
    'The score fell after its best: mean AP was 0.620 at step 300 and 0'
    """
    rows = [row for row in history.validation if math.isfinite(row.loss)]
    scored = [row for row in history.validation if math.isfinite(row.mean_ap)]
    if len(scored) < _FEWEST:
        return (
            f"The run has {len(scored)} validation(s) with a score, too few to see over-fitting; "
            "a smaller validate_every gives more.",
        )
    found = (_by_heart(rows, history.training), _past_its_best(scored), _still_rising(scored))
    return tuple(sentence for sentence in found if sentence)


def _by_heart(rows: Sequence[ValidationRow], training: Sequence[TrainingRow]) -> str:
    """Compare the ends of both loss curves with where that of validation was lowest."""
    if not rows:
        return ""
    lowest, last = min(rows, key=lambda row: row.loss), rows[-1]
    after = [row.loss for row in rows if row.step > lowest.step]
    then, now = _training_loss(training, rows, lowest.step), _training_loss(training, rows, last.step)
    # One validation may be chance; the middle of all since is not.
    risen = len(after) >= 2 and min(last.loss, float(np.median(after))) > (1 + _LOSS_RISE) * lowest.loss
    if not risen or then is None or now is None or now >= then:
        return ""
    return (
        f"Over-fitting: the validation loss rose by {last.loss / lowest.loss - 1:.0%} from its lowest "
        f"({lowest.loss:.4f} at step {lowest.step}) to {last.loss:.4f} at step {last.step}, while the training loss "
        f"fell from {then:.4f} to {now:.4f}. More or more varied training images would help most; a smaller network, "
        "stronger augmentation or fewer steps too."
    )


def _training_loss(training: Sequence[TrainingRow], rows: Sequence[ValidationRow], step: int) -> float | None:
    """Give the mean training loss between the validation before a step and that step."""
    before = max((row.step for row in rows if row.step < step), default=0)
    losses = [row.loss for row in training if before < row.step <= step and math.isfinite(row.loss)]
    return float(np.mean(losses)) if losses else None


def _past_its_best(scored: Sequence[ValidationRow]) -> str:
    best, last = max(scored, key=lambda row: (row.mean_ap, -row.step)), scored[-1]
    drop = best.mean_ap - last.mean_ap
    if drop < _SCORE_CHANGE:
        return ""
    return (
        f"The score fell after its best: mean AP was {best.mean_ap:.3f} at step {best.step} and {last.mean_ap:.3f} at "
        f"the end (step {last.step}), {drop:.3f} lower. The weights of step {best.step} were kept; the "
        f"{last.step - best.step} steps after it did not help."
    )


def _still_rising(scored: Sequence[ValidationRow]) -> str:
    last = scored[-1]
    earlier = [row for row in scored if row.step <= 0.75 * last.step]
    if not earlier or last.mean_ap < max(row.mean_ap for row in scored):
        return ""
    reference = max(earlier, key=lambda row: row.mean_ap)
    if last.mean_ap - reference.mean_ap < _SCORE_CHANGE:
        return ""
    return (
        f"The score still rose at the end: mean AP went from {reference.mean_ap:.3f} at step {reference.step} to "
        f"{last.mean_ap:.3f} at step {last.step}, the last. A longer training may do better."
    )


def _losses(history: History) -> list[float]:
    return [row.loss for row in history.validation if math.isfinite(row.loss)]


def _smoothed(values: Sequence[float]) -> list[float]:
    """Give the running median over about a twentieth of the run."""
    reach = max(1, len(values) // 40)
    return [float(np.median(values[max(0, at - reach) : at + reach + 1])) for at in range(len(values))]
