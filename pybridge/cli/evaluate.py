"""``pybridge evaluate``: results and truths in, scores out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from pybridge.cli import console
from pybridge.cli.options import add_options, read_options
from pybridge.commands.evaluate import Evaluate
from pybridge.core.wording import decimal_text
from pybridge.reporting.score_names import score_name


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
        if result.scores_path is not None:
            console.line(f"scores: {result.scores_path}")
    return tell_end(result, did="pair(s) scored")


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
        return _restore_lines(scores)
    if task == "classify":
        over = f" over {scores['ci95_over']}:"
        none = (None, None)
        listed = ("accuracy", "balanced_accuracy", "macro_f1", "ece")
        return [score_text(score_name([key]), pooled[key], interval.get(key, none), over=over) for key in listed]
    return [score_text(score_name([key]), pooled[key], interval[key]) for key in ("det", "seg", "tra", "lnk")]


def _restore_lines(scores: Mapping[str, Any]) -> list[str]:
    pooled, interval, images = scores["pooled"], scores["ci95"], scores["images"]
    listed = [key for key in ("rmse", "nrmse", "psnr", "ssim", "pearson", "ssim_planes") if key in pooled]
    counted = {key: number for key, number in scores["images_pooled"].items() if 0 < number < images}
    on = {key: f", on {counted[key]} of {images} images" if key in counted else "" for key in listed}
    lines = [score_text(score_name([key]), pooled[key], interval[key]) + on[key] for key in listed]
    if "raw" in pooled:
        raw, around = pooled["raw"], interval["raw"]
        lines += [score_text(score_name(["raw", key]), raw[key], around[key]) + on[key] for key in listed]
        nearer, compared = scores["nearer_to_truth_than_raw"], scores["images_compared_with_raw"]
        judge = max((key for key in ("ssim", "ssim_planes") if key in listed), key=lambda key: compared[key])
        better = "undefined" if nearer[judge] is None else f"{nearer[judge]} of {compared[judge]}"
        lines.append(f"{score_name(['nearer_to_truth_than_raw', judge])}: {better}")
    return lines


def _segment_lines(scores: Mapping[str, Any]) -> list[str]:
    pooled, interval = scores["pooled"], scores["ci95"]

    def detection(threshold: str, key: str) -> str:
        return score_text(score_name([threshold, key]), pooled[threshold][key], interval[threshold][key])

    lines = [detection("0.50", "ap"), detection("0.75", "ap")]
    lines.append(score_text(score_name(["mean_ap"]), scores["mean_ap"], interval["mean_ap"]))
    lines += [detection("0.50", key) for key in ("precision", "recall", "f1", "pq")]
    objects = scores["objects"]
    lines.append(
        f"objects: {objects['result']} found of {objects['truth']} ({objects['count_error']:+d}): "
        f"{objects['missed']} missed, {objects['spurious']} spurious, {objects['split']} split, "
        f"{objects['merged']} merged"
    )
    lines.append(score_text(score_name(["pixels", "dice"]), scores["pixels"]["dice"], interval["pixels"]["dice"]))
    lines.append(score_text(score_name(["seg"]), scores["seg"], interval["seg"]))
    boundary = scores["boundary"]
    if boundary["unit"] is not None:
        for key in ("hd95", "assd"):
            name = score_name(["boundary", "objects", key], unit=boundary["unit"])
            lines.append(score_text(name, boundary["objects"][key], interval["boundary"][key]))
    return lines


def score_text(name: str, value: float | None, interval: Sequence[float | None], *, over: str = "") -> str:
    """Write a score with its interval, perhaps with what that is over; both may be undefined."""
    if value is None:
        return f"{name}: undefined"
    low, high = interval
    if low is None or high is None:
        return f"{name}: {decimal_text(value)}"
    return f"{name}: {decimal_text(value)} (95 % interval{over} {decimal_text(low)} to {decimal_text(high)})"
