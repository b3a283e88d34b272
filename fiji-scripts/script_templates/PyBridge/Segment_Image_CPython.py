#@ ImagePlus imp
#@ String (label="Model", value="nuclei-fluo", persist=false) model
#@output ImagePlus labels
# For Fiji in Python mode (Edit > Options > Python...), with PyBridge in the Python environment that Fiji uses: the
# engine runs in this very process, without a worker. Language > Python in the Script Editor.
import pybridge.imagej

gateway = pybridge.imagej.attach(None)          # to the Fiji of this process
labels = gateway.segment(imp, model=model)      # the rows of its objects are in the Results table
