#@ ImagePlus imp
#@ String (label="Model", value="nuclei-fluo", persist=false) model
#@output ImagePlus labels
#@output Integer count
# Jython: find the objects in the active image. Language > Python (Jython) in the Script Editor.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client import segment

result = segment(imp, model=model)
labels = result.labels            # an ImagePlus: calibrated like the input, 0 is background
count = result.table.size()       # a ResultsTable with a row for each object
IJ.log("%d objects in %s, on %s" % (count, imp.getTitle(), result.record["device"]["name"]))
