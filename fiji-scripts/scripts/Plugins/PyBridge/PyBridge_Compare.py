#@ String (label="Model", value="nuclei-fluo,baseline:otsu-watershed,baseline:pixel-forest", persist=false, description="models and baselines to compare, for example nuclei-fluo and baseline:otsu-watershed") model
#@ File (label="Images", style="directory", required=false, persist=false, description="folder of images to compare on, instead of the active image") images
#@ String (label="Ground truth (open title or path)", value="", required=false, persist=false, description="ground truth: an open title first, then a file or folder; without it the ranking is by consistency") truth
#@ String (label="Rank by", choices={"mean_ap", "ap50", "ap75", "f1", "pq", "dice"}, value="mean_ap", persist=false, description="the score that ranks where there is truth") rank_by
#@ String (label="Device", choices={"auto", "cpu", "cuda"}, value="auto", persist=false, description="auto, cpu, cuda or cuda:N; cuda runs on CUDA or is an error") device
#@ String (label="Tile", value="auto", persist=false, description="tile edge in pixels, auto or none; the result does not depend on it") tile
#@ String (label="Channel", value="", required=false, persist=false, description="which channel of a multi-channel image: 1-based number or name; default from the model") channel
#@ File (label="Record file", style="save", required=false, persist=false, description="path of the run record; default beside the outputs") record
# PyBridge Compare: written by PyBridge from the declaration of the command, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client.dialog import run_from_dialog
run_from_dialog("PyBridge Compare", globals(), "model images truth rank_by device tile channel record")
