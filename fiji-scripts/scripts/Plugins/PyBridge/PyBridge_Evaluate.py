# PyBridge Evaluate: written by PyBridge from the declaration of the command, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client.dialog import ask_and_run
ask_and_run("PyBridge Evaluate", r'''[
{"key": "truth", "label": "Ground truth", "help": "ground truth: an open title first, then a path; label image, ROI zip, image or CSV", "kind": "image", "preset": "other", "nothing": "none, or what is named below", "below": "\u2026 or its file", "browse": "open", "likely": ["truth", "mask", "annot", "_gt", "-gt"]},
{"key": "result", "label": "Result", "help": "what is scored: an open title first, then a path; default the active image", "kind": "image", "preset": "active", "nothing": "the active image", "below": "\u2026 or its file", "browse": "open"},
{"key": "task", "label": "Task", "help": "what the result is: labels (segment), an image (restore), classes, tracks; auto looks at the files", "kind": "choice", "preset": "auto", "default": "auto", "offered": ["auto", "segment", "restore", "classify", "track"]},
{"key": "raw", "label": "Raw image", "help": "the raw image of a restored one: it is scored too, since the result should be nearer to the truth", "kind": "image", "preset": "none", "nothing": "none", "below": "\u2026 or its file", "browse": "open"},
{"key": "table", "label": "Table", "help": "make the table of scores", "kind": "boolean", "preset": "true"},
{"key": "show_errors", "label": "Show errors", "help": "also give the errors as images: objects in colour, or RSE and SSIM maps of a restored image", "kind": "boolean", "preset": "false"},
{"key": "record", "label": "Record file", "help": "path of the run record; default beside the outputs", "kind": "save"}
]''')
