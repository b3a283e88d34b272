#@ String (label="Ground truth (open title or path)", value="", required=false, persist=false, description="ground truth: an open title first, then a path; label image, ROI zip, image or CSV") truth
#@ String (label="Result (open title or path; empty: active image)", value="", required=false, persist=false, description="what is scored: an open title first, then a path; default the active image") result
#@ String (label="Task", choices={"auto", "segment", "restore", "classify", "track"}, value="auto", persist=false, description="what the result is: labels (segment), an image (restore), classes, tracks; auto looks at the files") task
#@ String (label="Raw image (open title or path)", value="", required=false, persist=false, description="the raw image of a restored one: it is scored too, since the result should be nearer to the truth") raw
#@ Boolean (label="Table", value=true, persist=false, description="make the table of scores") table
#@ Boolean (label="Show errors", value=false, persist=false, description="also give the errors as images: objects in colour, or RSE and SSIM maps of a restored image") show_errors
#@ File (label="Record file", style="save", required=false, persist=false, description="path of the run record; default beside the outputs") record
# PyBridge Evaluate: written by PyBridge from the declaration of the command, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client.dialog import run_from_dialog
run_from_dialog("PyBridge Evaluate", globals(), "truth result task raw table show_errors record")
