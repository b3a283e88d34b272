"""Recipe of the model ``nuclei-fluo``: from images with label images to weights and checkpoints.

Run it with ``python models/nuclei-fluo/train.py --data NUCLEI --out WORK``; ``NUCLEI`` holds ``train/images`` and
``train/masks``. Nothing but ``train`` is read here: ``export.py`` beside this file picks the checkpoint on ``val``.

The network predicts, for each pixel, the probability of being in a nucleus and the offset (in pixels) to the centre
of the nucleus it belongs to; the decoder ``offsets`` of PyBridge turns both into labels. The idea is that of
Neven et al., CVPR 2019 (clustering of pixels by offsets) and of the centre regression of Panoptic-DeepLab
(Cheng et al., CVPR 2020).
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import tifffile
import torch
from network import OffsetUNet
from scipy import ndimage
from skimage.measure import label as connected_regions
from torch.nn import functional

PERCENTILES = (1.0, 99.8)  # the same pair stands in the model description: training and use must not differ


@dataclass(frozen=True)
class Recipe:
    """Every number that shapes the result; written beside the checkpoints."""

    steps: int = 4200
    batch: int = 8
    crop_px: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    warm_up_steps: int = 150
    ema_decay: float = 0.998
    checkpoint_every: int = 300
    threads: int = 2
    seed: int = 20261122
    start: str = ""
    """Name of the weights to start from (a warm restart with a new learning-rate curve); empty: from scratch."""


def load_training_images(folder: Path) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """Read and normalise the images; returns images, labels and the sampling weight of each."""
    images, labels = [], []
    for path in sorted((folder / "images").glob("*.tif")):
        raw = tifffile.imread(path).astype(np.float32)
        low, high = np.percentile(raw, PERCENTILES)
        images.append((raw - low) / max(float(high - low), 1e-6))
        labels.append(tifffile.imread(folder / "masks" / path.name).astype(np.int32))
    groups = {row["name"]: row["field_group"] for row in csv.DictReader((folder / "index.csv").open())}
    names = [path.stem for path in sorted((folder / "images").glob("*.tif"))]
    sizes = {group: list(groups.values()).count(group) for group in set(groups.values())}
    # A field cut into many neighbouring crops must not drown the others; a larger image holds more to see.
    weights = np.array([math.sqrt(image.size) / sizes[groups[name]] ** 0.5 for image, name in zip(images, names)])
    return images, labels, weights / weights.sum()


def warp(
    image: np.ndarray, labels: np.ndarray, rng: np.random.Generator, *, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut one crop; half of the time rotated, scaled and gently bent, reflecting at the image border."""
    if rng.random() < 0.5:
        image, labels = pad_to(image, size), pad_to(labels, size)
        y, x = (int(rng.integers(0, extent - size + 1)) for extent in image.shape)
        crop, cut = image[y : y + size, x : x + size], labels[y : y + size, x : x + size]
    else:
        angle = rng.uniform(0, 2 * np.pi)
        scale = float(np.exp(rng.uniform(np.log(0.5), np.log(1.9))))  # above 1: objects get larger
        stretch = float(np.exp(rng.normal(0, 0.08)))
        yy, xx = np.mgrid[0:size, 0:size].astype(np.float32) - (size - 1) / 2
        yy, xx = yy / (scale * stretch), xx / scale * stretch
        cy, cx = (rng.uniform(0.15, 0.85) * extent for extent in image.shape)
        gy = np.cos(angle) * yy - np.sin(angle) * xx + cy
        gx = np.sin(angle) * yy + np.cos(angle) * xx + cx
        bend = ndimage.zoom(rng.normal(0, 1, (2, 6, 6)), (1, size / 6, size / 6), order=3) * rng.uniform(0, 2.5)
        grid = np.stack([gy + bend[0], gx + bend[1]])
        source = ndimage.gaussian_filter(image, 0.4 / scale) if scale < 0.8 else image
        crop = ndimage.map_coordinates(source, grid, order=1, mode="mirror")
        cut = ndimage.map_coordinates(labels, grid, order=0, mode="mirror")
    turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
    crop, cut = np.rot90(crop, turns), np.rot90(cut, turns)
    if mirrored:
        crop, cut = crop[:, ::-1], cut[:, ::-1]
    # Reflection repeats an id in separate places: each connected region of one id is an object of its own.
    return np.ascontiguousarray(crop, dtype=np.float32), connected_regions(np.ascontiguousarray(cut), background=0)


def pad_to(array: np.ndarray, size: int) -> np.ndarray:
    """Reflect an image that is smaller than the crop."""
    missing = [(0, max(0, size - extent)) for extent in array.shape]
    return np.pad(array, missing, mode="symmetric") if any(after for _, after in missing) else array


def disturb(crop: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Change what a microscope changes: brightness per nucleus, background, gamma, blur, noise, gain and offset."""
    if rng.random() < 0.3 and labels.max() > 0:
        gains = rng.uniform(0.35, 1.15, labels.max() + 1).astype(np.float32)
        gains[0] = 1.0
        crop = crop * ndimage.gaussian_filter(gains[labels], 1.0)
    if rng.random() < 0.3:
        slope = ndimage.zoom(rng.uniform(0, 1, (3, 3)), np.array(crop.shape) / 3, order=1).astype(np.float32)
        crop = crop + slope * rng.uniform(0.05, 0.5)
    if rng.random() < 0.5:
        crop = np.clip(crop, 0, None) ** float(np.exp(rng.uniform(np.log(0.55), np.log(1.7))))
    if rng.random() < 0.35:
        crop = ndimage.gaussian_filter(crop, rng.uniform(0.4, 2.2))
    if rng.random() < 0.5:
        shot = np.sqrt(np.clip(crop, 0, None)) * rng.uniform(0, 0.15) + rng.uniform(0, 0.1)
        crop = crop + shot * rng.normal(0, 1, crop.shape)
    return (crop * rng.uniform(0.75, 1.25) + rng.normal(0, 0.05)).astype(np.float32)


def targets_of(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Targets ``(foreground, dy, dx)`` and per-pixel weights ``(foreground, offsets)`` of one label image."""
    count = int(labels.max())
    yy, xx = np.indices(labels.shape, dtype=np.float32)
    flat = labels.ravel()
    area = np.maximum(np.bincount(flat, minlength=count + 1), 1)
    cy = np.bincount(flat, yy.ravel(), minlength=count + 1) / area
    cx = np.bincount(flat, xx.ravel(), minlength=count + 1) / area
    inside = labels[np.rint(cy).astype(int), np.rint(cx).astype(int)] == np.arange(count + 1)
    for index in np.flatnonzero(~inside[1:]) + 1:  # the centroid of a bent nucleus may lie outside: nearest own pixel
        ys, xs = np.nonzero(labels == index)
        nearest = np.argmin((ys - cy[index]) ** 2 + (xs - cx[index]) ** 2)
        cy[index], cx[index] = ys[nearest], xs[nearest]
    foreground = (labels > 0).astype(np.float32)
    dy, dx = (cy[labels] - yy) * foreground, (cx[labels] - xx) * foreground
    radius = np.sqrt(area / np.pi)
    # Scores count nuclei, not pixels: small ones weigh more per pixel, within reason.
    balance = np.where(foreground > 0, np.clip(9.0 / radius, 0.6, 3.0)[labels], 1.0)
    offset = foreground / np.clip(radius, 2.5, None)[labels] * balance
    return np.stack([foreground, dy, dx]).astype(np.float32), np.stack([balance, offset]).astype(np.float32)


def make_batch(data: tuple, rng: np.random.Generator, recipe: Recipe) -> tuple[torch.Tensor, ...]:
    """One batch: inputs, targets, weights."""
    images, labels, weights = data
    inputs, wanted, pixel_weights = [], [], []
    for index in rng.choice(len(images), recipe.batch, p=weights):
        crop, cut = warp(images[index], labels[index], rng, size=recipe.crop_px)
        target, pixel_weight = targets_of(cut)
        inputs.append(disturb(crop, cut, rng)[None])
        wanted.append(target)
        pixel_weights.append(pixel_weight)
    return tuple(torch.from_numpy(np.stack(part)) for part in (inputs, wanted, pixel_weights))


def loss_of(raw: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy and Dice of the foreground, and the offset error in units of the nucleus' radius."""
    truth = wanted[:, 0]
    entropy = functional.binary_cross_entropy_with_logits(raw[:, 0], truth, weight=weights[:, 0])
    chance = torch.sigmoid(raw[:, 0])
    dice = 1 - (2 * (chance * truth).sum() + 1) / (chance.sum() + truth.sum() + 1)
    error = functional.smooth_l1_loss(raw[:, 1:], wanted[:, 1:], reduction="none", beta=0.5).sum(1)
    offset = (error * weights[:, 1]).sum() / truth.sum().clamp(min=1)
    return entropy + 0.5 * dice, offset


def fit(data: Path, out: Path, recipe: Recipe, start: Path | None) -> None:
    """Train, from scratch or from the weights ``start``; leave averaged weights every ``checkpoint_every`` steps, and the log, in ``out``."""
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1))
    training = load_training_images(data / "train")
    network = OffsetUNet().to(memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict(torch.load(start, weights_only=True))
    average = OffsetUNet()
    average.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, betas=(0.9, 0.98)
    )
    log = (out / "log.csv").open("w")
    log.write("step,foreground_loss,offset_loss,learning_rate,elapsed_s\n")
    # The next batch is made while the network works; one thread alone draws from the generator, so the run repeats.
    maker = ThreadPoolExecutor(1)
    upcoming = maker.submit(make_batch, training, rng, recipe)
    start, sums = time.perf_counter(), np.zeros(2)
    for step in range(1, recipe.steps + 1):
        done = (step - recipe.warm_up_steps) / (recipe.steps - recipe.warm_up_steps)
        rate = step / recipe.warm_up_steps if done < 0 else 0.5 * (1 + math.cos(math.pi * done)) * 0.99 + 0.01
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * rate
        inputs, wanted, weights = upcoming.result()
        upcoming = maker.submit(make_batch, training, rng, recipe)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            raw = network(inputs.to(memory_format=torch.channels_last))
        foreground, offset = loss_of(raw.float(), wanted, weights)
        optimiser.zero_grad(set_to_none=True)
        (foreground + offset).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimiser.step()
        keep = min(recipe.ema_decay, step / (step + 20))
        with torch.no_grad():
            for mean, now in zip(average.state_dict().values(), network.state_dict().values()):
                mean.lerp_(now, 1 - keep) if mean.is_floating_point() else mean.copy_(now)
        sums += foreground.item(), offset.item()
        if step % 20 == 0:
            elapsed = time.perf_counter() - start
            log.write(f"{step},{sums[0] / 20:.5f},{sums[1] / 20:.5f},{recipe.learning_rate * rate:.3g},{elapsed:.1f}\n")
            log.flush()
            sums[:] = 0
        if step % recipe.checkpoint_every == 0 or step == recipe.steps:
            torch.save(average.state_dict(), out / f"step-{step:05d}.pt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--threads", type=int, default=Recipe.threads)
    parser.add_argument("--learning-rate", type=float, default=Recipe.learning_rate)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--start", type=Path, help="weights of an earlier round")
    given = parser.parse_args()
    recipe = Recipe(
        steps=given.steps,
        threads=given.threads,
        learning_rate=given.learning_rate,
        seed=given.seed,
        start=f"{given.start.parent.name}/{given.start.name}" if given.start else "",
    )
    fit(given.data, given.out, recipe, given.start)
