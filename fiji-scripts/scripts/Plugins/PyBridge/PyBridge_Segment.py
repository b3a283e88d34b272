#@ String (label="Model", choices={"nuclei-fluo", "baseline:otsu-watershed", "baseline:li-watershed", "baseline:triangle-watershed", "baseline:local-watershed", "baseline:log-spots", "baseline:pixel-forest"}, value="nuclei-fluo", persist=false, description="model: id, folder, .zip or path of a bioimageio.yaml") model
#@ String (label="Device", choices={"auto", "cpu", "cuda"}, value="auto", persist=false, description="auto, cpu, cuda or cuda:N; cuda runs on CUDA or is an error") device
#@ String (label="Tile", value="auto", persist=false, description="tile edge in pixels, auto or none; the result does not depend on it") tile
#@ String (label="Channel", value="", required=false, persist=false, description="which channel of a multi-channel image: 1-based number or name; default from the model") channel
#@ String (label="Probability (empty: default)", value="", required=false, persist=false, description="foreground threshold, 0 to 1; default from the model") probability
#@ String (label="Overlap (empty: default)", value="", required=false, persist=false, description="overlap above which two candidates are one object, 0 to 1; default from the model") overlap
#@ String (label="Min size (empty: default)", value="", required=false, persist=false, description="smallest object kept, in pixels; default from the model") min_size
#@ Boolean (label="Exclude border", value=false, persist=false, description="leave out objects that touch the image border") exclude_border
#@ String (label="ROIs", choices={"none", "overlay", "manager", "zip"}, value="none", persist=false, description="outlines as ROIs: none, overlay (on the label image), manager or zip") rois
#@ Boolean (label="Table", value=true, persist=false, description="make the table of objects") table
#@ String (label="Measure", value="basic", persist=false, description="what the table holds, a comma list: basic (always), shape, intensity, neighbours, or all") measure
#@ Boolean (label="Show probability", value=false, persist=false, description="also give the foreground probability as an image") show_probability
#@ Boolean (label="Augment", value=false, persist=false, description="average the network over flips of the image: slower, often better") augment
#@ String (label="Ground truth (open title or path)", value="", required=false, persist=false, description="ground truth to score against: an open title first, then a path") truth
#@ File (label="Record file", style="save", required=false, persist=false, description="path of the run record; default beside the outputs") record
# PyBridge Segment: written by PyBridge from the declaration of the command, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client.dialog import run_from_dialog
run_from_dialog("PyBridge Segment", globals(), "model device tile channel probability overlap min_size exclude_border rois table measure show_probability augment truth record")
