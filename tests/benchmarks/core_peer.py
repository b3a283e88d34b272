"""Times bioimageio.core on one image; runs in an environment of its own, so it imports numpy and bioimageio.core only.

``python core_peer.py MODEL.yaml PIXELS.npy REPEATS`` prints JSON: the median seconds, or why there are none. It tries
one run over the whole image first when the image has the size that the model takes, then its own blocks.
"""

from __future__ import annotations

import json
import statistics
import sys
import time

import numpy as np


def main() -> None:
    from bioimageio.core import Sample, Tensor, create_prediction_pipeline
    from bioimageio.spec import load_description

    description, pixels = load_description(sys.argv[1], perform_io_checks=False), np.load(sys.argv[2])
    spec = description.inputs[0]
    tensor = Tensor.from_numpy(pixels[np.newaxis].astype(np.float32), dims=[axis.id for axis in spec.axes])

    def sample() -> Sample:
        return Sample(members={spec.id: tensor}, stat={}, id="benchmark")

    found: dict[str, object] = {"seconds": None, "how": "", "note": ""}
    notes = []
    with create_prediction_pipeline(description, weight_format="onnx") as pipeline:
        ways = {"whole": pipeline.predict_sample_without_blocking, "blocks": pipeline.predict_sample_with_blocking}
        for how, predict in ways.items():
            try:
                predict(sample())
                times = []
                for _ in range(int(sys.argv[3])):
                    start = time.perf_counter()
                    predict(sample())
                    times.append(time.perf_counter() - start)
            except Exception as error:  # noqa: BLE001 - whatever stops it is the finding
                lines = str(error).strip().splitlines()
                notes.append(f"{how}: {type(error).__name__}: {lines[-1][:100] if lines else ''}")
                continue
            found |= {"seconds": statistics.median(times), "how": how}
            break
    print(json.dumps(found | {"note": "; ".join(notes)}))


if __name__ == "__main__":
    main()
