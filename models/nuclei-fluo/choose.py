"""Pick the checkpoint and thresholds of ``nuclei-fluo`` on ``val``; used by ``export.py``."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
import torch
from network import OffsetUNet
from train import PERCENTILES

from pybridge.decode import field_for
from pybridge.metrics.detection import match, overlaps, pool, scores_to_json

STEP_PX = 16
EPS = 1e-6
PROBABILITIES = (0.4, 0.45, 0.5, 0.55)
OVERLAPS = (0.2, 0.3, 0.45)
MIN_SIZE_PX = 20  # no nucleus of the training images is smaller


class WithSigmoid(torch.nn.Module):
    """The network as it is shipped: foreground as a probability."""

    def __init__(self, network: OffsetUNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raw = self.network(x)
        return torch.cat([torch.sigmoid(raw[:, :1]), raw[:, 1:]], 1)


@dataclass(frozen=True)
class Choice:
    """The best checkpoint with its thresholds."""

    checkpoint: Path
    probability: float
    overlap: float
    mean_ap: float


def load(checkpoint: Path) -> WithSigmoid:
    network = OffsetUNet()
    network.load_state_dict(torch.load(checkpoint, weights_only=True))
    return WithSigmoid(network).eval()


def normalise(raw: np.ndarray) -> np.ndarray:
    low, high = np.percentile(raw, PERCENTILES)
    return ((raw.astype(np.float32) - low) / (high - low + EPS)).astype(np.float32)


def predict(network: WithSigmoid, raw: np.ndarray) -> np.ndarray:
    """Outputs (3, Y, X) for one image, padded by reflection to the network's step."""
    height, width = raw.shape
    padded = np.pad(normalise(raw), [(0, -extent % STEP_PX) for extent in raw.shape], mode="reflect")
    with torch.inference_mode():
        return network(torch.from_numpy(padded)[None, None]).numpy()[0, :, :height, :width]


def score(fields: list, truths: list[np.ndarray], *, probability: float, overlap: float, resamples: int = 2000):
    """Pooled scores of all images with these thresholds."""
    planes = (field.labels(probability=probability, overlap=overlap, min_size=MIN_SIZE_PX) for field in fields)
    return pool([match(overlaps(truth, plane.labels)) for truth, plane in zip(truths, planes)], resamples=resamples)


def choose(checkpoints: list[Path], val: Path) -> Choice:
    """Try every checkpoint with every pair of thresholds; the highest mean AP on ``val`` wins."""
    paths = sorted((val / "images").glob("*.tif"))
    raws = [tifffile.imread(path) for path in paths]
    truths = [tifffile.imread(val / "masks" / path.name) for path in paths]
    best: Choice | None = None
    for checkpoint in checkpoints:
        network = load(checkpoint)
        fields = []
        for raw in raws:
            field = field_for("offsets", raw.shape)
            field.write((predict(network, raw),), tuple(slice(0, extent) for extent in raw.shape))
            fields.append(field)
        for probability, overlap in itertools.product(PROBABILITIES, OVERLAPS):
            scores = score(fields, truths, probability=probability, overlap=overlap, resamples=1)
            if best is None or scores.pooled.mean_ap > best.mean_ap:
                best = Choice(checkpoint, probability, overlap, scores.pooled.mean_ap)
                pooled = scores_to_json(scores)["pooled"]
                print(best, {t: round(pooled[t]["ap"], 4) for t in ("0.50", "0.75", "0.90")})
    assert best is not None
    return best
