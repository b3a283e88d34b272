"""Training: from images with labels to a model folder with its evidence. Part of the torch wing.

``pairs``, ``load``, ``split`` and ``profile`` are the data, ``config`` the settings; ``augment``, ``targets`` and
``batches`` make what the network learns from, ``loop`` fits it, ``validation`` scores it as a user will use it, and
``train`` does all of it. May import baselines, networks, export, reporting, runtime, decode, metrics, samples, zoo,
files and core; torch only where tensors are handled, so that wrong data and wrong settings are refused before its long
import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pybridge.training.session import train as train

__all__ = ["train"]


def __getattr__(name: str) -> Any:
    if name == "train":
        from pybridge.training.session import train

        return train
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
