"""The classical answers with the signatures of models: thresholds and watershed, spots, forests on pixels, filters.

``model="baseline:otsu-watershed"`` runs one of them wherever a model's id is taken; ``train_forest`` makes a model of
one's own. Imports decode, zoo and core; runtime, files, the half of export that knows no torch, scipy, scikit-image,
scikit-learn and skl2onnx only inside functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pybridge.baselines.catalogue import Baseline, ChosenBaseline, find_baseline, list_baselines

if TYPE_CHECKING:
    from pybridge.baselines.forest_training import train_forest as train_forest

__all__ = ["Baseline", "ChosenBaseline", "find_baseline", "list_baselines", "train_forest"]


def __getattr__(name: str) -> Any:
    if name == "train_forest":
        from pybridge.baselines.forest_training import train_forest

        return train_forest
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
