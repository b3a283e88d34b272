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
SQUARE = Calibration(x=0.325, y=0.325, unit="um")
CALIBRATED = Calibration(x=0.4, y=0.7, unit="um", origin_x=3, origin_y=-7)

BASIC = ("Area", "X", "Y", "Circ.", "Perim.", "Angle")
BOX = ("BX", "BY", "Width", "Height")
ELLIPSE = ("Major", "Minor", "AR", "Round")
HULL = ("Feret", "FeretX", "FeretY", "FeretAngle", "MinFeret", "Solidity")
BRIGHTNESS = ("Mean", "StdDev", "Mode", "Min", "Max", "XM", "YM", "IntDen", "RawIntDen", "Median")


class ImageJ:
    """The few classes of ImageJ that measure one object."""

    def __init__(self) -> None:
        import jpype

        self.jpype = jpype

    def of(self, name: str):
        return self.jpype.JClass(name)

    def image(self, pixels, calibration: Calibration, *, is_mask: bool):
        height, width = pixels.shape
        if is_mask or pixels.dtype == np.uint8:
            values = pixels.astype(np.uint8) * 255 if is_mask else pixels
            data = self.jpype.JArray(self.jpype.JByte)(values.view(np.int8).ravel())
            processor = self.of("ij.process.ByteProcessor")(width, height, data)
        elif pixels.dtype == np.uint16:
            data = self.jpype.JArray(self.jpype.JShort)(pixels.view(np.int16).ravel())
            processor = self.of("ij.process.ShortProcessor")(width, height, data, None)
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
        wanted = "AREA MEAN CENTROID PERIMETER SHAPE_DESCRIPTORS RECT ELLIPSE FERET STD_DEV MODE MIN_MAX"
        wanted += " CENTER_OF_MASS INTEGRATED_DENSITY MEDIAN SKEWNESS KURTOSIS"
        return sum(int(getattr(flags, name)) for name in wanted.split())

    def measure(self, mask, intensity, calibration: Calibration) -> dict[str, float]:
        """Measure the wand's selection with the Analyzer: what Analyze > Measure does."""
        table = self.of("ij.measure.ResultsTable")()
        image = self.image(intensity, calibration, is_mask=False)
        image.setRoi(self.wand(mask))
        self.of("ij.plugin.filter.Analyzer")(image, self.flags(), table).measure()
        return self.row(table)

    def measure_composite(self, mask, intensity, calibration: Calibration) -> dict[str, float]:
        """Measure what Edit > Selection > Create Selection makes of a mask: all pieces, without their holes."""
        processor = self.image(mask, PLAIN, is_mask=True).getProcessor()
        processor.setThreshold(255.0, 255.0, self.of("ij.process.ImageProcessor").NO_LUT_UPDATE)
        table = self.of("ij.measure.ResultsTable")()
        image = self.image(intensity, calibration, is_mask=False)
        image.setRoi(self.of("ij.plugin.filter.ThresholdToSelection")().convert(processor))
        self.of("ij.plugin.filter.Analyzer")(image, self.flags(), table).measure()
        return self.row(table)

    def particle(self, mask, calibration: Calibration) -> dict[str, float]:
        """Measure the only particle of a mask with Analyze Particles; holes count as such."""
        table = self.of("ij.measure.ResultsTable")()
        analyzer = self.of("ij.plugin.filter.ParticleAnalyzer")(0, self.flags(), table, 0.0, float("inf"))
        image = self.image(mask, calibration, is_mask=True)
        image.getProcessor().setThreshold(255.0, 255.0, self.of("ij.process.ImageProcessor").NO_LUT_UPDATE)
        assert analyzer.analyze(image)
        assert table.size() == 1
        return self.row(table)

    def row(self, table) -> dict[str, float]:
        return {str(name): float(table.getValue(name, 0)) for name in table.getHeadings()}


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


def compare(
    labels,
    calibration: Calibration,
    measured_by: Callable,
    columns: tuple[str, ...],
    *,
    limit: int = 40,
    intensity: np.ndarray | None = None,
):
    if intensity is None:
        intensity = np.random.default_rng(1).normal(100, 20, labels.shape).astype(np.float32)
    table = measure_objects(labels, intensity, calibration=calibration, groups=("shape", "intensity"))
    in_pixels = measure_objects(labels, intensity, groups=("shape",))
    for row, label in enumerate(table["Label"][:limit]):
        theirs = measured_by(labels == label, intensity)
        ours = {name: float(table[name][row]) for name in columns}
        expected = {name: theirs[name] for name in columns}
        is_diagonal = in_pixels["Angle"][row] in (45, 135)  # see test_a_diagonal_line_has_its_true_axes
        for name in ELLIPSE if is_diagonal else ():
            assert ours.pop(name, 1.0) == pytest.approx(expected.pop(name, 1.0), rel=1e-4), f"{name} of label {label}"
        if "Angle" in ours:
            # 0° is 180°; and where all directions are alike, rounding decides in ImageJ.
            turn = (ours.pop("Angle") - expected.pop("Angle") + 90) % 180 - 90
            is_round = in_pixels["AR"][row] == pytest.approx(1, rel=1e-6)
            assert turn == pytest.approx(0, abs=0.01 if is_diagonal else 1e-5) or is_round, f"label {label}"
        assert ours == pytest.approx(expected, rel=1e-6, abs=1e-9, nan_ok=True), f"label {label}"


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


@pytest.fixture
def random_blobs() -> np.ndarray:
    """Ragged objects of 1 to some hundred pixels without holes, many of them symmetric or with equal diameters."""
    rng = np.random.default_rng(11)
    labels = np.zeros((150, 210), np.int32)
    for number, (y, x) in enumerate(np.ndindex(10, 10), start=1):
        size = rng.integers(1, 14, 2)
        blobs = connected_regions(rng.random(size) < rng.choice([0.5, 0.7, 1.0]), connectivity=2)
        if blobs.max():
            filled = ndimage.binary_fill_holes(blobs == np.bincount(blobs[blobs > 0]).argmax())
            labels[15 * y : 15 * y + size[0], 21 * x : 21 * x + size[1]] = filled * number
    return labels


@pytest.mark.parametrize("calibration", [PLAIN, CALIBRATED, SQUARE], ids=["plain", "calibrated", "square"])
@pytest.mark.parametrize("shapes", ["odd_shapes", "random_blobs", "real_nuclei"])
def test_shapes_are_measured_as_imagej_does(shapes, calibration, imagej_classes, request):
    labels = request.getfixturevalue(shapes)
    compare(
        labels,
        calibration,
        lambda mask, intensity: imagej_classes.measure(mask, intensity, calibration),
        (*BASIC, "Mean", *BOX, *HULL, *(() if calibration is CALIBRATED else ELLIPSE)),
        limit=120,
    )


def test_an_ellipse_on_pixels_that_are_not_square_is_undefined_where_imagej_writes_zero(imagej_classes, odd_shapes):
    table = measure_objects(odd_shapes, odd_shapes, calibration=CALIBRATED, groups=("shape",))
    theirs = imagej_classes.measure(odd_shapes == 8, odd_shapes, CALIBRATED)
    assert (theirs["Major"], theirs["Minor"], theirs["Round"]) == (0, 0, np.inf)
    assert np.isnan(theirs["AR"])
    assert all(np.isnan(table[name]).all() for name in (*ELLIPSE, "Eccentricity"))


def test_a_diagonal_line_has_its_true_axes_where_imagej_guards_against_dividing_by_zero(imagej_classes):
    labels = np.zeros((103, 105), np.int32)
    labels[np.arange(1, 101), np.arange(2, 102)] = 1
    table = measure_objects(labels, labels, groups=("shape",))
    true_ratio = np.sqrt((2 * (100**2 - 1) / 12 + 1 / 12) / (1 / 12))
    assert table["AR"][0] == pytest.approx(true_ratio, rel=1e-9)
    assert imagej_classes.measure(labels == 1, labels, PLAIN)["AR"] == pytest.approx(true_ratio, rel=3e-3)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shapes", ["odd_shapes", "random_blobs"])
def test_brightness_is_measured_as_imagej_does(shapes, kind, imagej_classes, request):
    labels = request.getfixturevalue(shapes)
    rng = np.random.default_rng(4)
    intensity = (rng.gamma(2, 20, labels.shape) + 1).astype(kind)
    described = [label for label in np.unique(labels[labels > 0]) if np.ptp(intensity[labels == label]) > 0]
    for objects, columns in ((labels, BRIGHTNESS), (labels * np.isin(labels, described), ("Skew", "Kurt"))):
        compare(
            objects,
            CALIBRATED,
            lambda mask, given: imagej_classes.measure(mask, given, CALIBRATED),
            columns,
            intensity=intensity,
            limit=60,
        )


@pytest.mark.parametrize("calibration", [PLAIN, CALIBRATED, SQUARE], ids=["plain", "calibrated", "square"])
def test_holes_and_hulls_are_those_of_analyze_particles(imagej_classes, calibration):
    labels = np.zeros((31, 47), np.int32)
    labels[3:14, 5:21] = 1
    labels[6:9, 8:12] = labels[11, 15:18] = 0
    labels[18:29, 25:44] = 2
    labels[20:27, 27:42] = labels[18, 30:33] = 0
    compare(
        labels,
        calibration,
        lambda mask, _: imagej_classes.particle(mask, calibration),
        (*BASIC, *BOX, *HULL, *(() if calibration is CALIBRATED else ELLIPSE)),
    )


@pytest.mark.parametrize("calibration", [PLAIN, SQUARE], ids=["plain", "square"])
def test_several_pieces_share_box_hull_and_ellipse_as_a_composite_selection_does(imagej_classes, calibration):
    labels = np.zeros((23, 41), np.int32)
    labels[3:8, 4:9] = labels[12:20, 25:36] = labels[2, 38] = 1
    labels[14:16, 28:30] = 0
    compare(
        labels,
        calibration,
        lambda mask, intensity: imagej_classes.measure_composite(mask, intensity, calibration),
        ("Area", "Mean", "X", "Y", "Angle", *BOX, *HULL, *ELLIPSE, *BRIGHTNESS),
    )
