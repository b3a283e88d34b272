"""A comparison for people: tables, lines, plots, contact sheet and overlays."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import re

import numpy as np
import pytest
from PIL import Image as Pillow

from pybridge.core.comparison import (
    OWN_MEMORY,
    ComparedMethod,
    Comparison,
    ComparisonResult,
    Failure,
    MetricScore,
    PairedDifference,
)
from pybridge.core.image import Image
from pybridge.core.packed_pixels import pack_pixels
from pybridge.core.record import DeviceUsed, RunRecord
from pybridge.reporting.comparison_plots import draw_scores, draw_speed
from pybridge.reporting.comparison_sheet import draw_sheet, pick_images
from pybridge.reporting.comparison_stack import overlay_stack
from pybridge.reporting.comparison_table import comparison_to_json, images_table, methods_table
from pybridge.reporting.comparison_text import comparison_lines
from pybridge.reporting.comparison_view import View, draw_view
from pybridge.reporting.error_image import COLOURS, MERGED, MISSED, RIGHT, SPLIT, SPURIOUS
from pybridge.reporting.lettering import Lettering
from tests.builders.blobs import paint_blobs

NAN = float("nan")
METRICS = ("mean_ap", "ap50", "ap75", "dice")
CPU = DeviceUsed("auto", "cpu", "CPUExecutionProvider", "a CPU", "")


def method(model: str, place: int | None, values: list[float], *, seconds: float = 0.5) -> ComparedMethod:
    known = [value for value in values if not math.isnan(value)]
    mean = float(np.mean(known)) if known else NAN
    return ComparedMethod(
        model=model,
        is_baseline=model.startswith("baseline:"),
        place=place,
        scores=tuple(MetricScore(name, mean, (mean - 0.1, mean + 0.1), tuple(values)) for name in METRICS),
        objects=tuple(NAN if math.isnan(value) else 7.0 for value in values),
        seconds=tuple(NAN if math.isnan(value) else seconds for value in values),
        load_s=0.1,
        train_s=0.0,
        own_memory_mib=NAN if place is None else 300.0,
        used=None,
        device=None if place is None else CPU,
    )


@pytest.fixture
def comparison() -> Comparison:
    methods = (
        method("nuclei-fluo", 1, [0.9, 0.5, 0.7]),
        method("baseline:$otsu$", 2, [0.6, 0.3, 0.8], seconds=0.02),
        method("broken", None, [NAN, NAN, NAN]),
    )
    first, second = methods[0].model, methods[1].model
    tests = tuple(PairedDifference(name, first, second, 0.1, (-0.1, 0.3), 3, 3, 0.5, 0.5, True) for name in METRICS)
    agreement = np.array([[NAN, 0.8, NAN], [0.8, NAN, NAN], [NAN] * 3])
    return Comparison(
        images=("a.tif", "é.tif", "c.tif"),
        counted=(True, True, True),
        ranked_by="mean_ap",
        has_truth=True,
        methods=methods,
        differences=tests,
        agreement=agreement,
        verdicts=("nuclei-fluo and baseline:$otsu$: no difference could be shown.",),
        caveats=("Mind the gap.",),
        failures=(Failure("broken", "a.tif", "it is broken"),),
    )


@pytest.fixture
def result(comparison: Comparison) -> ComparisonResult:
    truths = [paint_blobs(seed, shape=shape) for seed, shape in enumerate([(70, 111), (300, 200), (900, 500)])]
    images = tuple(
        Image(np.where(truth > 0, 900, 100).astype(np.uint16), "YX", name)
        for truth, name in zip(truths, comparison.images, strict=True)
    )
    good = tuple(pack_pixels(truth) for truth in truths)
    bad = tuple(pack_pixels(np.where(truth % 2, truth, 0)) for truth in truths)
    return ComparisonResult(
        comparison=comparison,
        table=methods_table(comparison),
        images=images,
        truths=tuple(Image(truth, "YX", "truth") for truth in truths),
        results=(good, bad, (None, None, None)),
        record=RunRecord("id", "PyBridge Compare", {}, "now"),
    )


def test_the_table_has_a_row_for_each_method(comparison: Comparison) -> None:
    table = methods_table(comparison)
    assert table["Method"].tolist() == ["nuclei-fluo", "baseline:$otsu$", "broken"]
    assert table["Place"].tolist()[:2] == [1, 2]
    assert np.isnan(table["Place"][2])
    assert table["Equal"].tolist() == ["", "no difference could be shown", ""]
    assert table["Images"].tolist() == [3, 3, 0]
    assert table["Device"].tolist() == ["cpu", "cpu", ""]
    assert len(images_table(comparison)) == 9


def test_json_has_no_numbers_that_json_lacks(comparison: Comparison) -> None:
    content = json.loads(comparison_to_json(comparison), parse_constant=pytest.fail)
    assert content["methods"][2]["scores"]["mean_ap"]["value"] is None
    assert content["agreement"][0] == [None, 0.8, None]
    assert content["failures"] == [{"model": "broken", "image": "a.tif", "error": "it is broken"}]
    assert content["differences"][0]["shown"] is False


def test_the_lines_say_place_score_cost_words_and_caveats(comparison: Comparison) -> None:
    lines = comparison_lines(comparison)
    assert lines[0] == "3 methods on 3 images, against ground truth, by mean_ap:"
    assert lines[1] == " 1  nuclei-fluo      0.700 (0.600 to 0.800)  21 objects, 0.5 s per image, 300 MiB more, cpu"
    assert lines[3] == " -  broken           undefined  0 objects, not run, no device"
    assert lines[-2:] == ("Mind: Mind the gap.", OWN_MEMORY)
    fewer = dataclasses.replace(comparison, counted=(True, False, True))
    assert "2 images (1 more that a method could not do are left out)" in comparison_lines(fewer)[0]


def test_a_simple_method_is_drawn_as_one_whatever_its_name_and_few_images_are_told_of(comparison: Comparison) -> None:
    forest = dataclasses.replace(comparison.methods[0], model="my-forest", is_baseline=True)
    text = draw_scores(dataclasses.replace(comparison, methods=(forest, *comparison.methods[1:2])))["svg"].decode()
    assert "simple method" in text
    assert "network" not in text
    assert "from 3 images are too narrow" in " ".join(re.sub("<[^>]*>", " ", text).split())


@pytest.mark.parametrize("draw", [draw_scores, draw_speed])
def test_plots_are_png_and_svg_with_the_names_as_text(comparison: Comparison, draw) -> None:
    files = draw(comparison)
    assert min(Pillow.open(io.BytesIO(files["png"])).size) > 300
    text = files["svg"].decode()
    assert "nuclei-fluo" in text
    assert "$otsu$" in text
    assert draw(comparison)["svg"] == files["svg"]


@pytest.mark.parametrize("ranked_by", ["mean_ap", "f1"])
def test_plots_show_the_metric_that_ranks(comparison: Comparison, ranked_by: str) -> None:
    def with_f1(one: ComparedMethod) -> ComparedMethod:
        return dataclasses.replace(one, scores=(*one.scores, dataclasses.replace(one.scores[0], name="f1")))

    other = dataclasses.replace(comparison, ranked_by=ranked_by, methods=tuple(map(with_f1, comparison.methods)))
    assert "mean AP" in draw_scores(other)["svg"].decode()
    assert draw_speed(other)["png"]


def test_best_median_and_worst_are_picked_by_the_metric_that_ranks(comparison: Comparison) -> None:
    assert pick_images(comparison.methods[0], "mean_ap") == (("best", 0), ("median", 2), ("worst", 1))
    assert pick_images(comparison.methods[1], "mean_ap") == (("best", 2), ("median", 0), ("worst", 1))
    assert pick_images(comparison.methods[2], "mean_ap") == ()
    two = method("a", 1, [0.1, 0.9])
    assert pick_images(two, "mean_ap") == (("best", 1), ("worst", 0))
    assert pick_images(method("a", 1, [NAN, 0.9]), "mean_ap") == (("best", 1),)


def test_the_sheet_has_a_row_for_each_method_and_is_white_between(result: ComparisonResult) -> None:
    sheet = np.asarray(Pillow.open(io.BytesIO(draw_sheet(result, metric_label="mean AP"))))
    assert sheet.shape[1] == 3 * 480 + 4 * 10
    rows_with_pictures = (sheet.max(axis=2) < 90).any(axis=1)
    assert rows_with_pictures.sum() >= 2 * 480 - 20
    assert (sheet[-36:] == COLOURS[MISSED]).all(axis=2).any()  # the legend


def test_long_names_of_images_are_told_apart_on_the_sheet(result: ComparisonResult, monkeypatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(Lettering, "write", lambda self, draw, place, text, *, ink: written.append(text))
    names = tuple(
        f"a rather long name of an image of plate 7 with much more in it, field {field}.tif" for field in range(3)
    )
    draw_sheet(
        dataclasses.replace(result, comparison=dataclasses.replace(result.comparison, images=names)),
        metric_label="mean AP",
    )
    captions = [each for each in written if each.startswith(("best", "median", "worst"))]
    assert len(captions) == 6
    # What is told of the picture stays whole; of the name its end.
    told = r"(best|median|worst): 0\.\d+, \d+ objects \(truth \d+\), a.*…"
    assert all(re.match(told, each) for each in captions)
    assert {each[-5:] for each in captions} == {"0.tif", "1.tif", "2.tif"}


def test_the_stack_has_a_labelled_slice_for_each_method_that_did_the_image(result: ComparisonResult) -> None:
    made = overlay_stack(result)
    assert (made.image.axes, made.image.array.shape) == ("ZYXS", (2, 900, 500, 3))  # the median image of the first
    assert made.labels == ("nuclei-fluo: mean_ap 0.700", "baseline:$otsu$: mean_ap 0.800")
    assert made.image.name == "c-comparison"
    assert [output.role for output in made.outputs()] == ["overlays", "table"]


def test_outlines_have_the_colour_of_what_became_of_the_object() -> None:
    truth, labels = np.zeros((40, 90), int), np.zeros((40, 90), int)
    truth[5:15, 5:15] = labels[5:15, 5:15] = 1  # right
    truth[5:15, 25:35] = 2  # missed
    labels[5:15, 45:55] = 3  # spurious
    truth[25:35, 5:15], truth[25:35, 15:25], labels[25:35, 5:25] = 4, 5, 4  # merged
    truth[25:35, 45:65], labels[25:35, 45:55], labels[25:35, 55:65] = 6, 5, 6  # split
    picture = draw_view(View(np.full((40, 90), 7), labels, truth))
    for place, kind in (((5, 9), RIGHT), ((5, 29), MISSED), ((5, 49), SPURIOUS), ((25, 9), MERGED), ((25, 50), SPLIT)):
        assert (picture[place] == COLOURS[kind]).all()
    assert (picture[10, 10] == picture[0, 0]).all()  # inside, the image is seen


def test_without_truth_each_object_has_a_colour() -> None:
    labels = np.zeros((20, 30), int)
    labels[3:9, 3:9], labels[3:9, 12:20] = 1, 2
    picture = draw_view(View(np.full((20, 30), 7), labels, None))
    assert (picture[3, 5] != picture[3, 15]).any()
    assert (picture[3, 5] != picture[0, 0]).any()


def test_an_image_of_many_planes_is_seen_at_its_fullest(result: ComparisonResult) -> None:
    labels = np.zeros((2, 3, 20, 30), np.uint16)
    labels[1, 2, 3:9, 3:9] = 1
    pixels = np.arange(2 * 3 * 2 * 20 * 30, dtype=np.uint16).reshape(2, 3, 2, 20, 30)
    deep = dataclasses.replace(
        result, images=(Image(pixels, "TZCYX", "deep.tif"),), truths=(), results=((pack_pixels(labels),),)
    )
    from pybridge.reporting.comparison_view import view_of

    view = view_of(deep, 0, 0)
    assert view is not None
    np.testing.assert_array_equal(view.plane, pixels[1, 2, 0])
    np.testing.assert_array_equal(view.labels, labels[1, 2])
