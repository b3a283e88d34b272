"""One command from here to the worker and back: pixels there, images, rows, ROIs and the run record back."""

from __future__ import absolute_import

import json
import re

from ij import IJ, WindowManager
from ij.gui import Overlay, Roi
from ij.io import RoiDecoder, RoiEncoder
from ij.macro import Interpreter
from ij.measure import ResultsTable
from ij.plugin.frame import RoiManager
from java.awt import GraphicsEnvironment
from java.io import IOException
from java.lang import System
from java.util import Base64

from pybridge_client.failures import WorkerDied, cancelled, failure
from pybridge_client.images import BYTES, DOUBLES, INTS, Results, SharedMemory, form_of, read_image, send_pixels
from pybridge_client.tables import append_rows
from pybridge_client.worker import STARTED_ANEW, worker

ACTIVE = u"\0active"  # no image has such a title
VARIABLE = re.compile(r"=\s*&(\w+)")


def segment(imp, **options):
    """Find the objects in an image; gives a Result with labels, table and record. Nothing is shown."""
    return call("PyBridge Segment", write_options(options), imp)


def predict(imp, **options):
    """Run any bioimage.io ONNX model on an image; gives a Result with outputs and record. Nothing is shown."""
    return call("PyBridge Predict", write_options(options), imp)


def train(imp=None, **options):
    """Train or fine-tune a model, on files or on what is painted on an image; gives a Result with lines."""
    return call("PyBridge Train", write_options(options), imp)


def evaluate(result, truth, raw=None, **options):
    """Score a result against ground truth; gives a Result with table, record and perhaps images. Nothing is shown.

    result, truth, raw: titles of open images, or paths.
    """
    return call("PyBridge Evaluate", write_options(dict(options, result=result, truth=truth, raw=raw)), None)


def compare(imp=None, **options):
    """Compare models and baselines on an image, or on images=folder; gives a Result with overlays, table and lines.

    model: a list of names, or a comma list.
    """
    return call("PyBridge Compare", write_options(options), imp)


def report(imp=None, **options):
    """Report on the record of an image, or of record=path; gives a Result with lines that say where the page is."""
    return call("PyBridge Report", write_options(options), imp)


def doctor():
    """Look at Java, ImageJ, Python and the devices; gives a Result with lines."""
    return call("PyBridge Doctor", None, None)


class Result(object):
    """What a command gave.

    images: (role, ImagePlus) pairs in the order in which they are shown; the last becomes the active one.
    names, columns: the table, as Java arrays of doubles or lists of text. rois: outlines, named by their label.
    lines: what goes to the Log. opened: the file that Fiji is to open.
    """

    def __init__(self):
        self.images = []
        self.names, self.columns = [], []
        self.has_table = False
        self.rois = []
        self.rois_to = None
        self.lines = []
        self.opened = None
        self._record = None

    @property
    def labels(self):
        """The label image, or None."""
        return self.image("labels")

    @property
    def probability(self):
        """The probability image, or None."""
        return self.image("probability")

    @property
    def outputs(self):
        """All images, the first output first."""
        return [imp for _, imp in reversed(self.images)]

    @property
    def table(self):
        """The objects as a ResultsTable of their own, which is not shown."""
        table = ResultsTable()
        append_rows(table, self.names, self.columns)
        return table

    @property
    def record(self):
        """The run record as a dictionary, or None."""
        return None if self._record is None else json.loads(self._record)

    def image(self, role):
        """The image with a role, or None."""
        for each, imp in self.images:
            if each == role:
                return imp
        return None


def call(command, options, imp):
    """Run a command on an image and give its Result; nothing is shown.

    command: its name. options: as in a macro, or None. imp: the active image, or None.
    """
    IJ.resetEscape()
    python, begun = _begin(_beginning(command, options, imp))
    number = begun.get("call")
    memory = None
    try:
        memory = SharedMemory(begun.get("path"), int(begun.get("portion")))
        last = None
        for name in begun.get("needs"):
            if last is not None:
                python.ask("put", last)
            last = _send(python, number, name, imp, memory)
        if begun.get("painting"):
            python.ask("painting", _painting(number, imp))
        answer = python.ask("run", {"call": number, "put": last}, can_cancel=True)
        return _result(answer, imp, Results(memory, answer.get("size"), answer.get("portion"), _getter(python, number)))
    except IOException as error:
        raise failure("share the pixels with PyBridge", error.getMessage(), "free some memory and try again")
    finally:
        if memory is not None:
            memory.close()
        python.tell("end", {"call": number})
        IJ.showProgress(1.0)


def write_options(values):
    """Write a dictionary as the options of a macro call; None is left out."""
    parts = []
    for key in sorted(values):
        value = values[key]
        if value is None:
            continue
        if isinstance(value, (list, tuple)):
            value = u",".join(value)
        text = ("true" if value else "false") if isinstance(value, bool) else unicode(value)  # noqa: F821
        bare = text and not any(letter.isspace() or letter in "[]" for letter in text)
        parts.append(u"%s=%s" % (key.rstrip("_"), text if bare else u"[%s]" % text))
    return u" ".join(parts)


def open_images():
    """The open images: those with a window and those of batch mode."""
    found = [WindowManager.getImage(number) for number in WindowManager.getIDList() or []]
    return [imp for imp in found if imp is not None]


def _begin(beginning):
    """Begin a call; with a new worker when the old one turns out to be dead, since nothing is lost yet."""
    python = worker()
    try:
        return python, python.ask("begin", beginning)
    except WorkerDied:
        IJ.log(STARTED_ANEW % "")
        python = worker()
        return python, python.ask("begin", beginning)


def _beginning(command, options, imp):
    interpreter = Interpreter.getInstance()
    names = set(VARIABLE.findall(options or ""))
    opened = open_images()
    values = dict((name, interpreter.getVariableAsString(name) if interpreter else None) for name in names)
    return {
        "command": command,
        "options": options,
        "variables": values,
        "image": form_of(imp),
        "fiji": {
            "imagej": IJ.getVersion(),
            "java": System.getProperty("java.version"),
            "headless": GraphicsEnvironment.isHeadless(),
            "titles": [each.getTitle() for each in opened],
            "selected": [each.getTitle() for each in opened if each.getRoi() is not None],
        },
    }


def _send(python, number, name, imp, memory):
    """Send the pixels of one image but for the taking of the last portion, which is given as a request.

    A title that is not open is a path to the worker, and None is given.
    """
    if name != ACTIVE:
        named = [each for each in open_images() if each.getTitle() == name]
        if not named:
            return None
        # Of two images of this title, the one that is not the active one, which needs no name.
        imp = next((each for each in named if imp is None or each.getID() != imp.getID()), named[0])
        python.ask("image", {"call": number, "name": name, "image": form_of(imp)})

    def request(at, count):
        return {"call": number, "name": name, "at": at, "count": count}

    def put(at, count):
        if IJ.escapePressed():
            raise cancelled()
        python.ask("put", request(at, count))

    return request(*send_pixels(imp, memory, put))


def _painting(number, imp):
    """The ROIs of the overlay, else of the ROI Manager, and the selection."""
    overlay, manager = imp.getOverlay(), None
    rois = list(overlay.toArray()) if overlay is not None else []
    if not rois and not GraphicsEnvironment.isHeadless():
        manager = RoiManager.getInstance()
        rois = list(manager.getRoisAsArray()) if manager is not None else []
    window = None
    roi = imp.getRoi()
    if roi is not None:
        box = roi.getBounds()
        window = {"rectangle": roi.getType() == Roi.RECTANGLE, "x": box.x, "y": box.y}
        window.update({"width": box.width, "height": box.height})
    encoder = Base64.getEncoder()
    encoded = [encoder.encodeToString(RoiEncoder.saveAsByteArray(each)) for each in rois]
    return {"call": number, "rois": encoded, "window": window}


def _getter(python, number):
    return lambda at, count: python.ask("get", {"call": number, "at": at, "count": count})


def _result(answer, source, results):
    """Read what came back, in the order of the stream."""
    made = Result()
    made._record = answer.get("record")
    for described in answer.get("images"):
        imp = read_image(described, results, source)
        imp.setProperty("Info", made._record)
        made.images.append((described.get("role"), imp))
    table = answer.get("table")
    if table is not None:
        made.has_table = True
        made.names = list(table.get("names"))
        texts = table.get("texts")
        for name in made.names:
            if texts.get(name) is not None:
                made.columns.append([unicode(text) for text in texts.get(name)])  # noqa: F821 - Jython is Python 2
                continue
            made.columns.append(results.block(DOUBLES, table.get("rows")))
            results.align()
    rois = answer.get("rois")
    if rois is not None:
        lengths = results.block(INTS, rois.get("count"))
        results.align()
        made.rois = [RoiDecoder.openFromByteArray(results.block(BYTES, length)) for length in lengths]
        made.rois_to = rois.get("to")
        if made.rois_to == "overlay":
            overlay = Overlay()
            for roi in made.rois:
                overlay.add(roi)
            made.images[-1][1].setOverlay(overlay)
    made.lines = list(answer.get("lines"))
    made.opened = answer.get("open")
    return made
