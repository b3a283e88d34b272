"""Plots of a comparison: scores with intervals, speed against score; as PNG and SVG. Matplotlib inside functions.

Imports core.
"""

from __future__ import annotations

import io
import math
from typing import Any

from pybridge.core.comparison import ComparedMethod, Comparison

_NETWORK, _BASELINE, _SINGLE, _GRID = "#0072B2", "#D55E00", "#999999", "#dddddd"
_SHOWN = {
    True: (("mean_ap", "mean AP"), ("ap50", "AP at IoU 0.50"), ("ap75", "AP at IoU 0.75"), ("dice", "Dice (pixels)")),
    False: (("consistency", "consistency"), ("agreement", "agreement (F1)")),
}
_FORMATS = ("png", "svg")
_LINE = 0.06  # height of a line of text where scores go from 0 to 1


def draw_scores(comparison: Comparison) -> dict[str, bytes]:
    """Draw the scores of all methods with their intervals, and those of single images behind them.

    Returns
    -------
    dict of str to bytes
        The files ``png`` and ``svg``.
    """
    methods = comparison.methods
    shown = dict(_SHOWN[comparison.has_truth])
    if comparison.ranked_by not in shown:
        shown = {comparison.ranked_by: comparison.ranked_by} | shown
    # The one that ranks comes first.
    names = sorted(shown, key=lambda name: name != comparison.ranked_by)
    figure = _figure(width=2.4 + 2.5 * len(names), height=1.7 + 0.5 * len(methods))
    panels = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, names, strict=True):
        for row, method in enumerate(methods):
            _draw_score(axes, row, method, name, comparison.counted)
        _tidy(axes)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel(shown[name], fontweight="bold" if name == comparison.ranked_by else "normal")
    panels[0].set_yticks(range(len(methods)), [_name(method) for method in methods], parse_math=False)
    panels[0].set_ylim(len(methods) - 0.5, -0.5)
    images = sum(comparison.counted)
    figure.suptitle(
        f"{images} image(s), ranked by {shown[comparison.ranked_by]}. Points: all images together, with the 95 % "
        "interval; grey: single images",
        fontsize=10,
    )
    _draw_kinds(figure, methods)
    return _files(figure)


def draw_speed(comparison: Comparison) -> dict[str, bytes]:
    """Draw the time for an image against the score that ranks: fast is left, good is up.

    Returns
    -------
    dict of str to bytes
        The files ``png`` and ``svg``.
    """
    figure = _figure(width=8.6, height=4.6)
    axes = figure.subplots()
    methods = [
        method
        for method in comparison.methods
        if not math.isnan(method.seconds_per_image) and not math.isnan(method.score(comparison.ranked_by).value)
    ]
    for method in methods:
        score = method.score(comparison.ranked_by)
        seconds = max(method.seconds_per_image, 1e-4)
        axes.errorbar(seconds, score.value, yerr=_whiskers(score.value, score.interval), **_style(method))
    for method, height in zip(
        methods, _spread([each.score(comparison.ranked_by).value for each in methods]), strict=True
    ):
        # The names stand in a column of their own: methods that are alike lie on each other.
        axes.annotate(
            _name(method),
            (max(method.seconds_per_image, 1e-4), method.score(comparison.ranked_by).value),
            xytext=(1.03, height),
            textcoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
            parse_math=False,
            arrowprops={"arrowstyle": "-", "color": _SINGLE, "linewidth": 0.7, "shrinkB": 4, "relpos": (0, 0.5)},
        )
    _tidy(axes)
    axes.set_xscale("log")
    times = [max(method.seconds_per_image, 1e-4) for method in methods] or [1.0]
    axes.set_xlim(min(times) / 2, max(times) * 2)
    axes.xaxis.set_major_formatter(_seconds())
    axes.xaxis.set_minor_formatter(_seconds(minor=True))
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("seconds for an image, without opening the model (median)")
    label = dict(_SHOWN[comparison.has_truth]).get(comparison.ranked_by, comparison.ranked_by)
    axes.set_ylabel(f"{label}, with 95 % interval")
    devices = sorted({method.device.used for method in methods if method.device is not None})
    figure.suptitle(
        f"Speed against score on {sum(comparison.counted)} image(s); device: {', '.join(devices)}", fontsize=10
    )
    _draw_kinds(figure, comparison.methods)
    return _files(figure)


def _spread(heights: list[float]) -> list[float]:
    """Move heights, which fall, apart so that lines of text do not overlap; inside 0 to 1 as far as there is room."""
    spread: list[float] = []
    for height in heights:
        spread.append(min(height, spread[-1] - _LINE) if spread else height)
    below = min(0.0, spread[-1]) if spread else 0.0
    return [height - below for height in spread]


def _figure(*, width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


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

    kinds = [("network", False), ("baseline", True)]
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
    figure.legend(handles=handles, loc="outside lower right", ncols=2, fontsize=8, frameon=False)


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


def _files(figure: Any) -> dict[str, bytes]:
    from matplotlib import rc_context

    made = {}
    # Letters stay letters in the SVG, so that they can be edited; its date would make every file another one.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "pybridge"}):
        for kind in _FORMATS:
            file = io.BytesIO()
            figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
            made[kind] = file.getvalue()
            figure.set_layout_engine("none")  # the first file has found where everything goes, which takes longest
    return made
