"""``pybridge demo``: a sample image through a real ImageJ macro, with results that a person can look at."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
from pathlib import Path

from pybridge.cli import console
from pybridge.core.advice import REPLACE_OUTPUT
from pybridge.core.errors import OutputExistsError
from pybridge.core.image import Image
from pybridge.files.home import shipped_folder


def run(given: argparse.Namespace) -> int:
    """Run the demo; its results lie in one folder."""
    from pybridge.files.read import check_whole_file
    from pybridge.files.write import make_folder

    folder = Path(given.output)
    if given.image is not None:
        check_whole_file(given.image)  # here rather than seconds later, in ImageJ
    if folder.is_dir() and any(folder.iterdir()) and not given.overwrite:
        raise OutputExistsError(
            f"write the demo to {str(folder)!r}",
            found="the folder is not empty",
            do=REPLACE_OUTPUT,
        )
    make_folder(folder)
    image_path, truth = _sample(given.image, folder)
    macro = shipped_folder("macros") / "Segment_Image.ijm"
    if given.overwrite:
        _remove_earlier(image_path, folder)
    console.line(
        f"image:  {image_path}"
        + ("" if given.image else "  (simulated microscopy: the truth is known by construction)")
    )
    from pybridge import imagej

    with contextlib.closing(imagej.start()) as gateway:
        console.line(f"ImageJ: {gateway.version} on Java {gateway.java_version}, headless")
        console.line(f'macro:  {macro.name}: run("PyBridge Segment", "model={given.model}")')
        gateway.run_macro(macro, "|".join((os.path.abspath(image_path), os.path.abspath(folder), given.model)))
    return _show(image_path, truth, folder)


def _sample(own: str | None, folder: Path) -> tuple[Path, Image | None]:
    """Put the sample into the folder, or take the user's image where it is."""
    if own is not None:
        return Path(own), None
    from pybridge import samples
    from pybridge.files.write import write_imagej_tiff, write_labels

    image, truth = samples.simulate_nuclei()
    path = folder / image.name
    write_imagej_tiff(path, image, overwrite=True)
    write_labels(folder / truth.name, truth, overwrite=True)
    return path, truth


def _remove_earlier(image: Path, folder: Path) -> None:
    """Clear what an earlier demo wrote for this image: the macro itself never overwrites."""
    for role in ("labels.tif", "objects.csv", "report.html", "report.md", "report.json"):
        (folder / f"{image.stem}-{role}").unlink(missing_ok=True)


def _show(image_path: Path, truth: Image | None, folder: Path) -> int:
    """Draw the overlay, score, write the record, and say where everything is."""
    from pybridge.commands.report import report
    from pybridge.files.read import read_image
    from pybridge.files.write import write_text
    from pybridge.reporting.overlay import write_overlay

    stem = image_path.stem
    image, labels = read_image(image_path), read_image(folder / f"{stem}-labels.tif")
    record = json.loads(labels.info[labels.info.index("{") :])
    write_text(folder / f"{stem}-record.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n", overwrite=True)
    overlay = folder / f"{stem}-overlay.png"
    plane = image.tzcyx()[0, 0, 0]
    grey = plane.mean(axis=-1) if image.is_rgb else plane
    write_overlay(overlay, grey, labels.tzcyx()[0, 0, 0], overwrite=True)
    device = record["device"]
    console.line(f"found:  {int(labels.array.max())} objects with {record['model']['id']} {record['model']['version']}")
    console.line(f"device: {device['used']} ({device['provider']}, {device['name']})")
    for warning in record["warnings"]:
        console.line(f"warning: {warning}")
    if truth is not None:
        from pybridge.metrics.detection import match, overlaps, pool, scores_to_json

        scores = scores_to_json(pool([match(overlaps(truth.array, labels.array))]))
        write_text(folder / "scores.json", json.dumps(scores, indent=2) + "\n", overwrite=True)
        pooled = scores["pooled"]
        console.line(
            f"scores: AP {pooled['0.50']['ap']:.3f} at IoU 0.50, {pooled['0.75']['ap']:.3f} at 0.75, "
            f"against {int(truth.array.max())} simulated nuclei"
        )
    page = report(folder / f"{stem}-record.json").page
    console.line(f"look at {overlay} and {page}, and in {folder}{os.sep}:")
    for file in sorted(folder.iterdir()):
        console.line(f"  {file.name}")
    return 0
