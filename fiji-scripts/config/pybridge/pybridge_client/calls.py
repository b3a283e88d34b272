"""One command from here to the worker and back: pixels there, images, rows, ROIs and the run record back."""

from __future__ import absolute_import

import re

from ij import IJ, ImagePlus, WindowManager
from ij.gui import Roi
from ij.io import RoiEncoder
from ij.macro import Interpreter
from ij.plugin.frame import RoiManager
from java.awt import GraphicsEnvironment
from java.io import IOException
from java.lang import System
from java.util import Base64

from pybridge_client.failures import WorkerDied, cancelled, failure
from pybridge_client.images import Results, SharedMemory, form_of, send_pixels
from pybridge_client.result import read_result
from pybridge_client.worker import STARTED_ANEW, worker

ACTIVE = u"\0active"  # no image has such a title
VARIABLE = re.compile(r"=\s*&(\w+)")


class Given(object):
    """What a script gave for options that name images: images, each sent once under a key that is no title, and texts
    in lists, each its own key: the title of an open image, or a path."""

    def __init__(self):
        self.images = {}
        self._options = {}

    def add(self, option, values):
        """Give images, titles and paths for an option."""
        self._options[option] = [self._key_of(value) for value in values]

    def described(self):
        """What the worker must know of them; None for none."""
        if not self._options:
            return None
        return {"options": self._options, "forms": dict((key, form_of(imp)) for key, imp in self.images.items())}

    def _key_of(self, imp):
        if not isinstance(imp, ImagePlus):
            return unicode(imp)  # noqa: F821 - Jython is Python 2
        for key, known in self.images.items():
            if known is imp:
                return key
        key = u"\0image %d" % len(self.images)
        self.images[key] = imp
        return key


def call(command, options, imp, given=None):
    """Run a command on an image and give its Result; nothing is shown.

    command: its name. options: as in a macro, or None. imp: the active image, or None. given: images for options.
    """
    IJ.resetEscape()
    given = given or Given()
    python, begun = _begin(_beginning(command, options, imp, given))
    number = begun.get("call")
    memory = None
    try:
        memory = SharedMemory(begun.get("path"), int(begun.get("portion")))
        last = None
        for name in begun.get("needs"):
            if last is not None:
                python.ask("put", last)
            last = _send(python, number, name, imp, memory, given)
        if begun.get("painting"):
            python.ask("painting", _painting(number, imp))
        answer = python.ask("run", {"call": number, "put": last}, can_cancel=True)
        results = Results(memory, answer.get("size"), answer.get("portion"), _getter(python, number))
        return read_result(answer, imp, results)
    except IOException as error:
        raise failure("share the pixels with PyBridge", error.getMessage(), "free some memory and try again")
    finally:
        if memory is not None:
            memory.close()
        python.tell("end", {"call": number})
        IJ.showProgress(1.0)


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


def _beginning(command, options, imp, given):
    interpreter = Interpreter.getInstance()
    names = set(VARIABLE.findall(options or ""))
    opened = open_images()
    values = dict((name, interpreter.getVariableAsString(name) if interpreter else None) for name in names)
    return {
        "command": command,
        "options": options,
        "variables": values,
        "image": form_of(imp),
        "given": given.described(),
        "fiji": {
            "imagej": IJ.getVersion(),
            "java": System.getProperty("java.version"),
            "headless": GraphicsEnvironment.isHeadless(),
            "titles": [each.getTitle() for each in opened],
            "selected": [each.getTitle() for each in opened if each.getRoi() is not None],
        },
    }


def _send(python, number, name, imp, memory, given):
    """Send the pixels of one image but for the taking of the last portion, which is given as a request.

    A title that is not open is a path to the worker, and None is given.
    """
    if name in given.images:
        imp = given.images[name]
        python.ask("image", {"call": number, "name": name, "image": form_of(imp)})
    elif name != ACTIVE:
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
