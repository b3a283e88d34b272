"""Training: from images with labels to a model folder with its evidence. Part of the torch wing.

``pairs``, ``load``, ``split`` and ``profile`` are the data, ``config`` the settings; ``augment``, ``targets`` and
``batches`` make what the network learns from, ``loop`` fits it, ``validation`` scores it as a user will use it, and
``train`` does all of it. May import networks, export, reporting, runtime, decode, metrics, zoo, files and core; torch
only where tensors are handled, so that wrong data and wrong settings are refused before its long import.
"""
