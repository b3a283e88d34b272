"""Plots of a comparison: scores with intervals, speed against score; as PNG and SVG. Matplotlib inside functions.

The parts are placed in inches: letting matplotlib find the places would take longer than the drawing. Imports
metrics and core.
"""

from __future__ import annotations

import io
import math
import textwrap
from typing import Any

from pybridge.core.comparison import ComparedMethod, Comparison
from pybridge.core.comparison_metrics import RESTORE
from pybridge.core.wording import count_text
from pybridge.metrics.bootstrap import few_images_text

_NETWORK, _BASELINE, _SINGLE, _GRID = "#0072B2", "#D55E00", "#999999", "#dddddd"
_OBJECTS = {"mean_ap": "mean AP", "ap50": "AP at IoU 0.50", "ap75": "AP at IoU 0.75", "dice": "Dice (pixels)"}
_WITHOUT_TRUTH = {"consistency": "consistency", "agreement": "agreement (F1)"}
_RESTORED = {"ssim": "SSIM", "psnr": "PSNR in dB", "pearson": "correlation"}
_FORMATS = ("png", "svg")
_UNIT = (-0.03, 1.03)
_TICKS, _TICK_NAMES = (0, 0.25, 0.5, 0.75, 1), ("0", "0.25", "0.5", "0.75", "1")
# Inches.
_PANEL, _GAP, _EDGE, _BELOW, _LINE = 2.3, 0.2, 0.15, 0.85, 0.2
_CHARACTERS_PER_INCH = 12.5  # of the titles


def draw_scores(comparison: Comparison) -> dict[str, bytes]:
    """Draw the scores of all methods with their intervals, and those of single images behind them.

    Returns
    -------
    dict of str to bytes
        The files ``png`` and ``svg``.
    """
    methods = comparison.methods
    shown = _shown(comparison)
    # The one that ranks comes first.
    names = sorted(shown, key=lambda name: name != comparison.ranked_by)
    left = _EDGE + _widest([_name(method) for method in methods]) + 0.15
    images = count_text(sum(comparison.counted), "image")
    title = (
        f"{images}, ranked by {shown[comparison.ranked_by]}. Points: all images together, with the 95 % interval; "
        f"grey: single images. {few_images_text(comparison.images_ranked)}"
    )
    figure, top = _figure(left + len(names) * (_PANEL + _GAP), 0.5 * max(2, len(methods)), title)
    width, height = figure.get_size_inches()
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    figure.subplots_adjust(
        left=left / width, right=1 - _GAP / width, bottom=_BELOW / height, top=top, wspace=_GAP / _PANEL
    )
    for axes, name in zip(panels, names, strict=True):
        for row, method in enumerate(methods):
            _draw_score(axes, row, method, name, comparison.counted)
        _tidy(axes)
        low, high = _limits(comparison, name)
        axes.set_xlim(low, high)
        if (low, high) == _UNIT:
            axes.set_xticks(_TICKS, _TICK_NAMES)
        axes.set_xlabel(shown[name], fontweight="bold" if name == comparison.ranked_by else "normal")
    panels[0].set_yticks(range(len(methods)), [_name(method) for method in methods], parse_math=False)
    panels[0].set_ylim(len(methods) - 0.5, -0.5)
    _draw_kinds(figure, methods)
    return _files(figure)


def draw_speed(comparison: Comparison) -> dict[str, bytes]:
    """Draw the time for an image against the score that ranks: fast is left, good is up.

    Returns
    -------
    dict of str to bytes
        The files ``png`` and ``svg``.
    """
    methods = [
        method
        for method in comparison.methods
        if not math.isnan(method.seconds_per_image) and not math.isnan(method.score(comparison.ranked_by).value)
    ]
    devices = sorted({method.device.used for method in methods if method.device is not None})
    title = f"Speed against score on {count_text(sum(comparison.counted), 'image')}; device: {', '.join(devices)}"
    listed = [f"{_name(method)}, {_time(method)}" for method in methods]
    right = _widest(listed) + 2 * _EDGE
    figure, top = _figure(0.8 + 6.1 + right, max(3.2, _LINE * len(methods)), title)
    width, height = figure.get_size_inches()
    axes = figure.subplots()
    figure.subplots_adjust(left=0.8 / width, right=1 - right / width, bottom=_BELOW / height, top=top)
    for number, (method, text) in enumerate(zip(methods, listed, strict=True)):
        score = method.score(comparison.ranked_by)
        seconds = max(method.seconds_per_image, 1e-4)
        style = _style(method)
        # The place stands in the mark; of methods that are alike the better one lies on top.
        layer = 4 + 2 * (len(methods) - number)
        whiskers = _whiskers(score.value, score.interval)
        axes.errorbar(seconds, score.value, yerr=whiskers, **style | {"markersize": 13, "zorder": layer})
        axes.text(
            seconds,
            score.value,
            str(method.place or "–"),
            ha="center",
            va="center_baseline",
            color=style["color"] if method.is_baseline else "white",
            fontsize=8.5,
            fontweight="bold",
            zorder=layer + 1,
        )
        figure.text(
            1 - (right - _EDGE) / width,
            top - (number + 0.7) * _LINE / height,
            text,
            color=style["color"],
            fontsize=10,
            parse_math=False,
        )
    _tidy(axes)
    axes.set_xscale("log")
    times = [max(method.seconds_per_image, 1e-4) for method in methods] or [1.0]
    axes.set_xlim(min(times) / 2, max(times) * 2)
    axes.xaxis.set_major_formatter(_seconds())
    axes.xaxis.set_minor_formatter(_seconds(minor=True))
    axes.tick_params(axis="x", which="both", pad=4)
    low, high = _limits(comparison, comparison.ranked_by)
    axes.set_ylim(low, high)
    if (low, high) == _UNIT:
        axes.set_yticks(_TICKS, _TICK_NAMES)
    axes.set_xlabel("seconds for an image, without opening the model (median)")
    axes.set_ylabel(f"{_shown(comparison)[comparison.ranked_by]}, with 95 % interval")
    _draw_kinds(figure, comparison.methods)
    return _files(figure)


def _shown(comparison: Comparison) -> dict[str, str]:
    """Choose the metrics that are drawn, with what they are called; the one that ranks is among them."""
    if comparison.task == RESTORE:
        return _RESTORED
    shown = _OBJECTS if comparison.has_truth else _WITHOUT_TRUTH
    return shown if comparison.ranked_by in shown else {comparison.ranked_by: comparison.ranked_by} | shown


def _limits(comparison: Comparison, name: str) -> tuple[float, float]:
    """Give the ends of an axis: 0 to 1 for scores that lie there, else those of the values, with some room."""
    scores = [method.score(name) for method in comparison.methods]
    values = [each for score in scores for each in (score.value, *score.interval, *score.per_image)]
    known = [each for each in values if math.isfinite(each)] or [0.0]
    if min(known) >= 0 and max(known) <= 1:
        return _UNIT
    room = 0.06 * max(max(known) - min(known), 1e-6)
    return min(known) - room, max(known) + room


def _figure(width: float, height: float, title: str) -> tuple[Any, float]:
    """Open a figure of that width with room for panels of that height; gives it and the panels' upper edge, 0 to 1."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = textwrap.wrap(title, int(width * _CHARACTERS_PER_INCH))
    above = 0.2 + _LINE * len(lines)
    figure = Figure(figsize=(width, _BELOW + height + above), dpi=150)
    FigureCanvasAgg(figure)
    figure.text(
        0.5, 1 - 0.1 / figure.get_figheight(), "\n".join(lines), ha="center", va="top", fontsize=10, parse_math=False
    )
    return figure, 1 - above / figure.get_figheight()


def _widest(texts: list[str]) -> float:
    """Give the width of the widest text in inches, in the letters of the ticks."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    measure, font = TextToPath(), FontProperties(size=10)
    return max((measure.get_text_width_height_descent(text, font, False)[0] / 72 for text in texts), default=0.0)


def _draw_score(axes: Any, row: int, method: ComparedMethod, name: str, counted: tuple[bool, ...]) -> None:
    score = method.score(name)
    single = [value for value, counts in zip(score.per_image, counted, strict=True) if counts and not math.isnan(value)]
    axes.plot(single, [row + 0.22] * len(single), "|", color=_SINGLE, alpha=0.6, markersize=7)
    if not math.isnan(score.value):
        axes.errorbar(score.value, row, xerr=_whiskers(score.value, score.interval), **_style(method))


def _whiskers(value: float, interval: tuple[float, float]) -> Any:
    low, high = interval
    # A percentile interval need not hold the value itself.
    return None if math.isnan(low) else [[max(0.0, value - low)], [max(0.0, high - value)]]


def _style(method: ComparedMethod) -> dict[str, Any]:
    colour = _BASELINE if method.is_baseline else _NETWORK
    return {
        "fmt": "s" if method.is_baseline else "o",
        "color": colour,
        "markerfacecolor": "white" if method.is_baseline else colour,
        "markersize": 6,
        "capsize": 3,
        "linewidth": 1.4,
    }


def _draw_kinds(figure: Any, methods: tuple[ComparedMethod, ...]) -> None:
    from matplotlib.lines import Line2D

    kinds = [("network", False), ("simple method", True)]
    handles = [
        Line2D(
            [],
            [],
            color=_BASELINE if simple else _NETWORK,
            marker="s" if simple else "o",
            markerfacecolor="white" if simple else _NETWORK,
            linestyle="none",
            label=name,
        )
        for name, simple in kinds
        if any(method.is_baseline == simple for method in methods)
    ]
    figure.legend(handles=handles, loc="lower right", ncols=2, fontsize=8, frameon=False)


def _tidy(axes: Any) -> None:
    axes.grid(color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _seconds(*, minor: bool = False) -> Any:
    """Write seconds plainly; of the minor ticks 2 and 5 only."""
    from matplotlib.ticker import FuncFormatter

    def text(value: float, _: int) -> str:
        if minor and round(value / 10 ** math.floor(math.log10(value))) not in (2, 5):
            return ""
        return f"{value:g}"

    return FuncFormatter(text)


def _name(method: ComparedMethod) -> str:
    return method.model if method.place is None else f"{method.place}. {method.model}"


def _time(method: ComparedMethod) -> str:
    return f"{method.seconds_per_image:.2g} s"


def _files(figure: Any) -> dict[str, bytes]:
    from matplotlib import rc_context

    made = {}
    # Letters stay letters in the SVG, so that they can be edited; its date would make every file another one.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "pybridge"}):
        for kind in _FORMATS:
            file = io.BytesIO()
            figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
            made[kind] = file.getvalue()
    return made
