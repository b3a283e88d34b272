"""A macro reads the run record in the "Info" of a label image; what it saves carries the record on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pybridge.cli import main
from pybridge.core.errors import MacroError
from pybridge.files.home import shipped_folder
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.imagej import Gateway
from pybridge.reporting.stored_record import read_record
from pybridge.samples import simulate_nuclei
from pybridge.zoo import find

pytestmark = pytest.mark.jvm

MACRO = shipped_folder("macros") / "Segment_and_Score.ijm"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """An image and its truth."""
    image, truth = simulate_nuclei(shape=(90, 131), count=8)
    write_imagej_tiff(tmp_path / "a b.tif", image)
    write_labels(tmp_path / "a b_mask.tif", truth)
    return tmp_path / "a b.tif", tmp_path / "a b_mask.tif"


def test_a_macro_prints_model_version_and_ap_from_the_record(
    gateway: Gateway, pair: tuple[Path, Path], nuclei_model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["segment", str(pair[0]), "--model", nuclei_model, "--truth", str(pair[1]), "-o", str(out)]) == 0
    shells = read_record(out / "a b-labels.tif")
    assert shells.scores is not None
    capsys.readouterr()
    gateway.run_macro(MACRO, f"{pair[0]}|{pair[1]}|{nuclei_model}")
    said = capsys.readouterr().out
    assert f"model: {nuclei_model} {find(nuclei_model).version}\n" in said
    assert "device: cpu (CPUExecutionProvider)\n" in said
    assert f"AP at IoU 0.50: {shells.scores['pooled']['0.50']['ap']}\n" in said
    assert f"AP at IoU 0.75: {shells.scores['pooled']['0.75']['ap']}\n" in said


def test_without_truth_the_macro_says_what_it_needs(gateway: Gateway, pair: tuple[Path, Path]) -> None:
    with pytest.raises(MacroError, match=r"image\|truth\|model"):
        gateway.run_macro(MACRO, str(pair[0]))


def test_what_a_macro_saved_is_done_again_identically(
    gateway: Gateway, pair: tuple[Path, Path], nuclei_model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.run_macro(
        f'run("PyBridge Open", "path=[{pair[0]}]");'
        f'run("PyBridge Segment", "model={nuclei_model} probability=0.6 show_probability");'
        f'saveAs("Tiff", "{tmp_path}/l.tif"); close(); saveAs("Tiff", "{tmp_path}/p.tif"); close();'
    )
    for name in ("l.tif", "p.tif"):
        stored = read_record(tmp_path / name)
        assert (stored.problems, stored.parameters["probability"]) == ((), 0.6)
        assert "imagej" in stored.versions
    assert main(["rerun", str(tmp_path / "l.tif"), "--check"]) == 0
    assert "agrees: 2 of 2 output(s) identical" in capsys.readouterr().out


def test_imagej_shows_the_record_of_an_image_that_was_made_in_parts(
    gateway: Gateway, tmp_path: Path, nuclei_model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from pybridge.core.image import Calibration
    from pybridge.core.record import RunRecord
    from pybridge.core.store import ImageForm
    from pybridge.files.stores import FileStore

    record = RunRecord("42", "PyBridge Predict", {"model": "é"}, "2026-11-22")
    with FileStore({"raw": tmp_path / "raw.tif"}) as store:
        target = store.make(ImageForm("raw", "raw", "ZYX", (3, 5, 7), Calibration(x=0.5, unit="µm")))
        target[...] = np.arange(105, dtype=np.float32).reshape(3, 5, 7)
        store.publish(record.to_json())
    gateway.run_macro(
        f'open("{tmp_path}/raw.tif"); info = getMetadata("Info");'
        'print("schema at " + indexOf(info, "pybridge-run/1") + ", é at " + indexOf(info, "é"));'
        f'setSlice(3); print("value " + getPixel(6, 4)); saveAs("Tiff", "{tmp_path}/again.tif"); close();'
    )
    said = capsys.readouterr().out
    assert "value 104" in said
    assert "at -1" not in said
    assert read_record(tmp_path / "again.tif").id == "42"
    assert read_image(tmp_path / "again.tif").calibration.x == 0.5
