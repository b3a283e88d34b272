"""``Segment_Image.ijm`` and ``Segment_Folder.ijm``, run by a real ImageJ on real files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile

import pybridge
from pybridge.commands.segment import Segment
from pybridge.core.errors import MacroError
from pybridge.core.image import Calibration, Image
from pybridge.files.home import shipped_folder
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.imagej import Gateway
from pybridge.samples import simulate_nuclei

pytestmark = pytest.mark.jvm

MACROS = shipped_folder("macros")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three images of different kinds; names with spaces, accents and a comma."""
    folder = tmp_path_factory.mktemp("my images è")
    for index, name in enumerate(("a b.tif", "c, é.tif", "d.tif")):
        image, _ = pybridge.samples.simulate_nuclei(shape=(90 + 10 * index, 131), count=8, seed=index)
        array = image.array if index else (image.array / image.array.max() * 255).astype(np.uint8)
        tifffile.imwrite(folder / name, array, imagej=True, resolution=(2.0, 2.0), metadata={"unit": "um"})
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def shells_labels(source: Path, model: str, folder: Path) -> Path:
    """The label image that the shell writes for the same file."""
    path = folder / f"{source.stem}-shell.tif"
    write_labels(path, Segment(model=model).run(read_image(source)).result.labels)
    return path


def test_the_record_in_a_label_file_hashes_that_very_file(gateway, tmp_path, nuclei_model):
    image, _ = simulate_nuclei(shape=(96, 128), count=8)
    write_imagej_tiff(tmp_path / "a.tif", image)
    gateway.run_macro(
        f'run("PyBridge Open", "path=[{tmp_path}/a.tif]"); run("PyBridge Segment", "model={nuclei_model}");'
        f'saveAs("Tiff", "{tmp_path}/a-labels.tif");'
    )
    labels = read_image(tmp_path / "a-labels.tif")
    record = json.loads(labels.info[labels.info.index("{") :])
    assert record["outputs"][0]["sha256_pixels"] == labels.sha256_pixels()


def test_one_image_gives_labels_and_a_table(
    gateway: Gateway, pictures: Path, nuclei_model: str, tmp_path: Path
) -> None:
    out = tmp_path / "out è"
    gateway.run_macro(MACROS / "Segment_Image.ijm", f"{pictures / 'c, é.tif'}|{out}|{nuclei_model}")
    assert {path.name for path in out.iterdir()} == {"c, é-labels.tif", "c, é-objects.csv"}
    labels = read_image(out / "c, é-labels.tif")
    np.testing.assert_array_equal(
        labels.array, read_image(shells_labels(pictures / "c, é.tif", nuclei_model, tmp_path)).array
    )
    assert labels.calibration == Calibration(x=0.5, y=0.5, unit="µm")
    rows = rows_of(out / "c, é-objects.csv")
    assert list(rows[0]) == ["Label", "Area", "Mean", "X", "Y", "Circ.", "Confidence"]
    assert [int(row["Label"]) for row in rows] == list(range(1, labels.array.max() + 1))
    areas = np.bincount(labels.array.ravel())[1:] * 0.25
    np.testing.assert_allclose([float(row["Area"]) for row in rows], areas, atol=6e-4)


def test_a_second_run_into_the_same_folder_is_refused(
    gateway: Gateway, pictures: Path, nuclei_model: str, tmp_path: Path
) -> None:
    argument = f"{pictures / 'd.tif'}|{tmp_path}|{nuclei_model}"
    gateway.run_macro(MACROS / "Segment_Image.ijm", argument)
    before = (tmp_path / "d-labels.tif").stat().st_mtime_ns
    with pytest.raises(MacroError, match=r"d-labels\.tif exists already"):
        gateway.run_macro(MACROS / "Segment_Image.ijm", argument)
    assert (tmp_path / "d-labels.tif").stat().st_mtime_ns == before


def test_earlier_rows_are_not_written_into_the_table(
    gateway: Gateway, pictures: Path, nuclei_model: str, tmp_path: Path
) -> None:
    for name in ("a b.tif", "d.tif"):
        gateway.run_macro(MACROS / "Segment_Image.ijm", f"{pictures / name}|{tmp_path}|{nuclei_model}")
    rows = rows_of(tmp_path / "d-objects.csv")
    assert int(rows[0]["Label"]) == 1
    assert len(rows) == read_image(tmp_path / "d-labels.tif").array.max()


@pytest.mark.parametrize("macro", ["Segment_Image.ijm", "Segment_Folder.ijm"])
@pytest.mark.parametrize("argument", ["", "a|b", "a|b|c|d"])
def test_without_a_display_the_argument_must_be_whole(gateway: Gateway, macro: str, argument: str) -> None:
    with pytest.raises(MacroError, match=r"input\|output\|model"):
        gateway.run_macro(MACROS / macro, argument)


def test_a_folder_gives_the_shells_labels_and_one_table(
    gateway: Gateway, pictures: Path, nuclei_model: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    gateway.run_macro(MACROS / "Segment_Folder.ijm", f"{pictures}|{out}|{nuclei_model}")
    sources = sorted(pictures.iterdir())
    assert {path.name for path in out.iterdir()} == {f"{path.stem}-labels.tif" for path in sources} | {"objects.csv"}
    rows = rows_of(out / "objects.csv")
    for source in sources:
        labels = read_image(out / f"{source.stem}-labels.tif")
        shells = read_image(shells_labels(source, nuclei_model, tmp_path))
        assert labels.array.dtype == shells.array.dtype
        np.testing.assert_array_equal(labels.array, shells.array)
        ours = [int(row["Label"]) for row in rows if row["Image"] == source.name]
        assert ours == list(range(1, labels.array.max() + 1))


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_truncated_file_between_two_good_ones_is_named_and_the_others_are_right(
    gateway: Gateway,
    pictures: Path,
    nuclei_model: str,
    tmp_path: Path,
    compression: str | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("a b.tif", "d.tif"):
        (folder / name).write_bytes((pictures / name).read_bytes())
    tifffile.imwrite(folder / "c cut.tif", read_image(pictures / "d.tif").array, compression=compression)
    (folder / "c cut.tif").write_bytes((folder / "c cut.tif").read_bytes()[:-1500])
    (folder / "notes.txt").write_text("no image")
    with pytest.raises(MacroError, match=r"1 of 3 images could not be done: c cut\.tif\.") as caught:
        gateway.run_macro(MACROS / "Segment_Folder.ijm", f"{folder}|{out}|{nuclei_model}")
    assert caught.value.exit_code == 1
    assert "c cut.tif': the file is truncated" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {"a b-labels.tif", "d-labels.tif", "objects.csv"}
    for name in ("a b", "d"):
        shells = read_image(shells_labels(folder / f"{name}.tif", nuclei_model, tmp_path))
        np.testing.assert_array_equal(read_image(out / f"{name}-labels.tif").array, shells.array)
    assert {row["Image"] for row in rows_of(out / "objects.csv")} == {"a b.tif", "d.tif"}


def test_two_images_of_one_name_are_refused_before_any_work(
    gateway: Gateway, pictures: Path, nuclei_model: str, tmp_path: Path
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in ("d.tif", "d.tiff"):
        (folder / name).write_bytes((pictures / "d.tif").read_bytes())
    with pytest.raises(MacroError, match=r"two images would both give .*d-labels\.tif"):
        gateway.run_macro(MACROS / "Segment_Folder.ijm", f"{folder}|{out}|{nuclei_model}")
    assert list(out.iterdir()) == []


def test_a_hyperstack_keeps_slices_frames_and_calibration(gateway: Gateway, nuclei_model: str, tmp_path: Path) -> None:
    plane, _ = pybridge.samples.simulate_nuclei(shape=(64, 80), count=4)
    array = np.zeros((2, 3, 64, 80), plane.array.dtype)
    array[1, 2], array[0, 1] = plane.array, plane.array[::-1]
    source = tmp_path / "stack.tif"
    tifffile.imwrite(
        source, array[:, :, None], imagej=True, metadata={"axes": "TZCYX", "spacing": 2.0, "unit": "um", "finterval": 5}
    )
    gateway.run_macro(MACROS / "Segment_Image.ijm", f"{source}|{tmp_path / 'out'}|{nuclei_model}")
    labels = read_image(tmp_path / "out" / "stack-labels.tif")
    expected: Image = read_image(shells_labels(source, nuclei_model, tmp_path))
    assert labels.axes == expected.axes == "TZYX"
    np.testing.assert_array_equal(labels.array, expected.array)
    assert (labels.calibration.z, labels.calibration.frame_interval) == (2.0, 5.0)
    rows = rows_of(tmp_path / "out" / "stack-objects.csv")
    assert {(row["Slice"], row["Frame"]) for row in rows} == {("3", "2"), ("2", "1")}


@pytest.mark.parametrize("macro", ["Segment_Image.ijm", "Segment_Folder.ijm"])
def test_the_table_has_all_digits_whatever_set_measurements_says(
    gateway: Gateway, pictures: Path, tmp_path: Path, macro: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    # An image named as a number is no number; areas in mm² are tiny.
    tifffile.imwrite(
        folder / "007.tif",
        read_image(pictures / "d.tif").array,
        imagej=True,
        resolution=(2000.0, 2000.0),
        metadata={"unit": "mm"},
    )
    source = folder / "007.tif" if macro == "Segment_Image.ijm" else folder
    gateway.run_macro('run("Set Measurements...", "area mean redirect=None decimal=0");')
    try:
        gateway.run_macro(MACROS / macro, f"{source}|{tmp_path / 'out'}|baseline:otsu-watershed")
    finally:
        gateway.run_macro('run("Set Measurements...", "area mean redirect=None decimal=3");')
    (table,) = (tmp_path / "out").glob("*.csv")
    expected = pybridge.segment(folder / "007.tif", model="baseline:otsu-watershed").objects
    rows = rows_of(table)
    for name in ("Area", "Mean", "X"):
        ours, theirs = [float(row[name]) for row in rows], expected[name]
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6 if name == "Mean" else 0)
    assert [row["Label"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
