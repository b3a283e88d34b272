"""Label image → what a network is to learn: one module per head, named as the head and its decoder.

Each has ``targets_of(labels)``, which gives targets (K, Y, X) and per-pixel weights (W, Y, X), both float32: the
weights of the first channel (probability), then of the geometry, then of further channels. Imports core and decode;
the compiled loops (``*_kernels.py``) only inside functions, and no torch.
"""
