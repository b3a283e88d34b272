"""Run records are read back from wherever they are kept, and what is wrong with one is said."""

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from pybridge.core.errors import ImageFileError, UsageError
from pybridge.core.image import Image
from pybridge.core.record import (
    DeviceUsed,
    InputUsed,
    ModelUsed,
    OutputMade,
    RunRecord,
    Timing,
    input_used,
    record_sha256,
)
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.reporting import record_fields, stored_record
from pybridge.reporting.stored_record import image_records, parse_record, read_record, record_schema


def make_record(**changes):
    image = Image(np.zeros((5, 7), np.uint8), "YX", name="a.tif")
    values = {
        "id": "1",
        "command": "PyBridge Segment",
        "parameters": {"model": "m", "probability": 0.4, "rois": "none", "channel": None},
        "started": "2026-11-22T12:00:00+00:00",
        "model": ModelUsed("m", "0.1.0", "ab" * 32, "MIT", ("Somebody 2026",), ""),
        "inputs": (input_used(image), input_used(image, role="truth")),
        "outputs": (OutputMade("labels", "a-labels.tif", "0" * 64),),
        "device": DeviceUsed("auto", "cpu", "CPUExecutionProvider", "a CPU", ""),
        "versions": {"pybridge": "0.1.0"},
        "warnings": ("dim",),
    } | changes
    return RunRecord(**values)


def content_of(**changes):
    """The JSON of a record with some fields set by hand; the hash fits them."""
    content = json.loads(make_record().to_json()) | changes
    return content | {"record_sha256": record_sha256(content)}


def parse(content):
    return parse_record(content, path=Path("record.json"))


def test_a_record_comes_back_as_it_was_written(tmp_path):
    (tmp_path / "a-record.json").write_text(make_record().to_json(), encoding="utf-8")
    stored = read_record(tmp_path / "a-record.json")
    assert stored.problems == ()
    assert not stored.was_edited
    assert stored.model.id == "m"
    assert stored.inputs[0].shape == (5, 7)
    assert [used.role for used in stored.images + stored.truths] == ["image", "truth"]
    assert stored.parameters["probability"] == 0.4
    assert stored.path == tmp_path / "a-record.json"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (RunRecord, record_fields.StoredRecord),
        (ModelUsed, record_fields.StoredModel),
        (InputUsed, record_fields.StoredInput),
        (OutputMade, record_fields.StoredOutput),
        (DeviceUsed, record_fields.StoredDevice),
        (Timing, record_fields.StoredTiming),
    ],
)
def test_what_is_read_has_the_fields_of_what_is_written(written, stored):
    fields = {field.name for field in dataclasses.fields(written)}
    extra = {"schema_name", "record_sha256"} if written is RunRecord else set()
    assert set(stored.model_fields) == fields | extra


def test_the_schema_in_the_package_is_that_of_the_models():
    file = Path(stored_record.__file__).with_name("run_record.schema.json")
    assert json.loads(file.read_text(encoding="utf-8")) == record_schema()


def test_the_schema_wants_every_field_that_is_written():
    schema = record_schema()
    assert set(schema["required"]) == set(json.loads(make_record().to_json()))
    assert "sha256_pixels" in schema["$defs"]["StoredInput"]["required"]


@pytest.mark.parametrize("write", [write_labels, write_imagej_tiff])
def test_an_image_carries_its_record(tmp_path, write):
    record = make_record()
    labels = Image(np.arange(35, dtype=np.uint16).reshape(5, 7), "YX", name="a-labels", info=record.to_json())
    write(tmp_path / "a-labels.tif", labels)
    stored = read_record(tmp_path / "a-labels.tif")
    assert (stored.id, stored.problems) == (record.id, ())


def test_lines_that_another_program_puts_around_the_record_do_no_harm(tmp_path):
    info = "{ not this one }\nOpened by somebody\n" + make_record().to_json() + "\nx = {1}"
    image = Image(np.zeros((5, 7), np.uint16), "YX", name="a", info=info)
    write_labels(tmp_path / "a.tif", image)
    assert read_record(tmp_path / "a.tif").problems == ()


def test_a_zarr_folder_carries_its_record(tmp_path):
    for name, inside in ((".zattrs", lambda found: found), ("zarr.json", lambda found: {"attributes": found})):
        folder = tmp_path / f"{name}.ome.zarr"
        folder.mkdir()
        text = json.dumps(inside({"pybridge": {"record": json.loads(make_record().to_json())}}))
        (folder / name).write_text(text)
        assert read_record(folder).problems == ()


def test_the_newest_run_of_a_folder_is_taken_and_that_is_said(tmp_path):
    (tmp_path / "run-record.json").write_text(make_record(id="new", started="2026-11-22T13:00:00+00:00").to_json())
    (tmp_path / "run-record-2.json").write_text(make_record(id="old").to_json())
    (tmp_path / "a-record.json").write_text(make_record(id="one").to_json())
    stored = read_record(tmp_path)
    assert stored.id == "new"
    assert "2 run records; this is the newest, 'run-record.json'" in stored.problems[0]
    assert [file.name for file in image_records(tmp_path)] == ["a-record.json"]


def test_a_folder_without_a_run_gives_its_only_record_or_names_those_there(tmp_path):
    with pytest.raises(UsageError, match=r"no run-record\.json in this folder\. To do: name the folder"):
        read_record(tmp_path)
    (tmp_path / "a-record.json").write_text(make_record(id="one").to_json())
    assert read_record(tmp_path).id == "one"
    (tmp_path / "b-record.json").write_text(make_record(id="two").to_json())
    with pytest.raises(UsageError, match=r"but a-record\.json, b-record\.json\. To do: name one"):
        read_record(tmp_path)


def test_an_edit_shows():
    content = json.loads(make_record().to_json())
    content["parameters"]["probability"] = 0.7
    stored = parse(content)
    assert stored.was_edited
    assert stored.problems == (
        "the hash of the record does not fit its content: it was edited after PyBridge wrote it",
    )
    assert stored.parameters["probability"] == 0.7
    del content["record_sha256"]
    assert "has no hash of itself" in parse(content).problems[0]


def test_a_newer_schema_is_read_and_what_differs_is_named():
    content = content_of(schema="pybridge-run/2", laboratory={"room": 5}, device={"used": "cuda:0", "cores": 4})
    del content["warnings"]
    content["record_sha256"] = record_sha256(content)
    stored = parse(content)
    assert stored.laboratory == {"room": 5}
    assert stored.device.cores == 4
    assert stored.device.used == "cuda:0"
    assert stored.problems == (
        "its schema 'pybridge-run/2' is newer than 'pybridge-run/1', which this PyBridge writes",
        "fields of 'pybridge-run/1' that it lacks: device.asked, device.provider, device.name, device.driver, warnings",
        "fields that 'pybridge-run/1' does not have, kept as they are: 'laboratory', 'device.cores'",
    )


def test_an_older_schema_and_inputs_without_roles_are_read():
    content = content_of(schema="pybridge-run/0", scores={"images": 1})
    for used in content["inputs"]:
        del used["role"]
    stored = parse(content | {"record_sha256": record_sha256(content)})
    assert "is older than" in stored.problems[0]
    assert (len(stored.images), len(stored.truths)) == (1, 1)


def test_fields_of_a_wrong_kind_are_left_out_and_named():
    stored = parse(content_of(device=3, inputs=[{"shape": ["five"]}], timing_s={"total": "long"}))
    assert stored.device is None
    assert stored.inputs == ()
    assert stored.model.id == "m"
    assert "device: " in stored.problems[0]
    assert "inputs.0.shape.0: " in stored.problems[0]
    assert "timing_s.total: " in stored.problems[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", r"damaged JSON \(Expecting"),
        ("[1]", "a list and no object"),
        ('{"schema": "pybridge-run/1", "scores": NaN}', "NaN is no JSON"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a": ' * 300 + "1" + "}" * 300, "nested too deeply"),
        ('{"a": 1}', "JSON without a schema"),
        ('{"schema": "pybridge-training/1"}', "JSON of the schema 'pybridge-training/1'"),
        ('{"schema": "pybridge-run/1<script>"}', "JSON of the schema 'pybridge-run/1<script>'"),
        ("", "damaged JSON"),
    ],
)
def test_what_is_no_record_is_an_error_that_says_so(tmp_path, text, found):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UsageError, match=rf"read the run record of '.*a\.json': .*{found}.*\. To do: give"):
        read_record(tmp_path / "a.json")


def test_files_that_hold_no_record_are_named(tmp_path):
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="no UTF-8 text"):
        read_record(tmp_path / "binary.json")
    with pytest.raises(UsageError, match="no such file or folder"):
        read_record(tmp_path / "gone.json")
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    with pytest.raises(UsageError, match=r"a \.png file, which holds none"):
        read_record(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "a-labels.tif", np.zeros((5, 7), np.uint16))
    (tmp_path / "a-record.json").write_text(make_record().to_json())
    with pytest.raises(UsageError, match=r"the image carries none\. To do: give '.*a-record\.json', which lies beside"):
        read_record(tmp_path / "a-labels.tif")
    (tmp_path / "cut.tif").write_bytes(b"II*\0")
    with pytest.raises(ImageFileError, match="cannot be read"):
        read_record(tmp_path / "cut.tif")


def test_names_that_are_no_text_can_be_written_and_read(tmp_path):
    name = os.fsdecode(b"caf\xe9.tif")  # latin-1 bytes in a name: half a letter in Python
    text = make_record(outputs=(OutputMade("labels", name, ""),)).to_json()
    (tmp_path / "r.json").write_text(text, encoding="utf-8")
    stored = read_record(tmp_path / "r.json")
    assert stored.outputs[0].name == r"caf\udce9.tif"
    assert stored.problems == ()
    hostile = content_of(command="\ud800")
    (tmp_path / "h.json").write_text(json.dumps(hostile))
    assert read_record(tmp_path / "h.json").command.encode("utf-8") == rb"\ud800"
