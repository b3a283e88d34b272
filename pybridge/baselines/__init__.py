"""The classical answers with the signatures of models: thresholds and watershed, spots, forests on pixels, filters.

``model="baseline:otsu-watershed"`` runs one of them wherever a model's id is taken. Imports runtime, decode, zoo, files
and core; scipy, scikit-image, scikit-learn and skl2onnx only inside functions.
"""

from __future__ import annotations

from pybridge.baselines.catalogue import Baseline, ChosenBaseline, find_baseline, list_baselines

__all__ = ["Baseline", "ChosenBaseline", "find_baseline", "list_baselines"]
