#@ String (label="Model", choices={"nuclei-fluo", "baseline:gaussian", "baseline:median", "baseline:nl-means", "baseline:none"}, value="nuclei-fluo", persist=false, description="model: id, folder, .zip or path of a bioimageio.yaml") model
#@ String (label="Device", choices={"auto", "cpu", "cuda"}, value="auto", persist=false, description="auto, cpu, cuda or cuda:N; cuda runs on CUDA or is an error") device
#@ String (label="Tile", value="auto", persist=false, description="tile edge in pixels, auto or none; the result does not depend on it") tile
#@ String (label="Channel", value="", required=false, persist=false, description="which channel of a multi-channel image: 1-based number or name; default from the model") channel
#@ Boolean (label="Augment", value=false, persist=false, description="average the network over flips of the image: slower, often better") augment
#@ File (label="Record file", style="save", required=false, persist=false, description="path of the run record; default beside the outputs") record
# PyBridge Predict: written by PyBridge from the declaration of the command, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client.dialog import run_from_dialog
run_from_dialog("PyBridge Predict", globals(), "model device tile channel augment record")
