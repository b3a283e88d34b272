"""What people say of a forest, and its README. Imports the half of export that knows no torch, zoo and core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pybridge import __version__
from pybridge.baselines.forest_features import COARSE_PX, FEATURES, SCALES_PX
from pybridge.zoo.model import DecoderSpec

if TYPE_CHECKING:
    from pybridge.export.about import ModelText

_BREIMAN = {"text": "Breiman, Random forests. Machine Learning 45, 2001", "doi": "10.1023/A:1010933404324"}
_ILASTIK = {
    "text": "Berg et al., ilastik: interactive machine learning for (bio)image analysis. Nature Methods 16, 2019 "
    "(the kind of features)",
    "doi": "10.1038/s41592-019-0582-9",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestText:
    """What people say of a forest; what they do not say is left out.

    Parameters
    ----------
    title, description, version : str
        For lists and citations.
    authors : tuple of str
        Names.
    license : str or None
        SPDX identifier.
    limits : str
        What the model is not for.
    data : dict of str to Any
        Fields of ``pybridge.export.about.DatasetText``: where the training images come from.
    scores : dict of str to Any
        Measured scores, for the description.
    measured : str
        Markdown: how the scores were measured.
    decoder : dict of str to float
        Thresholds that were tuned: ``probability``, ``overlap``, ``min_size``.
    """

    title: str = ""
    description: str = "Random forest on the pixels of one channel, trained from sparse marks."
    version: str = "0.1.0"
    authors: tuple[str, ...] = ()
    license: str | None = None
    limits: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    measured: str = ""
    decoder: dict[str, float] = field(default_factory=dict)


def model_text(text: ForestText) -> ModelText:
    """Give it as every model of ours says it."""
    from pybridge.export.about import CitationText, DatasetText, ModelText

    return ModelText(
        title=text.title,
        description=text.description,
        version=text.version,
        authors=text.authors,
        license=text.license,
        tags=("random-forest", "pixel-classification", "instance-segmentation", "2d"),
        limits=text.limits,
        cite=(CitationText(**_BREIMAN), CitationText(**_ILASTIK)),
        training_data=DatasetText(**text.data),
    )


def write_readme(
    id: str,
    text: ForestText,
    training: Mapping[str, Any],
    *,
    size_bytes: int,
    decoder: DecoderSpec,
    told: Sequence[str] = (),
) -> str:
    """Write the README of a forest's folder.

    Parameters
    ----------
    id : str
        Of the model.
    text : ForestText
        What people say of it.
    training : mapping
        The block ``training`` of its description.
    size_bytes : int
        Of the ONNX file.
    decoder : DecoderSpec
        How its output becomes labels.
    told : sequence of str
        Further paragraphs on the training.
    """
    forest, marks = training["forest"], training["marks"]
    counted = ", ".join(f"{count} of {name}" for name, count in marks.items())
    parts = [
        f"# {text.title or id}",
        text.description,
        f"A random forest of {forest['trees']} trees on {len(FEATURES)} features of each pixel: brightness, gradient, "
        f"Laplacian, Hessian and structure-tensor eigenvalues at {', '.join(f'{s:g}' for s in SCALES_PX)} pixels, and "
        f"the brightness around it at {COARSE_PX:g} pixels. Features and trees are one ONNX graph "
        f"({size_bytes / 2**20:.1f} MiB). PyBridge's decoder `{decoder.name}` turns its output into labels, with "
        f"probability {decoder.probability:g}, overlap {decoder.overlap:g}, min_size {decoder.min_size}.",
        f"Version {text.version}, made with PyBridge {__version__}. Licence: {text.license or 'not stated'}.",
        "## Training",
        f"Marked pixels of {training['images']} image(s): {counted}. At most {forest['depth']} questions from root to "
        f"leaf, at least {forest['leaf']} marks in a leaf, seed {forest['seed']}.",
    ]
    parts += told
    if text.data:
        parts.append(f"Data: {text.data.get('name', '')}. {text.data.get('description', '')}")
    if text.measured:
        parts += ["## Scores", text.measured]
    if text.limits:
        parts += ["## Limits", text.limits]
    return "\n\n".join(parts) + "\n"
