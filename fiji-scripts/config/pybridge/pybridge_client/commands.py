"""The commands as macros and the menu see them: on the active image, with their results shown."""

from __future__ import absolute_import

from ij import IJ, WindowManager
from ij.measure import ResultsTable
from ij.plugin.frame import RoiManager
from java.lang import Throwable

from pybridge_client.calls import call, open_images
from pybridge_client.failures import failure, told
from pybridge_client.recorder import recorder_paused
from pybridge_client.tables import append_rows


def run_command(name, options):
    """Run a command on the active image; its result is the active image afterwards.

    name: such as "PyBridge Segment". options: as in a macro, or None. Raises a Java RuntimeException with one message.
    """
    result = call(name, options, WindowManager.getCurrentImage())
    show(result)
    return result


def show(result):
    """Show what a command gave: images, rows, ROIs, lines of the Log. A file of it that failed is an error after all."""
    for _, imp in result.images:
        imp.show()
    if result.has_table and result.columns and len(result.columns[0]):
        table = ResultsTable.getResultsTable()
        append_rows(table, result.names, result.columns)
        table.show("Results")
    if result.rois_to == "manager":
        manager = RoiManager.getRoiManager()
        for roi in result.rois:
            manager.addRoi(roi)
    for line in result.lines:
        IJ.log(line)
    if result.opened is not None:
        _open(result.opened)
    if result.failure is not None:
        raise told(result.failure)


def _open(path):
    """Let ImageJ open a file that is whole."""
    before = set(imp.getID() for imp in open_images())
    found = "ImageJ cannot open it as an image"
    with recorder_paused():
        try:
            IJ.open(path)
        except Throwable as error:
            found = "ImageJ cannot open it: %s" % error.getMessage()
    if not set(imp.getID() for imp in open_images()) - before:
        raise failure(u"open '%s'" % path, found, "open it elsewhere and save it as TIFF")
