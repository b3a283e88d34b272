"""PyBridge in a Fiji that a person started: its commands as functions for Jython scripts. Jython 2.7, Fiji's classes.

    from pybridge_client import segment
    result = segment(imp, model="nuclei-fluo")
    result.labels.show()

Scores and comparisons take an ImagePlus, shown or not, wherever macros name an open image or a file:

    from pybridge_client import compare, evaluate
    print(evaluate(result.labels, truth).table.getValue("F1", 0))
    compare([imp1, imp2], truth=[truth1, truth2], model=["nuclei-fluo", "baseline:otsu-watershed"]).outputs[0].show()

Wherever an image goes, so do the title of an open one and a path; compare takes lists of them.

The work is done by a Python process beside Fiji, which is started by the first call and kept warm for all scripts.
The parameters are those of the macro commands; this package knows none of them.
"""

from __future__ import absolute_import

from pybridge_client.functions import compare, doctor, evaluate, predict, report, segment, train

__all__ = ["compare", "doctor", "evaluate", "predict", "report", "segment", "train"]
