"""The run record and its JSON."""

import json

import numpy as np

from pybridge.core.image import Calibration, Image
from pybridge.core.record import SCHEMA, OutputMade, RunRecord, Stopwatch, input_used, now, record_sha256


def make_record(**changes):
    image = Image(
        np.zeros((5, 7), np.uint8), "YX", name="a.tif", calibration=Calibration(x=0.5, y=0.25, z=2, unit="µm")
    )
    values = {"id": "1", "command": "PyBridge Segment", "parameters": {"model": "m"}, "started": now()} | changes
    return RunRecord(inputs=(input_used(image),), **values)


def test_the_json_has_every_field_of_the_schema_in_order():
    content = json.loads(make_record().to_json())
    assert content["schema"] == SCHEMA
    assert (
        list(content)
        == (
            "schema id command parameters started model inputs outputs device versions timing_s scores warnings "
            "record_sha256"
        ).split()
    )
    assert list(content["timing_s"]) == "load read prepare network decode table write total".split()
    assert content["inputs"][0]["pixel_size"] == [2, 0.25, 0.5]
    assert content["inputs"][0]["unit"] == "µm"


def test_the_hash_of_a_record_shows_an_edit():
    content = json.loads(make_record().to_json())
    assert record_sha256(content) == content["record_sha256"]
    content["parameters"]["model"] = "another"
    assert record_sha256(content) != content["record_sha256"]


def test_numbers_that_json_lacks_become_null():
    assert json.loads(make_record(scores={"ap": float("nan")}).to_json())["scores"] == {"ap": None}


def test_a_record_grows_by_copies():
    record = make_record()
    longer = record.with_outputs(OutputMade("labels", "a-labels.tif", "0")).with_warnings("dim", "dim")
    assert record.outputs == ()
    assert longer.outputs[0].role == "labels"
    assert longer.warnings == ("dim",)


def test_the_stopwatch_adds_up_parts_and_total():
    watch = Stopwatch()
    with watch.part("network"):
        pass
    watch.add("network", 1.0)
    timing = watch.timing()
    assert timing.network >= 1.0
    assert timing.decode == 0
    assert timing.total > 0
