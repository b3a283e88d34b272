#@ File (label="Record file", style="open", required=false, persist=false, description="run record (.json), result image that carries one, or folder of a run; default the active image's record") record
#@ File (label="Output", style="save", required=false, persist=false, description="the page, NAME.html, or a folder; default beside the record") output
#@ File (label="Facts", style="open", required=false, persist=false, description="YAML file with what only you know, as template writes it") facts
#@ File (label="Template", style="save", required=false, persist=false, description="write that YAML file, with everything known filled in, and no report") template
# PyBridge Report: written by PyBridge from the declaration of the command, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client.dialog import run_from_dialog
run_from_dialog("PyBridge Report", globals(), "record output facts template")
