"""``pybridge models``: list, show, add, test and remove models."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from pybridge.cli import console
from pybridge.core.baseline_names import FOREST, is_baseline
from pybridge.core.errors import ModelError, UsageError


def add_parser(models: argparse.ArgumentParser) -> None:
    """Add the verbs of ``pybridge models``."""
    verbs = models.add_subparsers(dest="verb", required=True, metavar="VERB")
    one = verbs.add_parser("list", help="list the models there are")
    one.set_defaults(handler=list_all)
    one = verbs.add_parser("show", help="show what a model says of itself")
    one.add_argument("model", help="id, folder, .zip or description")
    one.set_defaults(handler=show)
    one = verbs.add_parser("add", help="check a model and copy it into your models folder")
    one.add_argument("source", type=Path, metavar="FOLDER|ZIP", help="folder, .zip or description of the model")
    one.add_argument("--id", help="the id to give it; default its own")
    one.set_defaults(handler=add)
    one = verbs.add_parser("test", help="run a model on its own test tensors, as given and in tiles")
    one.add_argument("model", help="id, folder, .zip or description")
    one.add_argument("--device", action="append", help="only this device (may be repeated); default all there are")
    one.set_defaults(handler=test)
    one = verbs.add_parser("remove", help="delete a model that you added")
    one.add_argument("model", help="its id")
    one.set_defaults(handler=remove)


def list_all(given: argparse.Namespace) -> int:
    """Show a table of all models, and one of the classical methods; 1 when a model is broken."""
    from pybridge.baselines import list_baselines
    from pybridge.zoo import list_entries

    entries = list_entries()
    rows = [("id", "task", "licence", "size", "scores", "from")]
    for entry in entries:
        model = entry.model
        if model is None:
            rows.append((entry.id, "-", "-", "-", "not usable, see below", entry.origin))
            continue
        task = model.config.task or ("segment" if model.decoder is not None else "predict")
        size = f"{model.weights_bytes / 2**20:.1f} MiB"
        rows.append((entry.id, task, model.license or "not stated", size, _scores(model.config.scores), entry.origin))
    _show_table(rows)
    for entry in entries:
        if entry.problem:
            console.error(f"{entry.id}: {entry.problem}")
    console.line()
    console.line("classical methods, taken wherever a model's id is (options: `pybridge models show ID`):")
    _show_table([("id", "task", "what it does"), *((each.id, each.task, each.summary) for each in list_baselines())])
    return 1 if any(entry.problem for entry in entries) else 0


def show(given: argparse.Namespace) -> int:
    """Show one model or classical method."""
    from pybridge import zoo

    if is_baseline(given.model):
        return _show_baseline(given.model)
    model = zoo.find(given.model)
    console.line(f"{model.id} {model.version}: {model.name}")
    console.line(model.description)
    decoder = model.decoder
    facts = [
        ("licence", model.license or "not stated"),
        ("authors", ", ".join(model.authors)),
        ("folder", str(model.folder)),
        ("weights", f"{model.weights.name}, {model.weights_bytes / 2**20:.1f} MiB, ONNX operator set {model.opset}"),
        ("SHA-256", model.sha256),
        ("format", f"bioimage.io {model.format_version}"),
        ("inputs", "; ".join(f"{each.id} {each.letters}" for each in model.inputs)),
        ("outputs", "; ".join(f"{each.id} {each.letters}" for each in model.outputs)),
        (
            "decoder",
            "none: its outputs are images (pybridge predict)"
            if decoder is None
            else f"{decoder.name}, probability {decoder.probability:g}, overlap {decoder.overlap:g}, "
            f"min_size {decoder.min_size}",
        ),
        ("scores", _scores(model.config.scores)),
    ]
    for name, value in facts:
        console.line(f"  {name + ':':9} {value}")
    for citation in model.cite:
        console.line(f"  cite:     {citation}")
    return 0


def add(given: argparse.Namespace) -> int:
    """Add a model to the user's own."""
    from pybridge.zoo.installation import add_model

    model = add_model(given.source, id=given.id)
    console.line(f"added {model.id} ({model.name}) in {model.folder}")
    return 0


def test(given: argparse.Namespace) -> int:
    """Reproduce a model's test tensors; 1 when one differs."""
    from pybridge import zoo
    from pybridge.runtime import TOLERANCE
    from pybridge.tasks.verify_model import verify_model

    if is_baseline(given.model):
        raise UsageError(
            f"test {given.model!r}",
            found="a classical method has no test tensors",
            do=f"run it on an image; `pybridge models test {FOREST}` tests the forest of baseline:{FOREST}",
        )
    model = zoo.find(given.model)
    result = verify_model(model, devices=tuple(given.device) if given.device else None)
    rows = [("device", "how", "largest difference", "result", "ran on")]
    for check in result.checks:
        difference = "-" if check.difference != check.difference else f"{check.difference:.2g}"
        used = "-" if check.used is None else f"{check.used.used} ({check.used.provider})"
        rows.append((check.device, check.how, difference, check.verdict, used))
    console.line(f"{model.id} {model.version}, {model.weights.name} {model.sha256[:12]}")
    _show_table(rows)
    for check in result.checks:
        if check.note:
            console.line(f"{check.device}, {check.how}: {check.note}")
    console.line(f"differences are |found - expected| / max(1, |expected|); allowed: {TOLERANCE:g}")
    return 0 if result.passed else 1


def remove(given: argparse.Namespace) -> int:
    """Remove a model of the user's."""
    from pybridge.zoo.installation import remove_model

    console.line(f"removed {remove_model(given.model)}")
    return 0


def _show_baseline(reference: str) -> int:
    """Show a classical method with its options."""
    from pybridge.baselines import find_baseline
    from pybridge.baselines.catalogue import options_of

    chosen = find_baseline(reference)
    console.line(f"{chosen.method.id}: {chosen.method.summary}")
    console.line(f"  command:  pybridge {chosen.method.task}")
    rows = [("option", "default", "meaning"), *options_of(chosen.method)]
    if rows[1:]:
        console.line(f"  options, for example {chosen.method.id}:{rows[1][0]}=2")
        _show_table(rows)
    for citation in chosen.method.cite:
        console.line(f"  cite:     {citation}")
    return 0


def _scores(scores: dict[str, object]) -> str:
    """Write the measured scores of a model in one cell."""
    parts = []
    for name, values in scores.items():
        if isinstance(values, dict) and isinstance(values.get("ap_0.50"), (int, float)):
            parts.append(f"{name} AP50 {values['ap_0.50']:.3f}")
        elif isinstance(values, (int, float)):
            parts.append(f"{name} {values:.3f}")
    return ", ".join(parts) or "none stated"


def _show_table(rows: Sequence[Sequence[str]]) -> None:
    if not rows[1:]:
        raise ModelError("list the models", found="there is none", do="install PyBridge again, or add a model")
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        console.line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
