"""Export: from a torch network to a bioimage.io model folder with an ONNX file, and the proof that the two are equal.

Part of the torch wing. May import networks, runtime, zoo, files and core. ``about`` needs no torch.
"""
