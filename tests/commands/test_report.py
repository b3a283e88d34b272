"""`pybridge.report`: one page, Markdown and JSON from records; what is hostile, moved, changed or missing is said."""

import json
import shutil

import numpy as np
import pytest
import tifffile

import pybridge
from pybridge.core.errors import OutputExistsError, UsageError
from pybridge.core.record import record_sha256
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.reporting.user_facts import read_facts
from tests.builders.html_check import read_page
from tests.builders.reported_runs import write_run

HOSTILE = "<script>alert(1)<&'`[x](javascript:y)"


@pytest.fixture
def alone(tmp_path):
    return write_run(tmp_path / "run")


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("many") / "run", images=12)


def page_of(made):
    page = read_page(made.page.read_text(encoding="utf-8"))
    assert page.problems == []
    return page


def content_of(made):
    return json.loads(made.json.read_text(encoding="utf-8"))


def edit(path, **changes):
    content = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(content | {"record_sha256": record_sha256(content)}), encoding="utf-8")


def test_one_image_gives_three_files_beside_its_record(alone):
    made = pybridge.report(alone)
    assert [path.name for path in (made.page, made.markdown, made.json)] == [
        "cells-report.html",
        "cells-report.md",
        "cells-report.json",
    ]
    page = page_of(made)
    assert page.headings[0] == 1
    titles = ["Input", "Result", "Errors against the ground truth", "Worst cases", "Best cases"]
    assert all(title in page.text for title in titles)
    assert "5 objects were found" in page.text
    assert content_of(made)["schema"] == "pybridge-report/1"


def test_the_page_needs_nothing_but_itself(alone):
    page = page_of(pybridge.report(alone))
    assert not page.of("script")
    assert not page.of("link")
    assert all(each["src"].startswith("data:image/png;base64,") for each in page.of("img"))
    policy = next(each["content"] for each in page.of("meta") if each.get("http-equiv"))
    assert "default-src 'none'" in policy


def test_nothing_is_overwritten(alone):
    made = pybridge.report(alone)
    before = made.markdown.read_bytes()
    made.page.unlink()
    with pytest.raises(OutputExistsError, match=r"cells-report\.md"):
        pybridge.report(alone)
    assert made.markdown.read_bytes() == before
    assert not made.page.exists()


def test_a_label_image_and_a_folder_lead_to_the_same_record(alone, tmp_path):
    by_image = pybridge.report(alone.parent / "cells-labels.tif", output=tmp_path / "a.html")
    by_folder = pybridge.report(alone.parent, output=tmp_path / "b.html")
    assert content_of(by_image)["records"] == content_of(by_folder)["records"]


def test_every_number_of_the_scores_is_that_of_the_record(alone):
    scores = json.loads(alone.read_text())["scores"]["pooled"]["0.50"]
    methods = content_of(pybridge.report(alone))["methods"]
    assert f"AP {scores['ap']:.3f} at IoU 0.50" in methods
    assert f"{scores['tp'] + scores['fn']} objects, of which {scores['tp']} were matched" in methods


def test_without_truth_there_are_no_scores_and_the_checklist_asks_for_it(tmp_path):
    made = pybridge.report(write_run(tmp_path / "run", truth=False))
    page = page_of(made)
    assert "no ground truth was given" in page.text
    assert "Least certain objects" in page.text
    assert "AP" not in content_of(made)["methods"]
    (validation,) = (each for each in content_of(made)["checklist"] if each["number"] == 10)
    assert validation["state"] == "missing: supply it"


def test_hostile_names_and_metadata_are_text(tmp_path):
    made_by = write_run(tmp_path / "run", warnings=(HOSTILE, "a | b\n# c"))
    content = json.loads(made_by.read_text())
    content["inputs"][0] |= {"name": HOSTILE, "path": f"/nowhere/{HOSTILE}"}
    content["versions"] = {HOSTILE: HOSTILE}
    content["command"] = HOSTILE
    edit(made_by, **content)
    made = pybridge.report(made_by)
    page = page_of(made)
    assert not page.of("script")
    assert HOSTILE in page.text
    assert not any("javascript" in (each.get("href") or "") for each in page.of("a"))
    markdown = made.markdown.read_text(encoding="utf-8")
    outside_code = markdown.split("## How to run it again")[0]
    assert "<script>" not in outside_code
    assert "](javascript" not in markdown.replace("\\](", "")
    assert "\n# c" not in markdown


def test_a_moved_file_is_found_beside_the_record_and_said(alone):
    shutil.move(alone.parent / "in" / "cells.tif", alone.parent / "cells.tif")
    assert any("was moved" in problem for problem in pybridge.report(alone).problems)


def test_a_changed_file_is_said_and_a_missing_one_too(alone, tmp_path):
    source = alone.parent / "in" / "cells.tif"
    kept = source.read_bytes()
    tifffile.imwrite(source, np.zeros((64, 80), np.uint16))
    assert any("its hash differs" in each for each in pybridge.report(alone, output=tmp_path / "a.html").problems)
    source.unlink()
    gone = pybridge.report(alone, output=tmp_path / "b.html")
    assert any("not there any more" in problem for problem in gone.problems)
    assert "Input" not in [each.get("alt") for each in page_of(gone).of("img")]
    source.write_bytes(kept)


def test_a_hand_edited_record_is_said(alone):
    alone.write_text(alone.read_text().replace('"probability": 0.4', '"probability": 0.9'))
    made = pybridge.report(alone)
    assert any("edited" in problem for problem in made.problems)
    assert "edited after PyBridge wrote it" in page_of(made).text


def test_records_of_other_schemas_are_read_and_the_difference_named(alone):
    edit(alone, schema="pybridge-run/2", novelty={"a": 1})
    problems = " ".join(pybridge.report(alone).problems)
    assert "newer" in problems
    assert "novelty" in problems


def test_nonsense_in_place_of_scores_does_no_harm(alone, tmp_path):
    for number, scores in enumerate(([1], {"pooled": 3}, {"pooled": {"0.50": {"ap": "x"}}}, {"per_image": [None]}, {})):
        edit(alone, scores=scores)
        page_of(pybridge.report(alone, output=tmp_path / f"{number}.html"))


def test_a_batch_has_a_row_for_each_image_and_links_to_its_record(batch, tmp_path):
    made = pybridge.report(batch.parent, output=tmp_path / "report.html")
    page = page_of(made)
    rows = content_of(made)["images"]
    assert {row["name"] for row in rows} == {f"cells{number:05}.tif" for number in range(12)}
    links = [each["href"] for each in page.of("a") if each["href"].endswith("-record.json")]
    assert len(links) == 12
    assert all((tmp_path / link).resolve().is_file() for link in links)
    assert "Distributions over the images" in page.text
    scores = [row["score"] for row in rows if not row["odd"]]
    assert scores == sorted(scores)


def test_single_records_make_one_report_with_pooled_scores(batch, tmp_path):
    records = sorted(batch.parent.glob("cells*-record.json"))
    made = pybridge.report(records, output=tmp_path / "report.html")
    run = json.loads(batch.read_text())["scores"]
    found = {row["name"]: row["value"] for row in content_of(made)["scores"]}
    assert found["AP at IoU 0.50"] == pytest.approx(run["pooled"]["0.50"]["ap"])


def test_a_run_and_its_images_named_together_count_each_image_once(batch, tmp_path):
    made = pybridge.report(sorted(batch.parent.glob("*record.json")), output=tmp_path / "report.html")
    assert len(content_of(made)["images"]) == 12


def test_records_of_two_models_are_no_one_report(alone, tmp_path):
    other = tmp_path / "other.json"
    shutil.copy(alone, other)
    edit(other, model=json.loads(alone.read_text())["model"] | {"id": "else"})
    with pytest.raises(UsageError, match="of different models: 'blobs 1.2', 'else 1.2'"):
        pybridge.report([alone, other])


def test_what_only_the_user_knows_comes_from_a_file_that_is_half_filled(alone, tmp_path):
    template = tmp_path / "facts.yaml"
    asked = pybridge.report(alone, template=template)
    assert asked.page is None
    text = template.read_text(encoding="utf-8")
    assert 'pixel_size: "0.5 µm"' in text
    template.write_text(
        text.replace('why_acceptable: ""', 'why_acceptable: "counts were off by 2 %"')
        .replace('annotators: ""', "annotators: two people")
        .replace('deposited: ""', 'deposited: "https://example.org/1"'),
        encoding="utf-8",
    )
    made = pybridge.report(alone, facts=template)
    assert made.filled > asked.filled
    assert "counts were off by 2 %" in content_of(made)["methods"]
    assert "Ground truth: two people." in content_of(made)["methods"]


def test_a_template_of_hostile_metadata_is_read_back(tmp_path):
    record = write_run(tmp_path / "run")
    inputs = json.loads(record.read_text())["inputs"]
    edit(record, inputs=[inputs[0] | {"unit": 'a": [\u2028x'}, *inputs[1:]])
    pybridge.report(record, template=tmp_path / "facts.yaml")
    assert read_facts(tmp_path / "facts.yaml").microscope.pixel_size == '0.5 a": [ x'
    assert pybridge.report(record, facts=tmp_path / "facts.yaml").page is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sampel: {origin: x}", "no part 'sampel'.*did you mean 'sample'"),
        ("sample: {orign: x}", "no 'orign' in 'sample'.*did you mean 'origin'"),
        ("sample: {origin: [1, 2]}", "sample.origin is a list"),
        ("- 1", "the file is a list"),
        ("a: b: c", "read the facts"),
    ],
)
def test_wrong_facts_are_refused_with_advice(alone, tmp_path, text, message):
    facts = tmp_path / "facts.yaml"
    facts.write_text(text)
    with pytest.raises(UsageError, match=message):
        pybridge.report(alone, facts=facts)


def test_a_model_that_is_another_one_here_is_not_described(alone, nuclei_model):
    content = json.loads(alone.read_text())
    edit(
        alone, model=content["model"] | {"id": nuclei_model}, parameters=content["parameters"] | {"model": nuclei_model}
    )
    made = pybridge.report(alone)
    assert any("another one than that of the record" in problem for problem in made.problems)
    assert "U-Net" not in page_of(made).text


def test_nuclei_fluo_with_truth_fills_twelve_items_without_a_word_of_the_user(tmp_path, nuclei_model):
    image, truth = pybridge.samples.simulate_nuclei(shape=(112, 144), count=8, seed=4)
    written = tmp_path / "cells.tif"
    write_imagej_tiff(written, image)
    result = pybridge.segment(written, model=nuclei_model, truth=truth, record=tmp_path / "cells-record.json")
    write_labels(tmp_path / f"{result.labels.name}.tif", result.labels)
    made = pybridge.report(tmp_path / "cells-record.json", output=tmp_path / "b.html")
    assert made.filled >= 12
    page = page_of(made)
    assert "residual U-Net" in page.text
    assert "433 images with 18,900 nuclei" in page.text
    assert "Curves of the training" in page.text


def test_wrong_outputs_are_refused(alone):
    with pytest.raises(UsageError, match=r"ends in '\.pdf'"):
        pybridge.report(alone, output="report.pdf")
    with pytest.raises(UsageError, match="no such file"):
        pybridge.report("missing.json")
    with pytest.raises(UsageError, match="nothing to report"):
        pybridge.report([])


def test_no_letter_is_too_faint_to_read(alone):
    """WCAG AA: a contrast of 4.5 for text, for the colours of the style sheet on white and on the soft ground."""
    style = pybridge.report(alone).page.read_text().partition("</style>")[0]
    for colour in ("#1b1f24", "#4a5560", "#0b4f8a", "#8a3c00", "#00664b", "#a34700", "#57606a"):
        assert colour in style
        assert _contrast(colour, "#ffffff") >= 4.5
    assert _contrast("#1b1f24", "#f4f6f8") >= 4.5
    assert _contrast("#1b1f24", "#fff6ee") >= 4.5


def _contrast(one, other):
    low, high = sorted(_luminance(each) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
