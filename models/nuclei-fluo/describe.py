"""The bioimage.io 0.5 description and the README of ``nuclei-fluo``, filled with the numbers of the run; used by ``export.py``."""

from __future__ import annotations

import csv
import hashlib
import json
import platform
from pathlib import Path

import numpy as np
import tifffile
import torch
from bioimageio.spec import InvalidDescr, ValidationContext, build_description, save_bioimageio_yaml_only
from choose import EPS, MIN_SIZE_PX, STEP_PX, Choice
from train import PERCENTILES

from pybridge import __version__

# The format wants a halo of less than half the smallest input. PyBridge measures the true receptive field itself.
HALO_PX = 24

README = """# nuclei-fluo

Nuclei in fluorescence images, bright on dark. A residual U-Net with a strided stem (2.0 million parameters) predicts for
each pixel the probability of lying in a nucleus and the offset to the centre of its nucleus; PyBridge's decoder `offsets`
turns both into labels.

## Data and split

Trained from scratch on 433 fluorescence images with 18,900 nuclei of the 2018 Data Science Bowl, stage 1 (BBBC038v1, CC0;
Caicedo et al., Nature Methods 2019): many laboratories, cell types and magnifications, 8-bit, annotated by a team of
expert biologists. Images that are neighbouring crops of one field were kept on one side of the split. `val`, 41 images with
1,465 nuclei of other fields, picked the checkpoint and the two thresholds, so its scores are a little too good;
`val_bbbc039_uint16`, 8 images with 845 nuclei of BBBC039v1 (CC0, 16-bit), picked nothing.

## Scores

AP = TP / (TP + FP + FN), pooled over images, with the 95 % interval of a bootstrap over images.

| images | n | AP 0.50 | AP 0.75 | mean AP 0.50 to 0.95 |
|---|---|---|---|---|
{rows}

These are scores of the untiled torch network; `pybridge segment … --truth …` gives those of the ONNX file.

## Recipe

`train.py` ({steps} steps of {batch} crops of {crop} x {crop} pixels, {threads} threads, no GPU; {minutes} minutes of wall time on
a machine that did other work too), then `export.py`, which chose `{checkpoint}` with probability {probability} and
overlap {overlap}:

```
pip install -e '.[train]'
python models/nuclei-fluo/train.py --data NUCLEI --out WORK
python models/nuclei-fluo/export.py --data NUCLEI --work WORK --out models/nuclei-fluo
```

## Limits

Trained on nuclei 5 to 80 pixels across; scale other images first. Not for colour-stained tissue, not for dark nuclei on a
bright ground, not for 3-D objects (stacks are done plane by plane). The pixel sizes of the training images are not known.
The annotations were made by people and are no gold standard: touching and out-of-focus nuclei were drawn differently.
Objects under 20 pixels are dropped by default (min_size): no training nucleus is smaller.
"""


def training_profile(train: Path) -> dict:
    """What the training images are like, for later checks of unseen images."""
    rows = list(csv.DictReader((train / "index.csv").open()))
    areas, lows, highs, backgrounds = [], [], [], []
    for row in rows:
        labels = tifffile.imread(train / "masks" / f"{row['name']}.tif")
        raw = tifffile.imread(train / "images" / f"{row['name']}.tif")
        areas.append(np.bincount(labels.ravel())[1:])
        low, median, high = np.percentile(raw, (PERCENTILES[0], 50, PERCENTILES[1]))
        lows.append(low), backgrounds.append(median), highs.append(high)
    area = np.concatenate(areas)
    area = area[area > 0]
    quantiles = (1, 5, 25, 50, 75, 95, 99)
    return {
        "images": len(rows),
        "objects": len(area),
        "field_groups": len({row["field_group"] for row in rows}),
        "object_area_px_percentiles": {str(q): float(np.percentile(area, q)) for q in quantiles},
        "image_low_percentiles": {str(q): float(np.percentile(lows, q)) for q in quantiles},
        "image_median_percentiles": {str(q): float(np.percentile(backgrounds, q)) for q in quantiles},
        "image_high_percentiles": {str(q): float(np.percentile(highs, q)) for q in quantiles},
        "pixel_size": "not given by the source; objects are 5 to 80 pixels across",
    }


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def describe(out: Path, choice: Choice, work: Path, data: Path, scores: dict) -> dict:
    """Fill the bioimage.io 0.5 description."""
    space = [
        {"type": "space", "id": letter, "size": {"min": 4 * STEP_PX, "step": STEP_PX}, "unit": None} for letter in "yx"
    ]
    tied = [
        {"type": "space", "id": letter, "size": {"tensor_id": "image", "axis_id": letter}, "halo": HALO_PX}
        for letter in "yx"
    ]
    recipe = json.loads((work / "recipe.json").read_text())
    elapsed_s = float(list(csv.DictReader((work / "log.csv").open()))[-1]["elapsed_s"])
    return {
        "format_version": "0.5.4",
        "type": "model",
        "id": "nuclei-fluo",
        "name": "nuclei-fluo - nuclei in fluorescence images",
        "version": "0.1.0",
        "description": "Foreground and offset to the centre of each nucleus, for the decoder 'offsets' of PyBridge. "
        "Trained from scratch on the fluorescence images of the 2018 Data Science Bowl.",
        "documentation": "README.md",
        "license": "BSD-3-Clause",
        "authors": [{"name": "The PyBridge authors"}],
        "tags": ["nuclei", "fluorescence", "instance-segmentation", "2d", "onnx", "pybridge"],
        "covers": ["cover.png"],
        "cite": [
            {
                "text": "Caicedo et al., Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl. "
                "Nature Methods 16, 2019 (training data)",
                "doi": "10.1038/s41592-019-0612-7",
            },
            {
                "text": "Ronneberger et al., U-Net: convolutional networks for biomedical image segmentation. "
                "MICCAI 2015 (architecture)",
                "doi": "10.1007/978-3-319-24574-4_28",
            },
            {
                "text": "Neven et al., Instance segmentation by jointly optimizing spatial embeddings and clustering "
                "bandwidth. CVPR 2019 (pixels vote for centres)",
                "doi": "10.1109/CVPR.2019.00904",
            },
        ],
        "training_data": {
            "type": "dataset",
            "format_version": "0.3.0",
            "name": "BBBC038v1, fluorescence images (train split by field group)",
            "description": "433 images with 18,900 nuclei of stage 1 of the 2018 Data Science Bowl: fluorescence, many "
            "laboratories, cell types and magnifications, 8-bit; nuclei annotated by a team of expert biologists.",
            "license": "CC0-1.0",
            "authors": [{"name": "Juan C. Caicedo"}, {"name": "Broad Bioimage Benchmark Collection"}],
            "cite": [{"text": "Caicedo et al., Nature Methods 2019", "doi": "10.1038/s41592-019-0612-7"}],
            "source": "https://bbbc.broadinstitute.org/BBBC038",
        },
        "inputs": [
            {
                "id": "image",
                "description": "one channel of nuclei, bright on dark",
                "axes": [{"type": "batch"}, {"type": "channel", "channel_names": ["nuclei"]}, *space],
                "data": {"type": "float32"},
                "preprocessing": [
                    {"id": "ensure_dtype", "kwargs": {"dtype": "float32"}},
                    {
                        "id": "scale_range",
                        "kwargs": {
                            "axes": ["y", "x"],
                            "min_percentile": PERCENTILES[0],
                            "max_percentile": PERCENTILES[1],
                            "eps": EPS,
                        },
                    },
                ],
                "test_tensor": {"source": "test_input.npy", "sha256": sha256(out / "test_input.npy")},
            }
        ],
        "outputs": [
            {
                "id": "fields",
                "description": "probability of being in a nucleus; offset to the nucleus' centre, in pixels",
                "axes": [
                    {"type": "batch"},
                    {"type": "channel", "channel_names": ["foreground", "dy", "dx"]},
                    *tied,
                ],
                "data": {"type": "float32"},
                "test_tensor": {"source": "test_output.npy", "sha256": sha256(out / "test_output.npy")},
            }
        ],
        "weights": {
            "onnx": {"source": "model.onnx", "sha256": sha256(out / "model.onnx"), "opset_version": 18},
        },
        "config": {
            "pybridge": {
                "task": "segment",
                "decoder": {
                    "name": "offsets",
                    "probability": choice.probability,
                    "overlap": choice.overlap,
                    "min_size": MIN_SIZE_PX,
                },
                "scores": scores,
                "training": {
                    "recipe": recipe,
                    "checkpoint": choice.checkpoint.name,
                    "elapsed_s": round(elapsed_s),
                    "torch": torch.__version__,
                    "pybridge": __version__,
                    "python": platform.python_version(),
                    "machine": f"{platform.machine()}, {recipe['threads']} threads, CPU only",
                    "from": "scratch",
                },
                "training_profile": training_profile(data / "train"),
            }
        },
    }


def write_description(out: Path, content: dict) -> None:
    """Validate the description against the files beside it and write it."""
    with ValidationContext(root=out, perform_io_checks=True):
        checked = build_description(content)
    if isinstance(checked, InvalidDescr):
        raise SystemExit("\n".join(f"{e.loc}: {e.msg}" for d in checked.validation_summary.details for e in d.errors))
    save_bioimageio_yaml_only(checked, out / "bioimageio.yaml")


def write_readme(out: Path, choice: Choice, work: Path, scores: dict) -> None:
    """State data, split, recipe, scores with intervals, and limits; the numbers come from the run itself."""
    recipe = json.loads((work / "recipe.json").read_text())
    minutes = float(list(csv.DictReader((work / "log.csv").open()))[-1]["elapsed_s"]) / 60
    rows = [
        f"| {name} | {part['images']} | {interval(part, '0.50')} | {interval(part, '0.75')} | "
        f"{part['mean_ap']:.3f} ({part['ci95']['mean_ap'][0]:.3f}-{part['ci95']['mean_ap'][1]:.3f}) |"
        for name, part in scores.items()
    ]
    (out / "README.md").write_text(
        README.format(
            rows="\n".join(rows),
            steps=recipe["steps"],
            batch=recipe["batch"],
            crop=recipe["crop_px"],
            threads=recipe["threads"],
            minutes=round(minutes),
            checkpoint=choice.checkpoint.stem,
            probability=choice.probability,
            overlap=choice.overlap,
        )
    )


def interval(part: dict, threshold: str) -> str:
    low, high = part["ci95"][threshold]["ap"]
    return f"{part['ap_' + threshold]:.3f} ({low:.3f}-{high:.3f})"
