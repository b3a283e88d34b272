#@ File (label="Image file", style="open", persist=false, description="the image file") path
# PyBridge Open: written by PyBridge from the declaration of the command, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client.dialog import run_from_dialog
run_from_dialog("PyBridge Open", globals(), "path")
