"""From a finished fit to a model folder: thresholds, scores, pictures, record, README, package. Imports torch.

The folder is written whole or not at all. A fit that was finished once can be finished again, with other texts for
example: nothing here changes its checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import TrainingError
from pybridge.core.progress import report
from pybridge.core.record import RunRecord
from pybridge.decode import field_for
from pybridge.export.folder import check_folder, write_package
from pybridge.networks.build import Network, build_network
from pybridge.networks.torch_file import load_torch_file
from pybridge.training.config import TrainingConfig
from pybridge.training.data import TrainingData
from pybridge.training.examples import Example, make_examples, normalise
from pybridge.training.loop import BEST, Fit
from pybridge.training.model_folder import package_of
from pybridge.training.pictures import Picture, pick_examples
from pybridge.training.profile import training_profile
from pybridge.training.record import TrainingRecord, make_record
from pybridge.training.scores import FoldScores, PartScores, StartModel, ap_at, mean_ap
from pybridge.training.validation import Thresholds, ValidationResult, all_thresholds, predict, validate
from pybridge.zoo.model import DecoderSpec

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model that was just made.

    Parameters
    ----------
    folder : Path
        Its folder.
    record : TrainingRecord
        Everything that made it, its scores among that.
    warnings : tuple of str
        What its user must know.
    run : RunRecord or None
        The same in the form of every other command's record, once the training is over.
    """

    folder: Path
    record: TrainingRecord
    warnings: tuple[str, ...]
    run: RunRecord | None = None

    def summary(self) -> tuple[str, ...]:
        """Say in a few lines where the model lies and how good it is; warnings are apart."""
        record = self.record
        lines = [f"{record.config.name}: {self.folder}"]
        for part in record.scores:
            before = None if record.start is None else record.start.scores_on(part.part)
            earlier = "" if before is None else f", before {mean_ap(before.scores)}"
            lines.append(
                f"{part.part} ({len(part.scores.per_image)} images): AP 0.50 {ap_at(part.scores, 0.5)}, "
                f"mean AP {mean_ap(part.scores)}{earlier}" + (" (chose the thresholds)" if part.chose else "")
            )
        if record.folds is not None:
            lines.append(f"cross-validation, {len(record.folds.folds)} folds: mean AP {mean_ap(record.folds.pooled)}")
        return (*lines, *record.notes)


def finish(
    config: TrainingConfig,
    data: TrainingData,
    fit: Fit,
    work: Path,
    output: Path,
    *,
    before: StartModel | None = None,
    folds: FoldScores | None = None,
    overwrite: bool = False,
) -> TrainedModel:
    """Choose thresholds, score the model, and write its folder.

    Parameters
    ----------
    config : TrainingConfig
        Every setting.
    data : TrainingData
        What was learnt from, what chose, and what is scored now.
    fit : Fit
        What the loop came to.
    work : Path
        Its folder, with ``best.pt``.
    output : Path
        Where the folder ``config.name`` goes.
    before : StartModel, optional
        What a fine-tuning started from, with its scores on the same images.
    folds : FoldScores, optional
        Of a cross-validation with the same settings.
    overwrite : bool
        Replace a folder of that name.

    Raises
    ------
    OutputExistsError
        If the folder is there already.
    TrainingError
        If the checkpoint is not that of the fit.
    ModelError
        If the ONNX file does not give what torch gives.
    """
    folder = output / config.name
    check_folder(folder, overwrite=overwrite)
    network, step = _load_best(config, fit, work)
    examples = make_examples(data.validation, config.normalisation)
    report(0, 3, "choose thresholds")
    validated = validate(network, examples, all_thresholds(config.decoder), resamples=RESAMPLES)
    scores = [_part("validation", validated, chose=True)]
    report(1, 3, "score the test images")
    scores += score_parts(network, config, TrainingData((), (), data.test), validated.thresholds)
    record = make_record(
        config,
        data,
        fit,
        profile=training_profile(data.training),
        parameters=sum(weight.numel() for weight in network.parameters()),
        chosen_step=step,
        decoder=decoder_of(config, validated.thresholds),
        scores=scores,
        start=before,
        folds=folds,
    )
    shown = config.data.show_images
    pictures = _pictures(network, examples, validated) if shown else ()
    cover = pictures[len(pictures) // 2] if shown else _simulated_picture(network, config, validated.thresholds)
    report(2, 3, "write the model folder")
    package = package_of(network, record, pictures, cover=cover, test=data.validation[0] if shown else None)
    exported = write_package(network.cpu(), package, folder, overwrite=overwrite)
    return TrainedModel(folder, record, (*record.warnings, *exported.warnings))


def score_parts(
    network: Network, config: TrainingConfig, data: TrainingData, thresholds: Thresholds
) -> tuple[PartScores, ...]:
    """Score a network on validation and test images, as far as there are any, with thresholds that they do not choose.

    Parameters
    ----------
    network : Network
        On the device to use.
    config : TrainingConfig
        Its normalisation.
    data : TrainingData
        The images.
    thresholds : Thresholds
        What the decoder is told.
    """
    return tuple(
        _part(
            part,
            validate(network, make_examples(images, config.normalisation), [thresholds], resamples=RESAMPLES),
            chose=False,
        )
        for part, images in data.parts
        if images and part != "train"
    )


def decoder_of(config: TrainingConfig, thresholds: Thresholds) -> DecoderSpec:
    """Name the decoder of a configuration with its thresholds."""
    return DecoderSpec(config.head.name, thresholds.probability, thresholds.overlap, thresholds.min_size)


def _part(part: str, result: ValidationResult, *, chose: bool) -> PartScores:
    return PartScores(part, chose=chose, loss=result.loss, scores=result.scores)


def _load_best(config: TrainingConfig, fit: Fit, work: Path) -> tuple[Network, int]:
    state = load_torch_file(work / BEST)
    best = fit.history.best
    if best is None or state["step"] != best.step:
        raise TrainingError(
            f"finish the training of {config.name!r}",
            found=f"{BEST} is of step {state['step']}, the best validation of "
            + ("none" if best is None else f"step {best.step}"),
            do="train in a folder of its own",
        )
    network = build_network(config.network, config.head)
    network.load_state_dict(state["network"])
    return network.to(fit.device).eval(), best.step


def _pictures(network: Network, examples: Sequence[Example], validated: ValidationResult) -> tuple[Picture, ...]:
    scores = validated.scores.per_image
    return tuple(
        Picture(
            name=examples[index].name,
            kind=kind,
            ap_50=scores[index].counts[0].ap,
            plane=examples[index].pixels[0],
            truth=examples[index].labels,
            result=_labels(network, examples[index], validated.thresholds),
        )
        for kind, index in pick_examples(scores)
    )


def _simulated_picture(network: Network, config: TrainingConfig, thresholds: Thresholds) -> Picture:
    """Draw a simulated image in the place of one that may not be shown."""
    from pybridge.samples import simulate_nuclei

    image, truth = simulate_nuclei(shape=(192, 256), count=20)
    pixels = np.repeat(normalise(image.array[None], config.normalisation), network.channels, axis=0)
    example = Example("simulated", "", pixels, truth.array.astype(np.int32))
    result = _labels(network, example, thresholds)
    return Picture("simulated", "simulated", float("nan"), pixels[0], example.labels, result)


def _labels(network: Network, example: Example, thresholds: Thresholds) -> NDArray[np.int32]:
    shape = example.labels.shape
    field = field_for(network.head_name, shape)
    field.write((predict(network, example.pixels)[1],), tuple(slice(0, extent) for extent in shape))
    return field.labels(
        probability=thresholds.probability, overlap=thresholds.overlap, min_size=thresholds.min_size
    ).labels
