"""``Segment_and_Measure.ijm`` and ``Segment_Timelapse.ijm``: numbers that numpy finds too, in every kind of stack."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from pybridge.cli import main
from pybridge.core.errors import MacroError
from pybridge.core.image import Calibration, Image
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff
from pybridge.imagej.jvm import java_class
from pybridge.samples import simulate_nuclei

pytestmark = pytest.mark.jvm

MICRONS = Calibration(x=0.5, y=0.5, unit="µm")


@pytest.fixture(autouse=True)
def results_table_empty_again(gateway):
    """Rows with slices and frames would give later tests' tables these columns too."""
    yield
    java_class("ij.measure.ResultsTable").getResultsTable().reset()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def plane(seed: int) -> np.ndarray:
    return simulate_nuclei(shape=(96, 128), count=6 + seed, seed=seed)[0].array.astype(np.uint16)


def test_every_channel_is_measured_in_every_nucleus(gateway, tmp_path, nuclei_model):
    other = np.random.default_rng(0).integers(100, 900, (96, 128)).astype(np.uint16)
    write_imagej_tiff(tmp_path / "my cells è.tif", Image(np.stack([plane(1), other]), "CYX", calibration=MICRONS))
    gateway.run_macro("Segment_and_Measure", f"{tmp_path / 'my cells è.tif'}|{tmp_path / 'out'}|{nuclei_model}")
    labels = read_image(tmp_path / "out" / "my cells è-labels.tif")
    assert (labels.axes, labels.calibration.x, labels.calibration.unit) == ("YX", 0.5, "µm")
    rows = rows_of(tmp_path / "out" / "my cells è-measured.csv")
    assert list(rows[0]) == ["Label", "Area", "Mean1", "IntDen1", "Mean2", "IntDen2"]
    assert [int(row["Label"]) for row in rows] == list(range(1, int(labels.array.max()) + 1))
    for row in rows:
        inside = labels.array == int(row["Label"])
        assert float(row["Area"]) == pytest.approx(inside.sum() * 0.25)
        assert float(row["Mean1"]) == pytest.approx(plane(1)[inside].mean(), abs=1e-3)
        assert float(row["Mean2"]) == pytest.approx(other[inside].mean(), abs=1e-3)
        assert float(row["IntDen2"]) == pytest.approx(other[inside].sum() * 0.25, rel=1e-5)


@pytest.mark.parametrize("axes", ["YX", "ZYX", "TYX", "TZCYX"])
def test_measuring_finds_the_plane_of_each_nucleus(gateway, tmp_path, nuclei_model, axes):
    lengths = {"T": 2, "Z": 3, "C": 2}
    shape = [lengths[letter] for letter in axes[:-2]]
    array = np.zeros((*shape, 96, 128), np.uint16)
    for number, index in enumerate(np.ndindex(*shape)):
        array[index] = plane(number % 3) + number
    write_imagej_tiff(tmp_path / "a.tif", Image(array, axes))
    gateway.run_macro("Segment_and_Measure", f"{tmp_path / 'a.tif'}|{tmp_path}|{nuclei_model}")
    labels = read_image(tmp_path / "a-labels.tif")
    image, found = Image(array, axes).tzcyx(), labels.tzcyx()[:, :, 0]
    rows = rows_of(tmp_path / "a-measured.csv")
    assert len(rows) == int(labels.array.max()) > 0
    for row in rows:
        t, z = int(row.get("Frame", 1)) - 1, int(row.get("Slice", 1)) - 1
        inside = found[t, z] == int(row["Label"])
        assert inside.any()
        for channel in range(image.shape[2]):
            expected = image[t, z, channel][inside].mean()
            assert float(row[f"Mean{channel + 1}"]) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("axes", ["TYX", "ZYX"])
def test_a_time_lapse_gives_the_growth_of_the_culture(gateway, tmp_path, nuclei_model, axes):
    array = np.stack([plane(0), np.full((96, 128), 20, np.uint16), plane(2)])
    timed = dataclasses.replace(MICRONS, frame_interval=5.0 if axes == "TYX" else 0.0, time_unit="min")
    write_imagej_tiff(tmp_path / "movie.tif", Image(array, axes, calibration=timed))
    gateway.run_macro("Segment_Timelapse.ijm", f"{tmp_path / 'movie.tif'}|{tmp_path / 'out'}|{nuclei_model}")
    labels = read_image(tmp_path / "out" / "movie-labels.tif")
    assert labels.axes == "TYX"
    rows = rows_of(tmp_path / "out" / "movie-growth.csv")
    assert [row["Frame"] for row in rows] == ["1", "2", "3"]
    assert [float(row["Time"]) for row in rows] == [0.0, timed.frame_interval, 2 * timed.frame_interval]
    for row, found, pixels in zip(rows, labels.array, array, strict=True):
        numbers = np.unique(found[found > 0])
        assert int(row["Cells"]) == len(numbers)
        assert float(row["Covered"]) == pytest.approx((found > 0).mean(), abs=1e-4)
        if len(numbers):
            means = [pixels[found == number].mean() for number in numbers]
            assert float(row["MeanIntensity"]) == pytest.approx(np.mean(means), abs=2e-3)
            assert float(row["MeanArea"]) == pytest.approx((found > 0).sum() * 0.25 / len(numbers), abs=1e-3)
    assert rows[1]["MeanArea"] == "NaN"


def test_areas_in_square_millimetres_and_intensities_below_one_keep_their_digits(gateway, tmp_path, nuclei_model):
    array = np.stack([plane(0), plane(2)]) / np.float32(40000)
    small = Calibration(x=0.0005, y=0.0005, unit="mm")
    write_imagej_tiff(tmp_path / "a.tif", Image(array, "TYX", calibration=small))
    for macro in ("Segment_and_Measure", "Segment_Timelapse"):
        gateway.run_macro(macro, f"{tmp_path / 'a.tif'}|{tmp_path / macro}|{nuclei_model}")
    labels = read_image(tmp_path / "Segment_Timelapse" / "a-labels.tif").array
    for row in rows_of(tmp_path / "Segment_and_Measure" / "a-measured.csv"):
        frame = int(row["Frame"]) - 1
        inside = labels[frame] == int(row["Label"])
        area, mean = inside.sum() * 0.0005**2, array[frame][inside].mean()
        assert float(row["Area"]) == pytest.approx(area, rel=1e-5)
        assert float(row["Mean1"]) == pytest.approx(mean, rel=1e-5)
        assert float(row["IntDen1"]) == pytest.approx(area * mean, rel=1e-5)
    for row, found in zip(rows_of(tmp_path / "Segment_Timelapse" / "a-growth.csv"), labels, strict=True):
        area = (found > 0).sum() * 0.0005**2 / int(row["Cells"])
        assert float(row["MeanArea"]) == pytest.approx(area, rel=1e-5)


def test_a_single_plane_is_no_time_lapse(gateway, tmp_path, nuclei_model):
    write_imagej_tiff(tmp_path / "a.tif", Image(plane(0), "YX"))
    with pytest.raises(MacroError, match="has a single frame"):
        gateway.run_macro("Segment_Timelapse", f"{tmp_path / 'a.tif'}|{tmp_path}|{nuclei_model}")


@pytest.mark.parametrize("macro", ["Segment_and_Measure", "Segment_Timelapse"])
@pytest.mark.parametrize("argument", ["", "a|b", "a|b|c|d"])
def test_without_a_display_the_argument_must_be_whole(gateway, macro, argument):
    with pytest.raises(MacroError, match=r"input\|output\|model"):
        gateway.run_macro(macro, argument)


def test_outputs_that_exist_are_not_overwritten(gateway, tmp_path, nuclei_model):
    write_imagej_tiff(tmp_path / "a.tif", Image(np.stack([plane(0)] * 2), "TYX"))
    for macro, output in (("Segment_and_Measure", "a-measured.csv"), ("Segment_Timelapse", "a-growth.csv")):
        (tmp_path / output).write_text("mine")
        with pytest.raises(MacroError, match=f"{output} exists already"):
            gateway.run_macro(macro, f"{tmp_path / 'a.tif'}|{tmp_path}|{nuclei_model}")
        assert (tmp_path / output).read_text() == "mine"


def test_the_shell_finds_a_shipped_macro_by_its_bare_name(gateway, tmp_path, nuclei_model, capsys, monkeypatch):
    write_imagej_tiff(tmp_path / "a.tif", Image(np.stack([plane(0), plane(1)]), "TYX"))
    monkeypatch.setattr(type(gateway), "close", lambda self: None)  # the tests that follow use it
    argument = f"{tmp_path / 'a.tif'}|{tmp_path}|{nuclei_model}"
    assert main(["macro", "Segment_Timelapse", argument]) == 0
    assert "in the first frame" in capsys.readouterr().out
    assert main(["macro", "Segment_Timelaps", argument]) == 2
    assert "did you mean 'Segment_Timelapse'" in capsys.readouterr().err


@pytest.mark.parametrize("batch", ["false", "true"])
def test_a_macro_may_call_shipped_ones_in_batch_mode_or_not(gateway, tmp_path, nuclei_model, batch):
    from pybridge.files.home import shipped_folder

    write_imagej_tiff(tmp_path / "a.tif", Image(np.stack([plane(0), plane(1)]), "TYX"))
    path = shipped_folder("macros") / "Segment_Timelapse.ijm"
    answer = gateway.run_macro(
        f"""setBatchMode({batch});
        newImage("mine", "8-bit", 9, 9, 1);
        runMacro("{path}", "{tmp_path / "a.tif"}|{tmp_path}|{nuclei_model}");
        again = runMacro("{path}", "{tmp_path / "a.tif"}|{tmp_path}|{nuclei_model}");
        selectImage("mine");
        return getTitle() + " " + again;"""
    )
    assert answer == "mine [aborted]"  # the second finds the outputs of the first, and the outer macro goes on
    assert (tmp_path / "a-growth.csv").is_file()
