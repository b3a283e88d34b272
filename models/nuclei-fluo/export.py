"""Pick the checkpoint and thresholds of ``nuclei-fluo`` on ``val`` and write the bioimage.io model folder.

Run it after ``train.py``: ``python models/nuclei-fluo/export.py --data NUCLEI --work WORK --out models/nuclei-fluo``.
It reads the recipe, log and checkpoints in ``WORK``, and ``NUCLEI/val`` only to choose.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import tifffile
import torch
from choose import MIN_SIZE_PX, STEP_PX, WithSigmoid, choose, load, normalise, predict, score
from describe import describe, write_description, write_readme

from pybridge.decode import field_for
from pybridge.metrics.detection import scores_to_json
from pybridge.samples import simulate_nuclei


def export_onnx(network: WithSigmoid, path: Path) -> None:
    """Write the ONNX file, weights inside, with dynamic batch and sides of multiples of 16."""
    batch = torch.export.Dim("batch", min=1, max=64)
    height, width = (STEP_PX * torch.export.Dim(name, min=2, max=1024) for name in ("rows", "columns"))
    torch.onnx.export(
        network,
        (torch.zeros(2, 1, 6 * STEP_PX, 5 * STEP_PX),),
        path,
        input_names=["image"],
        output_names=["fields"],
        dynamic_shapes={"x": {0: batch, 2: height, 3: width}},
        dynamo=True,
        external_data=False,
        opset_version=18,
    )
    import onnx

    model = onnx.load(path)
    # The exporter notes for every node the file and line it came from, with paths of the machine: no use to anyone.
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    for part in model.graph.initializer:
        del part.metadata_props[:]
        part.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def write_cover(out: Path, raw: np.ndarray, labels: np.ndarray) -> None:
    from PIL import Image as Pillow

    from pybridge.reporting.overlay import draw_overlay

    Pillow.fromarray(draw_overlay(raw, labels)).save(out / "cover.png")


def main(data: Path, work: Path, out: Path) -> None:
    torch.set_num_threads(2)
    checkpoints = sorted(work.glob("step-*.pt"))[-4:]
    choice = choose(checkpoints, data / "val")
    network = load(choice.checkpoint)
    export_onnx(network, out / "model.onnx")

    import onnxruntime

    session = onnxruntime.InferenceSession(out / "model.onnx", providers=["CPUExecutionProvider"])
    image, _ = simulate_nuclei(shape=(192, 256), count=20)
    (fields,) = session.run(None, {"image": normalise(image.array)[None, None]})
    np.save(out / "test_input.npy", image.array.astype(np.float32)[None, None])
    np.save(out / "test_output.npy", fields)
    with torch.inference_mode():
        for batch, height, width in ((1, 64, 64), (3, 80, 144), (2, 192, 128)):
            x = torch.rand(batch, 1, height, width)
            (again,) = session.run(None, {"image": x.numpy()})
            largest = np.abs(again - network(x).numpy()).max()
            print(f"ONNX and torch differ by at most {largest:.2g} on {batch}x1x{height}x{width}")
            assert largest < 1e-3

    scores = {}
    for name in ("val", "val_bbbc039_uint16"):
        paths = sorted((data / name / "images").glob("*.tif"))
        fields, truths = [], []
        for path in paths:
            raw = tifffile.imread(path)
            field = field_for("offsets", raw.shape)
            field.write((predict(network, raw),), tuple(slice(0, extent) for extent in raw.shape))
            fields.append(field)
            truths.append(tifffile.imread(data / name / "masks" / path.name))
        result = scores_to_json(score(fields, truths, probability=choice.probability, overlap=choice.overlap))
        scores[name] = {
            "images": result["images"],
            "ap_0.50": result["pooled"]["0.50"]["ap"],
            "ap_0.75": result["pooled"]["0.75"]["ap"],
            "mean_ap": result["mean_ap"],
            "ci95": result["ci95"],
        }
    field = field_for("offsets", image.array.shape)
    field.write((np.load(out / "test_output.npy")[0],), tuple(slice(0, extent) for extent in image.array.shape))
    write_cover(
        out,
        image.array,
        field.labels(probability=choice.probability, overlap=choice.overlap, min_size=MIN_SIZE_PX).labels,
    )
    shutil.copyfile(work / "log.csv", out / "training-log.csv")
    write_readme(out, choice, work, scores)
    description = describe(out, choice, work, data, scores)
    write_description(out, description)
    print(json.dumps(scores, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    main(given.data, given.work, given.out)
