"""Export: from a torch network to a bioimage.io model folder with an ONNX file, and the proof that the two are equal.

Part of the torch wing. May import networks, runtime, decode's names, samples, zoo, files and core. Without
torch can be imported: ``about``, ``description``, ``example``, ``package``, ``readme``, ``sample``, ``template``,
``template_file`` and ``tensors``, so that what is wrong with a template or a text is said before torch's long import.
"""
