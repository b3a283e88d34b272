# PyBridge Compare: written by PyBridge from the declaration of the command, do not edit.
import sys; from ij import IJ
sys.path.append(IJ.getDirectory("imagej") + "config/pybridge")
from pybridge_client.dialog import ask_and_run
ask_and_run("PyBridge Compare", r'''[
{"key": "model", "label": "Models (comma list)", "help": "models and baselines to compare, for example nuclei-fluo and baseline:otsu-watershed", "kind": "text", "preset": "nuclei-fluo,baseline:otsu-watershed,baseline:pixel-forest"},
{"key": "images", "label": "Folder of images", "help": "folder of images to compare on, instead of the active image", "kind": "directory"},
{"key": "truth", "label": "Ground truth", "help": "ground truth: an open title first, then a file or folder; without it objects are ranked by consistency", "kind": "image", "preset": "none", "nothing": "none", "below": "\u2026 or its folder or file", "browse": "directory"},
{"key": "task", "label": "Task", "help": "what is compared: found objects or restored images", "kind": "choice", "preset": "auto", "default": "auto", "offered": ["auto", "segment", "restore"]},
{"key": "rank_by", "label": "Rank by", "help": "the score that ranks where there is truth; default mean_ap for objects, ssim for restored images", "kind": "choice", "preset": "auto", "default": "auto", "offered": ["auto", "mean_ap", "ap50", "ap75", "f1", "pq", "dice", "ssim", "psnr", "pearson"]},
{"key": "device", "label": "Device", "help": "auto, cpu, cuda or cuda:N; cuda runs on CUDA or is an error", "kind": "choice", "preset": "auto", "default": "auto", "offered": ["auto", "cpu", "cuda"]},
{"key": "tile", "label": "Tile", "help": "tile edge in pixels, auto or none; the result does not depend on it", "kind": "text", "preset": "auto", "default": "auto"},
{"key": "channel", "label": "Channel", "help": "which channel of a multi-channel image: 1-based number or name; default from the model", "kind": "text"},
{"key": "record", "label": "Record file", "help": "path of the run record; default beside the outputs", "kind": "save"}
]''')
