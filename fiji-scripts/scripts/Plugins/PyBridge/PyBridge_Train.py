#@ File (label="Configuration", style="open", required=false, persist=false, description="training configuration, a YAML file") config
#@ String (label="Model to start from", choices={"nuclei-fluo", "", "baseline:pixel-forest"}, value="nuclei-fluo", persist=false, description="model to fine-tune: id or folder of one that PyBridge trained; or baseline:pixel-forest, a new forest") from
#@ String (label="Folder of images", value="", required=false, persist=false, description="folder or glob of the training images") images
#@ String (label="Labels", value="", required=false, persist=false, description="folder of their label images or ImageJ ROI archives, paired by file name") labels
#@ String (label="Scribbles", value="", required=false, persist=false, description="for a forest, instead of labels: folder of images of 0 nothing, 1 background, 2 inside, 3 border, or of ImageJ ROI archives in such groups") scribbles
#@ File (label="Index table", style="open", required=false, persist=false, description="CSV table with a row for each image") index
#@ String (label="Group column", value="", required=false, persist=false, description="column of the index with the field, plate or animal of an image: neighbours stay on one side") group_column
#@ String (label="Split column", value="", required=false, persist=false, description="column of the index that says train, validation or test") split_column
#@ String (label="Channel", value="", required=false, persist=false, description="which channel of multi-channel images: 1-based number or name") channel
#@ String (label="Name", value="", required=false, persist=false, description="id of the new model; default from the configuration, FROM-tuned, or my-pixel-forest") name
#@ String (label="Steps (empty: default)", value="", required=false, persist=false, description="training steps; default from the configuration, or 400") steps
#@ Boolean (label="Freeze encoder", value=false, persist=false, description="fine-tune the decoder alone: less is learnt, less is forgotten") freeze_encoder
#@ String (label="Seed (empty: default)", value="", required=false, persist=false, description="seed: the same one gives the same run on one machine") seed
#@ String (label="Device", choices={"auto", "cpu", "cuda"}, value="auto", persist=false, description="auto, cpu, cuda or cuda:N; cuda runs on CUDA or is an error") device
#@ Boolean (label="Resume", value=false, persist=false, description="go on from the last checkpoint of a training that was stopped") resume
# PyBridge Train: written by PyBridge from the declaration of the command, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client.dialog import run_from_dialog
run_from_dialog("PyBridge Train", globals(), "config from images labels scribbles index group_column split_column channel name steps freeze_encoder seed device resume")
