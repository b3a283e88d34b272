"""Opening files with ImageJ: kinds that only ImageJ reads, and files that are cut short."""

import numpy as np
import pytest

from pybridge.core.errors import ImageFileError, MacroError
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff

pytestmark = pytest.mark.jvm


def test_a_dicom_file_is_opened_and_segmented(gateway, shared_data):
    imp = gateway.open(shared_data / "imagej_samples" / "01.dcm")
    labels = gateway.segment(imp, model="nuclei-fluo", table=False)
    assert (labels.getWidth(), labels.getHeight()) == (imp.getWidth(), imp.getHeight())


def test_a_truncated_tiff_is_refused_by_python_and_by_macro(gateway, tmp_path):
    whole, cut = tmp_path / "whole è.tif", tmp_path / "cut.tif"
    write_imagej_tiff(whole, Image(np.arange(5 * 7 * 11, dtype=np.uint16).reshape(5, 7, 11), "ZYX"))
    assert gateway.open(whole).getStackSize() == 5
    cut.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(ImageFileError, match="truncated"):
        gateway.open(cut)
    with pytest.raises(MacroError, match="truncated"):
        gateway.run_macro(f'run("PyBridge Open", "path=[{cut}]");')


@pytest.mark.parametrize(
    "call",
    [
        'run("PyBridge Segment", "model=nuclei-fluo truth=cut.tif");',
        'run("PyBridge Evaluate", "truth=cut.tif");',
        'run("PyBridge Compare", "model=baseline:otsu-watershed truth=cut.tif");',
    ],
)
def test_a_truth_of_which_the_file_was_truncated_is_refused(gateway, tmp_path, call):
    cut = tmp_path / "cut.tif"
    write_imagej_tiff(cut, Image(np.arange(50 * 70, dtype=np.uint16).reshape(50, 70) // 700, "YX"))
    cut.write_bytes(cut.read_bytes()[:-100])
    with pytest.raises(MacroError, match="truncated"):
        gateway.run_macro(f'setBatchMode(true); open("{cut}"); newImage("a", "16-bit ramp", 70, 50, 1); {call}')


def test_what_is_no_image_is_refused(gateway, tmp_path):
    (tmp_path / "a.tif").write_text("no image")
    with pytest.raises(ImageFileError, match="ImageJ cannot open it"):
        gateway.open(tmp_path / "a.tif")
    with pytest.raises(ImageFileError, match="no such file"):
        gateway.open(tmp_path / "gone.tif")
