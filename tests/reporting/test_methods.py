"""What a report says: citations, microscope, scores, and that every claim of the methods text has its backing."""

import json
import re

import pytest

import pybridge
from pybridge.cli.evaluate import summary_lines
from pybridge.reporting.checklist import fill_checklist
from pybridge.reporting.citations import Citation, read_citation, to_bibtex
from pybridge.reporting.evidence import gather_evidence
from pybridge.reporting.methods import write_methods
from pybridge.reporting.microscope import Microscope, parse_ome
from pybridge.reporting.score_summary import per_image_scores, score_rows
from pybridge.reporting.stored_record import read_record
from pybridge.reporting.user_facts import MicroscopeFacts, UserFacts
from pybridge.tasks.evaluate_pool import segments_to_json
from tests.builders.reported_runs import write_run

OME = """<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
<Instrument ID="Instrument:0"><Microscope Manufacturer="Zeiss" Model="LSM 880"/>
<Laser ID="LightSource:0" Wavelength="405"/><Detector ID="Detector:0" Model="GaAsP"/>
<Objective ID="Objective:0" NominalMagnification="63.0" LensNA="1.4" Immersion="Oil" Model="Plan-Apochromat"/>
</Instrument>
<Image ID="Image:0"><AcquisitionDate>2026-01-02T03:04:05</AcquisitionDate><Pixels>
<Channel ID="Channel:0" Name="DAPI" EmissionWavelength="461"/><Plane ExposureTime="0.2"/><Plane ExposureTime="0.2"/>
</Pixels></Image></OME>"""


@pytest.fixture
def evidence(tmp_path):
    return gather_evidence([read_record(write_run(tmp_path / "run"))])


def test_ome_metadata_says_how_an_image_was_acquired():
    assert parse_ome(OME) == Microscope(
        name="Zeiss LSM 880",
        objective="Plan-Apochromat, Oil",
        magnification="63×",
        numerical_aperture="1.4",
        detector="GaAsP",
        illumination="Laser 405 nm",
        exposure="0.2 s",
        channels="DAPI, emission 461 nm",
        acquired="2026-01-02T03:04:05",
    )


@pytest.mark.parametrize(
    "text",
    ["", "<OME", "no xml", OME.replace("<OME ", '<!DOCTYPE a [<!ENTITY b "c">]><OME ', 1), "<a/>", "\x00"],
)
def test_damaged_or_harmful_metadata_says_nothing(text):
    assert parse_ome(text) == Microscope()


def test_the_microscope_of_the_file_is_in_the_methods_and_the_user_has_the_last_word(tmp_path):
    import tifffile

    record = write_run(tmp_path / "run")
    source = tmp_path / "run" / "in" / "cells.tif"
    pixels = tifffile.imread(source)
    tifffile.imwrite(source.with_suffix(".ome.tif"), pixels, description=OME.replace("µ", "u"), metadata=None)
    content = json.loads(record.read_text())
    content["inputs"][0] |= {"path": str(source.with_suffix(".ome.tif")), "sha256_file": None}
    record.write_text(json.dumps(content))
    said = UserFacts(microscope=MicroscopeFacts(detector="another camera"))
    sentence = write_methods(gather_evidence([read_record(record)], facts=said)).sentences[0]
    assert "Zeiss LSM 880" in sentence
    assert "NA 1.4" in sentence
    assert "another camera" in sentence
    assert "GaAsP" not in sentence


def test_every_number_of_the_methods_stands_in_the_record(evidence):
    text = write_methods(evidence).paragraph
    backing = evidence.record.model_dump_json()
    numbers = re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]|%)", re.sub(r"\[[\d, ]+\]", "", text))
    known = {"95", "0.50", "0.75", "0.95"}  # of the definitions
    for number in set(numbers) - known:
        scores = evidence.scores["pooled"]
        counted = {str(scores["0.50"]["tp"] + scores["0.50"]["fn"]), "1"}
        rounded = [f"{float(each):.3f}" for each in re.findall(r"\d+\.\d+", backing)]
        assert number in counted or number in backing or number in rounded, number


def test_what_the_record_lacks_is_left_out_not_guessed(tmp_path):
    path = tmp_path / "bare.json"
    path.write_text(json.dumps({"schema": "pybridge-run/1"}))
    evidence = gather_evidence([read_record(path)])
    assert write_methods(evidence).paragraph == ""
    items = fill_checklist(evidence)
    assert [each.number for each in items] == list(range(1, 18))
    assert {each.state for each in items if each.number <= 8} == {"not applicable"}
    assert items[8].state == items[11].state == items[13].state == "missing: supply it"
    assert all(each.supply for each in items if each.state != "filled")


def test_a_work_that_is_cited_twice_stands_once_in_the_list(evidence):
    references = write_methods(evidence).references
    assert len({each.link or each.text for each in references}) == len(references)
    assert [each.doi for each in references if "Blobs" in each.text] == ["10.1234/blobs"]


def test_free_text_becomes_bibtex_that_tex_can_read():
    text = to_bibtex(
        (read_citation("A & B, 50 % of {x}_1. 2019 (method) https://doi.org/10.1000/ab_c"), Citation("A 2019"))
    )
    assert r"A \& B, 50 \% of x\_1. 2019}" in text
    assert "doi = {10.1000/ab_c}" in text
    assert "@misc{a2019," in text
    assert "@misc{a2019-2," in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("scores", [None, 3, [], {"pooled": None}, {"ci95": {"a": 1}}, {"per_image": [1, None]}])
def test_scores_that_are_none_give_no_rows(scores):
    assert score_rows(scores) == () or all(row.value is None for row in score_rows(scores))
    assert per_image_scores(scores) == ()


def test_undefined_scores_are_named_so_and_other_scores_are_listed_with_their_interval():
    rows = score_rows({"images": 2, "pooled": {"ssim": 0.9, "raw": {"ssim": None}}, "ci95": {"ssim": [0.8, 0.95]}})
    assert [(row.name, row.text, row.interval_text) for row in rows] == [
        ("SSIM", "0.900", "0.800 to 0.950"),
        ("SSIM of the raw image", "undefined", ""),
    ]


def test_distances_carry_their_unit_and_the_words_of_the_terminal():
    distances = {"hausdorff": 2.5, "hd95": 1.4, "assd": 0.5, "count": 12}
    scores = {
        "boundary": {"unit": "µm", "foreground": distances, "objects": distances},
        "objects": {"missed": 1},
        "pixels": {"dice": 0.9},
        "ci95": {"boundary": {"hd95": [1.3, 1.9]}},
    }
    rows = {row.name: row for row in score_rows(scores)}
    assert list(rows) == [
        "Hausdorff distance of the foreground (µm)",
        "HD95 of the foreground (µm)",
        "ASSD of the foreground (µm)",
        "images or frames with distances of the foreground",
        "Hausdorff distance of matched objects (µm)",
        "HD95 of matched objects (µm)",
        "ASSD of matched objects (µm)",
        "matched objects with distances",
        "missed objects",
        "Dice of the foreground",
    ]
    assert rows["HD95 of matched objects (µm)"].interval_text == "1.300 to 1.900"
    assert rows["HD95 of the foreground (µm)"].interval is None
    assert [rows[name].text for name in ("missed objects", "matched objects with distances")] == ["1", "12"]
    unknown = score_rows({"boundary": {"unit": None, "objects": {"hd95": None}}})
    assert [(row.name, row.text) for row in unknown] == [("HD95 of matched objects", "undefined")]


def test_the_terminal_and_the_report_call_a_score_the_same():
    _, truth = pybridge.samples.simulate_nuclei(shape=(90, 131), count=8, seed=1)
    scores = segments_to_json([pybridge.evaluate(truth, truth).scores])
    names = {row.name for row in score_rows(scores)}
    told = [line.partition(":")[0] for line in summary_lines(scores) if not line.startswith("objects:")]
    assert len(told) == 11
    assert set(told) <= names


def test_of_restored_images_the_sentence_tells_whether_they_are_nearer_to_the_truth_than_the_raw_ones(tmp_path):
    names = ("rmse", "nrmse", "psnr", "ssim", "pearson", "rse")
    result, raw = (dict.fromkeys(names, value) for value in (0.25, 0.5))
    scores = {"task": "restore", "images": 4, "pooled": result | {"raw": raw}}
    scores["nearer_to_truth_than_raw"] = dict.fromkeys(names, 3)
    path = tmp_path / "restored.json"
    path.write_text(json.dumps({"schema": "pybridge-run/1", "command": "PyBridge Evaluate", "scores": scores}))
    said = write_methods(gather_evidence([read_record(path)])).paragraph
    told = said.partition("Against the ground truth of 4 images: ")[2].split("; ")
    assert told[:6] == [f"{name} 0.250" for name in ("RMSE", "NRMSE", "PSNR (dB)", "SSIM", "Pearson", "RSE")]
    assert told[6:8] == ["PSNR (dB) of the raw image 0.500", "SSIM of the raw image 0.500"]
    assert told[8].startswith("images nearer to the truth than the raw image, by PSNR (dB) 3")
    assert told[9].startswith("images nearer to the truth than the raw image, by SSIM 3.")
    assert len(told) == 10


def test_scores_that_are_too_many_for_a_sentence_are_not_cut_without_a_word(tmp_path):
    scores = {"images": 2, "pooled": {f"score_{number}": 0.5 for number in range(30)}}
    path = tmp_path / "many.json"
    path.write_text(json.dumps({"schema": "pybridge-run/1", "scores": scores}))
    said = write_methods(gather_evidence([read_record(path)])).paragraph
    assert "score 19 0.500; and 10 more, in the table of scores." in said
    assert "score 20" not in said
