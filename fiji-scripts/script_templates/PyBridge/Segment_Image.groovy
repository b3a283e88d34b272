#@ ImagePlus imp
#@ String (label="Model", value="nuclei-fluo", persist=false) model
#@output ImagePlus labels
#@output Integer count
// Groovy: find the objects in the active image, with the line that macros use and the Macro Recorder writes.
import ij.IJ
import ij.measure.ResultsTable

IJ.run("PyBridge Start")
int before = ResultsTable.getResultsTable().size()
IJ.run("PyBridge Segment", "model=[" + model + "]")
labels = IJ.getImage()            // calibrated like the input, 0 is background; the run record is in its Info
count = ResultsTable.getResultsTable().size() - before
IJ.log(count + " objects in " + imp.getTitle())
