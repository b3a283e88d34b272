# PyBridge Start: macros can call PyBridge from here on. Written by PyBridge, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client import listener
listener.install()
