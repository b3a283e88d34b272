"""How well the ranking without truth foretells that with truth.

    pybridge compare IMAGES --truth TRUTH --model A … -o with
    pybridge compare IMAGES --model A … -o without
    python tests/benchmarks/scout.py with/comparison.json without/comparison.json [MODEL …]

Prints both scores of each method (of those named, else of all), and Spearman's rank correlation of consistency (and of
agreement) with the mean AP: of the methods with all images together, and of the methods on each image by itself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.metrics.ranking import spearman

JUDGED = "mean_ap"


def scores(content: dict[str, Any], metric: str, models: list[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give a metric over all images, shape (methods,), and on each, shape (methods, images)."""
    by_name = {method["method"]: method for method in content["methods"]}
    whole = [by_name[model]["scores"][metric]["value"] for model in models]
    single = [by_name[model]["per_image"][metric] for model in models]
    return np.array(whole, np.float64), np.array(single, np.float64)


def main(judged_path: str, scouted_path: str, models: list[str]) -> None:
    judged, scouted = (json.loads(Path(path).read_text(encoding="utf-8")) for path in (judged_path, scouted_path))
    models = models or [method["method"] for method in judged["methods"]]
    whole, single = scores(judged, JUDGED, models)
    # The scout may have seen some of the images only.
    names = [image["name"] for image in judged["images"]]
    single = single[:, [names.index(image["name"]) for image in scouted["images"]]]
    guesses = {metric: scores(scouted, metric, models) for metric in ("consistency", "agreement")}
    print(f"{len(models)} methods, {len(names)} images with truth, {single.shape[1]} without")
    for row, model in enumerate(models):
        guessed = "  ".join(f"{metric} {guess[0][row]:.3f}" for metric, guess in guesses.items())
        print(f"{model:32s} {JUDGED} {whole[row]:.3f}  {guessed}")
    for metric, (all_images, each_image) in guesses.items():
        found = [spearman(single[:, image], each_image[:, image]) for image in range(single.shape[1])]
        known = np.array(found)[~np.isnan(found)]
        defined = ~np.isnan(each_image).any(0) & ~np.isnan(single).any(0)
        same_first = (single[:, defined].argmax(0) == each_image[:, defined].argmax(0)).mean()
        print(
            f"{metric}: Spearman over all images together {spearman(whole, all_images):.2f}; image by image mean "
            f"{known.mean():.2f}, median {np.median(known):.2f}, above 0 on {(known > 0).sum()} of {known.size}; "
            f"the best method of an image is first on {same_first:.0%} of {defined.sum()}"
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
