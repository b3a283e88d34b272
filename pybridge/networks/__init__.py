"""Networks: the torch models that PyBridge trains and exports. Part of the torch wing.

A network is a body (``unet``) and a head (``heads``); ``build`` puts them together from a checked configuration. May
import torch and core. Nothing outside the torch wing imports this room but inside functions; ``config`` alone needs no
torch, so that a wrong configuration is refused before the long import.
"""
