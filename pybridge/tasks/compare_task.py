"""What methods are compared at: finding objects or restoring images. Imports core; baselines and zoo in functions."""

from __future__ import annotations

from collections.abc import Sequence

from pybridge.core.baseline_names import is_baseline
from pybridge.core.comparison_metrics import CONSISTENCY, RANKING_METRICS, RESTORE, SEGMENT
from pybridge.core.errors import PyBridgeError, UsageError


def choose_task(models: Sequence[str], *, asked: str = "auto") -> str:
    """Find out what methods are compared at: classical methods and models that say their task decide it.

    Raises
    ------
    UsageError
        If some find objects and others restore images.

    Examples
    --------
    >>> choose_task(["baseline:median", "baseline:gaussian"]), choose_task(["baseline:otsu-watershed"])
    ('restore', 'segment')
    """
    known = {model: task for model in models if (task := _task_of(model)) is not None}
    wanted = asked if asked != "auto" else next(iter(known.values()), SEGMENT)
    others = [model for model, task in known.items() if task != wanted]
    if others:
        wrong = "restores images" if wanted == SEGMENT else "finds objects"
        done = "find objects" if wanted == SEGMENT else "restore images"
        raise UsageError(
            f"compare {len(models)} methods that {done}",
            found=f"{others[0]!r} {wrong}",
            do="compare methods of one task: those that find objects, or those that restore images",
        )
    return wanted


def choose_metric(asked: str, *, task: str, has_truth: bool) -> str:
    """Choose the score that ranks.

    Raises
    ------
    UsageError
        If that score is one of the other task, or images are restored and there is no truth.

    Examples
    --------
    >>> choose_metric("auto", task="restore", has_truth=True)
    'ssim'
    """
    if task == RESTORE and not has_truth:
        raise UsageError(
            "compare methods that restore images",
            found="no truth",
            do="give the images as they should look, for example of a longer exposure: truth=…; without them a method "
            "that blurs everything would be called the steadiest",
        )
    fitting = RANKING_METRICS[task]
    if asked not in ("auto", *fitting):
        raise UsageError(f"rank_by={asked!r}", found=f"no score of the task {task}", do=f"use {', '.join(fitting)}")
    if not has_truth:
        if asked != "auto":
            raise UsageError(f"rank_by={asked!r}", found="no truth to score against", do="give truth=, or leave it out")
        return CONSISTENCY
    return fitting[0] if asked == "auto" else asked


def is_simple(model: str) -> bool:
    """Say whether a method is a simple one: a classical method, or a random forest, by its description.

    A model that cannot be read counts as a network.

    Examples
    --------
    >>> is_simple("pixel-forest"), is_simple("baseline:median"), is_simple("nuclei-fluo")
    (True, True, False)
    """
    from pybridge import zoo

    try:
        return is_baseline(model) or "forest" in zoo.find(model).config.training
    except PyBridgeError:
        return False


def _task_of(model: str) -> str | None:
    """Tell the task of a method; None where it does not say."""
    from pybridge import zoo
    from pybridge.baselines import find_baseline

    try:
        if is_baseline(model):
            return SEGMENT if find_baseline(model).method.task == SEGMENT else RESTORE
        task = zoo.find(model).config.task
    except UsageError:
        raise
    except PyBridgeError:
        return None  # damaged: said when its turn comes
    return task if task in (SEGMENT, RESTORE) else None
