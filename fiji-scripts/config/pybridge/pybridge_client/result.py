"""What a command gave: images, rows, ROIs, lines and the run record, read from the worker's answer."""

from __future__ import absolute_import

import json

from ij.gui import Overlay
from ij.io import RoiDecoder
from ij.measure import ResultsTable

from pybridge_client.images import BYTES, DOUBLES, INTS, read_image
from pybridge_client.tables import append_rows


class Result(object):
    """What a command gave.

    images: (role, ImagePlus) pairs in the order in which they are shown; the last becomes the active one.
    names, columns: the table, as Java arrays of doubles or lists of text. rois: outlines, named by their label.
    lines: what goes to the Log. opened: the file that Fiji is to open. failure: what kept a file of the run from being
    written, an error to be raised when all is shown, or None.
    """

    def __init__(self):
        self.images = []
        self.names, self.columns = [], []
        self.has_table = False
        self.rois = []
        self.rois_to = None
        self.lines = []
        self.opened = None
        self.failure = None
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


def read_result(answer, source, results):
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
    made.failure = answer.get("failure")
    return made
