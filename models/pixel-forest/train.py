"""Train the shipped pixel forest: ``python models/pixel-forest/train.py NUCLEI`` in a checkout.

NUCLEI is the folder with ``train/images``, ``train/masks`` and ``train/index.csv``. One image of each field group is
taken, and a sparse sample of its pixels; nothing else is learnt from.
"""

import csv
import json
import random
import sys
from pathlib import Path

from pybridge.baselines.forest_readme import ForestText
from pybridge.baselines.forest_training import ForestSettings, train_forest
from pybridge.baselines.scribbles import labels_to_scribbles
from pybridge.core.image import Image
from pybridge.files.read import read_image

SEED, IMAGES, PIXELS, LONGEST_PX = 1, 110, 480, 280
SETTINGS = ForestSettings(trees=40, leaf=5, depth=14, seed=SEED)


def cut(image):
    """Take a corner of a large image: the features of pixels that are not marked cost time only."""
    return Image(image.array[:LONGEST_PX, :LONGEST_PX], "YX", name=image.name)


def main(nuclei):
    here = Path(__file__).resolve()
    recipe = here.read_bytes()
    measured = here.parent / "scores.json"
    scores = json.loads(measured.read_text()) if measured.is_file() else {"description": {}, "text": "", "decoder": {}}
    groups = {}
    for row in csv.DictReader((nuclei / "train" / "index.csv").read_text().splitlines()):
        groups.setdefault(row["field_group"], []).append(row["name"])
    choose = random.Random(SEED)
    order = sorted(groups)
    choose.shuffle(order)
    # The groups after these chose the thresholds.
    names = [choose.choice(groups[group]) for group in order[:IMAGES]]
    images = [cut(read_image(nuclei / "train" / "images" / f"{name}.tif")) for name in names]
    truths = [cut(read_image(nuclei / "train" / "masks" / f"{name}.tif")) for name in names]
    marks = [labels_to_scribbles(truth.array, pixels=PIXELS, seed=SEED + n) for n, truth in enumerate(truths)]
    text = ForestText(
        title="pixel-forest - nuclei in fluorescence images (random forest)",
        description="Foreground, inside and border of nuclei by a random forest on pixel features: a classical "
        "baseline, trained on a sparse sample of the fluorescence images of the 2018 Data Science Bowl.",
        version="0.1.0",
        authors=("The PyBridge authors",),
        license="BSD-3-Clause",
        limits="A baseline to compare with, for nuclei bright on a dark ground, 5 to 50 pixels across. It knows "
        "brightness and edges around each pixel and nothing of whole objects: large nuclei with dark parts break, "
        "crowded ones stay together.",
        data={
            "name": "BBBC038v1, fluorescence images (train split by field group)",
            "description": f"One image of each of {len(names)} field groups, {PIXELS} pixels of each.",
            "license": "CC0-1.0",
            "authors": ("Juan C. Caicedo", "Broad Bioimage Benchmark Collection"),
            "source": "https://bbbc.broadinstitute.org/BBBC038",
            "cite": ({"text": "Caicedo et al., Nature Methods 16, 2019", "doi": "10.1038/s41592-019-0612-7"},),
        },
        scores=scores["description"],
        measured=scores["text"],
        decoder=scores["decoder"],
    )
    train_forest(images, marks, here.parent, settings=SETTINGS, text=text, overwrite=True)
    here.write_bytes(recipe)
    if scores["description"]:
        measured.write_text(json.dumps(scores, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
