"""``pybridge evaluate``: results and truths in, scores out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from pybridge.cli import console
from pybridge.cli.options import add_options, read_options
from pybridge.commands.evaluate import Evaluate
from pybridge.core.wording import decimal_text


def add_parser(parser: argparse.ArgumentParser) -> None:
    """Describe the options; they are those of the declaration."""
    parser.add_argument("results", nargs="+", metavar="RESULT", help="what is scored: files, a folder or a glob")
    parser.add_argument("truth", metavar="TRUTH", help="the ground truth: a file, a folder or a quoted glob")
    add_options(parser, Evaluate)
    parser.add_argument("--overwrite", action="store_true", help="replace outputs that exist")


def run(given: argparse.Namespace) -> int:
    """Score the files named; 1 when some of them failed."""
    from pybridge.cli.batch import tell_end, tell_problems
    from pybridge.cli.evaluate_files import evaluate_files
    from pybridge.reporting.few_images import intervals_text

    result = evaluate_files(given.results, given.truth, read_options(Evaluate, given), overwrite=given.overwrite)
    tell_problems(result)
    if result.record.scores is not None:
        for text in (*summary_lines(result.record.scores), intervals_text(result.record.scores)):
            if text:
                console.line(text)
        console.line(f"scores: {result.scores_path}")
    return tell_end(result)


def summary_lines(scores: Mapping[str, Any]) -> list[str]:
    """Say the pooled scores in a few lines, each with its interval over images.

    Examples
    --------
    >>> none = [None, None]
    >>> summary_lines({"task": "track", "pooled": {"det": 1.0, "seg": None, "tra": 0.5, "lnk": 0.2},
    ...     "ci95": {"det": none, "seg": none, "tra": [0.4, 0.6], "lnk": none}})
    ['DET: 1.000', 'SEG: undefined', 'TRA: 0.500 (95 % interval 0.400 to 0.600)', 'LNK: 0.200']
    """
    pooled, interval = scores["pooled"], scores["ci95"]
    task = scores["task"]
    if task == "segment":
        return _segment_lines(scores)
    if task == "restore":
        names = {"rmse": "RMSE", "nrmse": "NRMSE", "psnr": "PSNR (dB)", "ssim": "SSIM", "pearson": "Pearson"}
        if "ssim_planes" in pooled:
            names["ssim_planes"] = "SSIM of slices"
        return _restore_lines(scores, names)
    if task == "classify":
        names = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1", "ece": "ECE"}
        over = f" over {scores['ci95_over']}:"
        none = (None, None)
        return [score_text(shown, pooled[name], interval.get(name, none), over=over) for name, shown in names.items()]
    return [score_text(name.upper(), pooled[name], interval[name]) for name in ("det", "seg", "tra", "lnk")]


def _restore_lines(scores: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    pooled, interval, images = scores["pooled"], scores["ci95"], scores["images"]
    counted = {name: number for name, number in scores["images_pooled"].items() if 0 < number < images}
    on = {name: f", on {counted[name]} of {images} images" if name in counted else "" for name in names}
    lines = [score_text(shown, pooled[name], interval[name]) + on[name] for name, shown in names.items()]
    if "raw" in pooled:
        raw, around = pooled["raw"], interval["raw"]
        lines += [
            score_text(f"{shown} of the raw image", raw[name], around[name]) + on[name] for name, shown in names.items()
        ]
        nearer, compared = scores["nearer_to_truth_than_raw"], scores["images_compared_with_raw"]
        judge = max((name for name in ("ssim", "ssim_planes") if name in names), key=lambda name: compared[name])
        better = "undefined" if nearer[judge] is None else f"{nearer[judge]} of {compared[judge]}"
        lines.append(f"nearer to the truth than the raw image, by {names[judge]}: {better}")
    return lines


def _segment_lines(scores: Mapping[str, Any]) -> list[str]:
    pooled, interval = scores["pooled"], scores["ci95"]
    lines = []
    for threshold in ("0.50", "0.75"):
        lines.append(score_text(f"AP at IoU {threshold}", pooled[threshold]["ap"], interval[threshold]["ap"]))
    lines.append(score_text("mean AP 0.50 to 0.95", scores["mean_ap"], interval["mean_ap"]))
    for name, shown in (("precision", "precision"), ("recall", "recall"), ("f1", "F1"), ("pq", "PQ")):
        lines.append(score_text(f"{shown} at IoU 0.50", pooled["0.50"][name], interval["0.50"][name]))
    objects = scores["objects"]
    lines.append(
        f"objects: {objects['result']} found of {objects['truth']} ({objects['count_error']:+d}): "
        f"{objects['missed']} missed, {objects['spurious']} spurious, {objects['split']} split, "
        f"{objects['merged']} merged"
    )
    lines.append(score_text("Dice of the foreground", scores["pixels"]["dice"], interval["pixels"]["dice"]))
    lines.append(score_text("SEG", scores["seg"], interval["seg"]))
    boundary = scores["boundary"]
    if boundary["unit"] is not None:
        for name, shown in (("hd95", "HD95"), ("assd", "ASSD")):
            text = f"{shown} of matched objects ({boundary['unit']})"
            lines.append(score_text(text, boundary["objects"][name], interval["boundary"][name]))
    return lines


def score_text(name: str, value: float | None, interval: Sequence[float | None], *, over: str = "") -> str:
    """Write a score with its interval, perhaps with what that is over; both may be undefined."""
    if value is None:
        return f"{name}: undefined"
    low, high = interval
    if low is None or high is None:
        return f"{name}: {decimal_text(value)}"
    return f"{name}: {decimal_text(value)} (95 % interval{over} {decimal_text(low)} to {decimal_text(high)})"
