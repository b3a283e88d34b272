"""Runs that are done again: their images, their records changed, and the command that does it."""

import json

from pybridge.cli import main
from pybridge.core.record import record_sha256
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.samples import simulate_nuclei

NAMES = ("a.tif", "é b.tif")


def write_pairs(folder):
    """Write two images, and their truths into the folder ``truth`` in it."""
    (folder / "truth").mkdir()
    for seed, name in enumerate(NAMES, 1):
        image, truth = simulate_nuclei(shape=(80, 96), count=6, seed=seed)
        write_imagej_tiff(folder / name, image)
        write_labels(folder / "truth" / name, truth)


def relocate(content, old, new):
    for used in content["inputs"]:
        used["path"] = used["path"].replace(str(old), str(new))


def edit(file, change, *, honest=True):
    """Change a record; an honest one has a hash that fits."""
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    if honest:
        content["record_sha256"] = record_sha256(content)
    file.write_text(json.dumps(content), encoding="utf-8")


def rerun(path, *options):
    return main(["rerun", str(path), "--check", *options])
