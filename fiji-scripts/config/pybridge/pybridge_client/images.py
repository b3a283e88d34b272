"""ImagePlus to shared memory and back, plane by plane, in portions. The bytes are those that numpy reads."""

from __future__ import absolute_import

import jarray
from ij import CompositeImage, ImagePlus, ImageStack
from ij.gui import Overlay, TextRoi
from ij.measure import Calibration
from ij.process import LUT
from java.awt import Color, Font, GraphicsEnvironment
from java.io import RandomAccessFile
from java.nio import ByteBuffer, ByteOrder

# Small enough to stay in the processor's cache between the copy and the write.
STAGING = 1 << 20
ALIGNMENT = 8
COMPOSITE, GRAYSCALE = 1, 3
LEAST_SIDE_OF_LEGEND, ROWS_IN_HEIGHT = 160, 40
MOST_COMPOSITE_CHANNELS = 7
GRAY16, COLOR_RGB = 1, 4
# By ImagePlus.getType(): bytes of a pixel, type code of its Java array, how a buffer is viewed as such.
TYPES = {0: (1, "b", None), 1: (2, "h", "asShortBuffer"), 2: (4, "f", "asFloatBuffer")}
TYPES.update({3: TYPES[0], COLOR_RGB: (4, "i", "asIntBuffer")})
BITS = {8: 0, 16: 1, 32: 2, 24: COLOR_RGB}
DOUBLES = (8, "d", "asDoubleBuffer")
INTS = (4, "i", "asIntBuffer")
BYTES = (1, "b", None)


def form_of(imp):
    """What the worker must know of an image besides its pixels; None for none."""
    if imp is None:
        return None
    size = imp.getCalibration()
    stack = imp.getStack()
    source = imp.getOriginalFileInfo()
    folder = (source.directory or "") if source is not None else ""
    named = folder and source.fileName and not source.url
    channels = imp.getNChannels()
    return {
        "title": imp.getTitle(),
        "short_title": imp.getShortTitle(),
        "type": imp.getType(),
        "width": imp.getWidth(),
        "height": imp.getHeight(),
        "channels": channels,
        "slices": imp.getNSlices(),
        "frames": imp.getNFrames(),
        "hyperstack": imp.isHyperStack(),
        "signed": imp.getType() == GRAY16 and size.isSigned16Bit(),
        "pixel_size": [size.pixelWidth, size.pixelHeight, size.pixelDepth],
        "origin": [size.xOrigin, size.yOrigin, size.zOrigin],
        "unit": size.getUnit(),
        "time_unit": size.getTimeUnit(),
        "frame_interval": size.frameInterval,
        "labels": [stack.getSliceLabel(channel + 1) for channel in range(channels)] if channels > 1 else [],
        "path": folder + source.fileName if named else None,
        "folder": folder or None,
        "info": imp.getProperty("Info") or "",
        "inverting": imp.isInvertedLut(),
        "selected": imp.getRoi() is not None,
    }


class SharedMemory(object):
    """The worker's private shared-memory file. It is written and read, never mapped: no room is an error, no crash."""

    def __init__(self, path, portion):
        self._file = RandomAccessFile(path, "rw")
        self._channel = self._file.getChannel()
        self.portion = portion
        self._staging = ByteBuffer.allocateDirect(STAGING).order(ByteOrder.LITTLE_ENDIAN)

    def write(self, array, kind, first, count, at):
        """Write elements of a Java array at a byte of the segment."""
        size, _, view = kind
        while count:
            now = min(count, STAGING // size)
            self._staging.clear()
            (getattr(self._staging, view)() if view else self._staging).put(array, first, now)
            self._staging.position(0).limit(now * size)
            while self._staging.hasRemaining():
                at += self._channel.write(self._staging, at)
            first, count = first + now, count - now

    def read(self, array, kind, first, count, at):
        """Read elements of a Java array from a byte of the segment."""
        size, _, view = kind
        while count:
            now = min(count, STAGING // size)
            self._staging.clear().limit(now * size)
            while self._staging.hasRemaining():
                moved = self._channel.read(self._staging, at)
                if moved < 0:
                    raise IOError("the shared memory is shorter than it was made")
                at += moved
            self._staging.flip()
            (getattr(self._staging, view)() if view else self._staging).get(array, first, now)
            first, count = first + now, count - now

    def close(self):
        self._file.close()


def send_pixels(imp, memory, put):
    """Send the planes of an image one after the other; put(at, count) lets the worker take a portion.

    Gives the last portion, (at, count), which lies there still to be taken.
    """
    kind = TYPES[imp.getType()]
    size = kind[0]
    stack = imp.getStack()
    area = imp.getWidth() * imp.getHeight()
    sent = filled = 0
    for index in range(imp.getStackSize()):
        pixels = stack.getPixels(index + 1)
        done = 0
        while done < area:
            if filled == memory.portion:
                put(sent, filled)
                sent, filled = sent + filled, 0
            now = min(area - done, (memory.portion - filled) // size)
            memory.write(pixels, kind, done, now, filled)
            done += now
            filled += now * size
    return sent, filled


class Results(object):
    """The stream of results, block by block, each an array; get(at, count) asks the worker for a further portion."""

    def __init__(self, memory, size, portion, get):
        self._memory = memory
        self._size = size
        self._get = get
        self._begin, self._end = 0, portion
        self._at = 0

    def block(self, kind, count):
        """The next block, or the next part of one that is read in parts."""
        array = jarray.zeros(count, kind[1])
        done = 0
        while done < count:
            if self._at == self._end:
                self._begin = self._at
                self._end = min(self._size, self._begin + self._memory.portion)
                self._get(self._begin, self._end - self._begin)
            now = min(count - done, (self._end - self._at) // kind[0])
            self._memory.read(array, kind, done, now, self._at - self._begin)
            done += now
            self._at += now * kind[0]
        return array

    def align(self):
        """Go to where the next block begins."""
        self._at += -self._at % ALIGNMENT


def read_image(described, results, source):
    """Make the image that the worker describes, with the calibration of its source; it is not shown."""
    kind = TYPES[BITS[described.get("bits")]]
    width, height = described.get("width"), described.get("height")
    channels, slices, frames = described.get("channels"), described.get("slices"), described.get("frames")
    names = described.get("labels")
    colours = None
    if described.get("colours"):
        colours = LUT(*[results.block(BYTES, 256) for _ in range(3)])
    stack = ImageStack(width, height)
    for index in range(channels * slices * frames):
        name = names.get(index % names.size()) if names.size() else None
        stack.addSlice(name, results.block(kind, width * height))
    results.align()
    imp = ImagePlus(described.get("title"), stack)
    imp.setDimensions(channels, slices, frames)
    imp.setCalibration(_calibration(described, source))
    if channels > 1:
        imp = CompositeImage(imp, COMPOSITE if channels <= MOST_COMPOSITE_CHANNELS else GRAYSCALE)
    imp.setOpenAsHyperStack(described.get("hyperstack"))
    if imp.getType() == COLOR_RGB:
        add_legend(imp, described.get("legend") or [])
        return imp
    if colours is not None:
        imp.setLut(colours)
    display = described.get("display")
    if display is None:
        imp.resetDisplayRange()
    else:
        imp.setDisplayRange(*_numbers(display))
    return imp


def add_legend(imp, legend):
    """Lay words on their colours over the upper left of an image; without a window, or on a small image, none.

    legend: lists of a text, red, green and blue.
    """
    if not legend or min(imp.getWidth(), imp.getHeight()) < LEAST_SIDE_OF_LEGEND or GraphicsEnvironment.isHeadless():
        return
    height = max(10, imp.getHeight() // ROWS_IN_HEIGHT)
    font = Font("SansSerif", Font.BOLD, int(height * 0.8))
    overlay = Overlay()
    for row, (name, red, green, blue) in enumerate(legend):
        text = TextRoi(2.0, 2.0 + row * height, u" %s " % name, font)
        text.setFillColor(Color(red, green, blue))
        text.setStrokeColor(Color.black if red + green + blue > 300 else Color.white)
        overlay.add(text)
    imp.setOverlay(overlay)


def _calibration(described, source):
    size = source.getCalibration().copy() if source is not None else Calibration()
    size.disableDensityCalibration()  # "signed 16 bit" and the like concern the input's values
    size.pixelWidth, size.pixelHeight, size.pixelDepth = _numbers(described.get("pixel_size"))
    size.xOrigin, size.yOrigin, size.zOrigin = _numbers(described.get("origin"))
    size.setUnit(described.get("unit"))
    size.frameInterval = _numbers([described.get("frame_interval")])[0]
    size.setTimeUnit(described.get("time_unit"))
    return size


def _numbers(values):
    """JSON's numbers, which may be BigDecimal or Integer."""
    return [float(str(value)) for value in values]
