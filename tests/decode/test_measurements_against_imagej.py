"""Our table against ImageJ's own: the wand's outline, the Analyzer's numbers and Analyze Particles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import tifffile
from scipy import ndimage
from skimage.measure import label as connected_regions

from pybridge.core.image import Calibration
from pybridge.decode import measure_objects, trace_outlines

pytestmark = pytest.mark.jvm

PLAIN = Calibration()
CALIBRATED = Calibration(x=0.4, y=0.7, unit="um", origin_x=3, origin_y=-7)


class ImageJ:
    """The few classes of ImageJ that measure one object."""

    def __init__(self) -> None:
        import jpype

        self.jpype = jpype

    def of(self, name: str):
        return self.jpype.JClass(name)

    def image(self, pixels, calibration: Calibration, *, is_mask: bool):
        height, width = pixels.shape
        if is_mask:
            data = self.jpype.JArray(self.jpype.JByte)((pixels.astype(np.uint8) * 255).view(np.int8).ravel())
            processor = self.of("ij.process.ByteProcessor")(width, height, data)
        else:
            data = self.jpype.JArray(self.jpype.JFloat)(pixels.astype(np.float32).ravel())
            processor = self.of("ij.process.FloatProcessor")(width, height, data)
        image = self.of("ij.ImagePlus")("image", processor)
        own = self.of("ij.measure.Calibration")()
        own.pixelWidth, own.pixelHeight = calibration.x, calibration.y
        own.xOrigin, own.yOrigin = calibration.origin_x, calibration.origin_y
        own.setUnit(calibration.unit)
        image.setCalibration(own)
        return image

    def wand(self, mask):
        """Outline the object as a click into its first pixel does; the mask counts as thresholded."""
        wand_type = self.of("ij.gui.Wand")
        wand = wand_type(self.image(mask, PLAIN, is_mask=True).getProcessor())
        y, x = np.argwhere(mask)[0]
        wand.autoOutline(int(x), int(y), 255.0, 255.0, wand_type.LEGACY_MODE)
        assert wand.npoints > 0
        return self.of("ij.gui.PolygonRoi")(wand.xpoints, wand.ypoints, wand.npoints, self.of("ij.gui.Roi").TRACED_ROI)

    def flags(self) -> int:
        flags = self.of("ij.measure.Measurements")
        return int(flags.AREA | flags.MEAN | flags.CENTROID | flags.PERIMETER | flags.SHAPE_DESCRIPTORS)

    def measure(self, mask, intensity, calibration: Calibration) -> dict[str, float]:
        """Measure the wand's selection with the Analyzer: what Analyze > Measure does."""
        table = self.of("ij.measure.ResultsTable")()
        image = self.image(intensity, calibration, is_mask=False)
        image.setRoi(self.wand(mask))
        self.of("ij.plugin.filter.Analyzer")(image, self.flags(), table).measure()
        return self.row(table)

    def particle(self, mask, calibration: Calibration) -> dict[str, float]:
        """Measure the only particle of a mask with Analyze Particles."""
        table = self.of("ij.measure.ResultsTable")()
        analyzer = self.of("ij.plugin.filter.ParticleAnalyzer")(0, self.flags(), table, 0.0, float("inf"))
        image = self.image(mask, calibration, is_mask=True)
        image.getProcessor().setThreshold(255.0, 255.0, self.of("ij.process.ImageProcessor").NO_LUT_UPDATE)
        assert analyzer.analyze(image)
        assert table.size() == 1
        return self.row(table)

    def row(self, table) -> dict[str, float]:
        return {name: float(table.getValue(name, 0)) for name in ("Area", "Mean", "X", "Y", "Circ.")}


@pytest.fixture
def imagej_classes(gateway) -> ImageJ:
    return ImageJ()


@pytest.fixture
def odd_shapes() -> np.ndarray:
    """One pixel, lines, a diagonal, a corner contact, shapes at the border and a ragged one; none has a hole."""
    labels = np.zeros((47, 71), np.int32)
    labels[2, 3] = 1
    labels[5, 3:9] = 2
    labels[8:14, 3] = 3
    labels[np.arange(16, 21), np.arange(3, 8)] = 4
    labels[12:15, 20:23] = labels[15:18, 23:26] = 5
    labels[:3, 60:] = 6
    labels[45:, :2] = 7
    labels[30:46, 5:30] = 8
    labels[30:40, 10:12] = labels[36:44, 20:30] = 0
    ragged = connected_regions(np.random.default_rng(3).random((17, 19)) < 0.5, connectivity=2)
    ragged = ragged == np.bincount(ragged[ragged > 0]).argmax()
    outer = [ring for _, rings, _ in trace_outlines(ragged).of_objects() for ring in rings]
    assert len(outer) == 1
    labels[22:39, 45:64][ndimage.binary_fill_holes(ragged)] = 9
    return labels


@pytest.fixture
def real_nuclei(shared_data) -> np.ndarray:
    path = sorted((shared_data / "nuclei" / "train" / "masks").glob("*.tif"))[7]
    return tifffile.imread(path).astype(np.int32)


def compare(labels, calibration: Calibration, measured_by: Callable, columns: tuple[str, ...], *, limit: int = 40):
    intensity = np.random.default_rng(1).normal(100, 20, labels.shape).astype(np.float32)
    table = measure_objects(labels, intensity, calibration=calibration)
    for row, label in enumerate(table["Label"][:limit]):
        theirs = measured_by(labels == label, intensity)
        ours = {name: float(table[name][row]) for name in columns}
        assert ours == pytest.approx({name: theirs[name] for name in columns}, rel=1e-6), f"label {label}"


@pytest.mark.parametrize("calibration", [PLAIN, CALIBRATED])
@pytest.mark.parametrize("shapes", ["odd_shapes", "real_nuclei"])
def test_measurements_equal_those_of_imagej(shapes, calibration, imagej_classes, request):
    labels = request.getfixturevalue(shapes)
    compare(
        labels,
        calibration,
        lambda mask, intensity: imagej_classes.measure(mask, intensity, calibration),
        ("Area", "Mean", "X", "Y", "Circ."),
    )


@pytest.mark.parametrize("calibration", [PLAIN, CALIBRATED])
def test_an_object_with_holes_is_measured_as_analyze_particles_does(imagej_classes, calibration):
    labels = np.zeros((31, 47), np.int32)
    labels[3:14, 5:21] = 1
    labels[6:9, 8:12] = labels[11, 15:18] = 0
    labels[18:29, 25:44] = 2
    labels[20:27, 27:42] = 0
    compare(
        labels,
        calibration,
        lambda mask, _: imagej_classes.particle(mask, calibration),
        ("Area", "X", "Y", "Circ."),
    )


@pytest.mark.parametrize("shapes", ["odd_shapes", "real_nuclei"])
def test_outlines_are_those_of_the_wand(shapes, imagej_classes, request):
    labels = request.getfixturevalue(shapes)
    for label, outer, holes in list(trace_outlines(labels).of_objects())[:40]:
        roi = imagej_classes.wand(labels == label)
        bounds, count = roi.getBounds(), roi.getNCoordinates()
        theirs = np.column_stack([list(roi.getXCoordinates())[:count], list(roi.getYCoordinates())[:count]])
        assert len(outer) == 1
        assert not holes
        np.testing.assert_array_equal(outer[0], theirs + np.array([int(bounds.x), int(bounds.y)]))
