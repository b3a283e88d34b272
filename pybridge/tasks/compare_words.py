"""What a comparison says in plain words: who is better, what could not be shown, and when the simple method will do.

Imports metrics and core.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pybridge.core.comparison import SIGNIFICANCE, ComparedMethod, Comparison, PairedDifference
from pybridge.core.comparison_metrics import CONSISTENCY, label_of
from pybridge.core.wording import count_text, decimal_text
from pybridge.metrics.ranking import smallest_p
from pybridge.tasks.consistency import PERTURBATIONS

NO_DIFFERENCE = "no difference could be shown"


def describe_differences(
    ranked: Sequence[ComparedMethod], differences: Sequence[PairedDifference], metric: str
) -> tuple[str, ...]:
    """Say how the first method stands to each other one."""
    if not ranked:
        return ()
    first = ranked[0]
    better = "steadier" if metric == CONSISTENCY else "better"
    lines = []
    tests = sum(each.metric == metric for each in differences)
    for other in ranked[1:]:
        pair = _pair(differences, metric, first.model, other.model)
        values = f"{decimal_text(first.score(metric).value)} against {decimal_text(other.score(metric).value)}"
        about = f"{label_of(metric)} {values}, {_difference(pair)}"
        if pair.is_shown:
            lines.append(f"{first.model} is {better} than {other.model}: {about}, {_p(pair, tests)}.")
        elif pair.is_contradictory and pair.is_equal:
            ahead, behind = (first.model, other.model) if pair.favours_first else (other.model, first.model)
            lines.append(
                f"{first.model} and {other.model}: {NO_DIFFERENCE} that holds both ways. Over all images together they "
                f"are equal ({about}), on most images {ahead} is ahead of {behind} ({_p(pair, tests)})."
            )
        elif pair.is_contradictory:
            lines.append(
                f"{first.model} and {other.model}: {NO_DIFFERENCE} that holds both ways. {first.model} has the higher "
                f"score over all images together ({about}), {other.model} on most images ({_p(pair, tests)})."
            )
        elif _leaves_out_zero(pair) and _can_be_shown(pair, tests):
            lines.append(
                f"{first.model} and {other.model}: {NO_DIFFERENCE} image by image, though {first.model} is ahead over "
                f"all images together ({about}, {_p(pair, tests)})."
            )
        else:
            lines.append(
                f"{first.model} and {other.model}: {NO_DIFFERENCE} ({about}, {_p(pair, tests)}{_few(pair, tests)})."
            )
    return tuple(lines)


def describe_lacking(comparison: Comparison) -> tuple[str, ...]:
    """Say it when the methods are compared on fewer images than were done, or nothing could be ranked."""
    what, counted, rests_on = label_of(comparison.ranked_by), sum(comparison.counted), comparison.images_with_scores
    scores = [method.score(comparison.ranked_by).per_image for method in comparison.methods]
    why = _why_undefined(comparison)
    if all(method.place is None for method in comparison.methods):
        if all(math.isnan(value) for each in scores for value in each):
            return (f"Nothing is ranked: no method has a score for {what} on any image, since {why}.",)
        return (f"Nothing is ranked: there is no image on which all methods have a score for {what}.",)
    if rests_on == counted:
        return ()
    images = count_text(counted, "image")
    if comparison.is_pooled:
        return (
            f"The {what} is of the objects of all {images} together; tests of two methods, image by image, leave out "
            f"up to {counted - rests_on}, on which a method has no such score, since {why}.",
        )
    return (f"The {what} rests on {rests_on} of {images}: on the others a method has no such score, since {why}.",)


def _why_undefined(comparison: Comparison) -> str:
    if comparison.is_pooled:
        return "neither it nor the truth has an object there"
    if comparison.has_truth:
        return (
            "its result equals the truth, one of them is of one value, or the image is smaller than the 11 pixels of "
            "the window of the SSIM"
            if comparison.ranked_by == "ssim"
            else "its result equals the truth, or one of them is of one value"
        )
    return "it found nothing there or no change of the image changed a pixel"


def describe_unranked(comparison: Comparison) -> tuple[str, ...]:
    """Say why a method has no place where others have one."""
    if all(method.place is None for method in comparison.methods):
        return ()
    images, lines = count_text(len(comparison.images), "image"), []
    for method in (each for each in comparison.methods if each.place is None):
        failed = sum(map(math.isnan, method.seconds))
        lacking = sum(map(math.isnan, method.score(comparison.ranked_by).per_image))
        if failed:
            why = f"it failed on {failed} of {images}"
        elif lacking:
            why = f"it has no score for {label_of(comparison.ranked_by)} on {lacking} of {images}"
        else:
            why = f"it has no score for {label_of(comparison.ranked_by)} over the images that count"
        lines.append(f"{method.model} has no place: {why}.")
    return tuple(lines)


def start_simple(
    ranked: Sequence[ComparedMethod], differences: Sequence[PairedDifference], metric: str
) -> tuple[str, ...]:
    """Say it aloud when the best baseline is as good as a network: it scores as high, or no difference could be shown.

    With so few images that no difference could be shown however large, only the score counts.
    """
    baselines = [method for method in ranked if method.is_baseline]
    if not baselines:
        return ()
    simple = baselines[0]
    tests = sum(each.metric == metric for each in differences)
    lines = []
    for network in (method for method in ranked if not method.is_baseline):
        pair = _pair(differences, metric, simple.model, network.model)
        mine, other = simple.score(metric).value, network.score(metric).value
        values = f"{label_of(metric)} {decimal_text(mine)} against {decimal_text(other)}"
        if pair.is_shown and mine > other:
            lines.append(f"Start simple: {simple.model} is better than {network.model} here ({values}).")
        elif not pair.is_shown and (mine >= other or _can_be_shown(pair, tests)):
            about = f"{values}, {_difference(pair)}"
            both = f"{simple.model} and {network.model}"
            if mine < other and _leaves_out_zero(pair):
                lines.append(
                    f"Start simple? Image by image {NO_DIFFERENCE} between {both}; over all images together the "
                    f"network is ahead ({about}). Ask whether that matters to you."
                )
            else:
                images = "1 image tells" if pair.images == 1 else f"{pair.images} images tell"
                lines.append(
                    f"Start simple: {simple.model} is as good as {network.model} here, as far as {images} "
                    f"({about}; {NO_DIFFERENCE})."
                )
    return tuple(lines)


def describe_perturbations(*, is_ranked: bool) -> str:
    """Say how the consistency was found, and that it ranked the methods where it could."""
    what = "Ranked without truth, by consistency" if is_ranked else "Without truth there is the consistency"
    made = ", ".join(each.meaning for each in PERTURBATIONS)
    return (
        f"{what} under perturbation ({made}) after Talks and Kreshuk, arXiv 2503.00450: "
        "1 when the labels stay the same."
    )


def _pair(differences: Sequence[PairedDifference], metric: str, one: str, other: str) -> PairedDifference:
    return next(each for each in differences if each.metric == metric and {each.first, each.second} == {one, other})


def _difference(pair: PairedDifference) -> str:
    low, high = pair.interval
    around = "" if math.isnan(low) else f" (95 % interval {decimal_text(low)} to {decimal_text(high)})"
    return f"difference {decimal_text(pair.difference)}{around}"


def _p(pair: PairedDifference, tests: int) -> str:
    if math.isnan(pair.p_corrected):
        return "no image on which both have a score"
    p = f"p = {pair.p_corrected:.2g}" if pair.p_corrected >= 1e-4 else "p < 0.0001"
    return f"{p} over {count_text(pair.images, 'image')}" + (f", corrected for {tests} pairs" if tests > 1 else "")


def _leaves_out_zero(pair: PairedDifference) -> bool:
    low, high = pair.interval
    return low > 0 or high < 0


def _few(pair: PairedDifference, tests: int) -> str:
    """Say so when the images could not have shown any difference."""
    if _can_be_shown(pair, tests) or not pair.differing:
        return ""
    needed = next(count for count in range(1, 99) if smallest_p(count) * tests < SIGNIFICANCE)
    return f"; so few images cannot show any, take at least {needed}"


def _can_be_shown(pair: PairedDifference, tests: int) -> bool:
    return smallest_p(pair.images) * tests < SIGNIFICANCE
