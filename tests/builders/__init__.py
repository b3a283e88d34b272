"""Tiny ONNX graphs and bioimage.io folders, made on the fly."""
