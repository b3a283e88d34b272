"""All images of a training, checked together: objects at all, labels rather than masks. Imports decode, files, core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pybridge.core.errors import ImageError, list_some
from pybridge.core.progress import report
from pybridge.decode.label_pieces import count_pieces
from pybridge.files.roi_labels import ROI_SUFFIXES
from pybridge.training.load import LabelledImage, load_pair
from pybridge.training.pairs import Pair


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSet:
    """All images of a training, with what must be said about them.

    Parameters
    ----------
    images : tuple of LabelledImage
        One for each plane.
    warnings : tuple of str
        What is odd but no error.
    """

    images: tuple[LabelledImage, ...]
    warnings: tuple[str, ...] = ()

    @property
    def objects(self) -> int:
        """Number of objects in all images."""
        return sum(image.count for image in self.images)


def load_set(pairs: Sequence[Pair], *, channel: str | None = None, channels: int = 1) -> LabelledSet:
    """Load all pairs and check them together; everything that is wrong is named in one error.

    Parameters
    ----------
    pairs : sequence of Pair
        The files.
    channel, channels
        As for ``load_pair``.

    Raises
    ------
    ImageError
        If a pair is wrong (see ``load_pair``), no image has an object, or all are masks of one value instead of labels.
    """
    images: list[LabelledImage] = []
    problems: list[ImageError] = []
    for number, pair in enumerate(pairs):
        report(number, len(pairs), "read the training images")
        try:
            images += load_pair(pair, channel=channel, channels=channels)
        except ImageError as error:
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ImageError(
            f"load {len(pairs)} pairs of image and labels",
            found=f"{len(problems)} are wrong: "
            + list_some([f"{error.asked}: {error.found}" for error in problems], between="; "),
            do="; ".join(dict.fromkeys(error.do for error in problems[:3])),
        )
    _check_objects(images)
    return LabelledSet(images=tuple(images), warnings=_warnings(images))


def _check_objects(images: Sequence[LabelledImage]) -> None:
    """Refuse sets without objects, and masks that only tell foreground from background."""
    files = list_some(list(dict.fromkeys(image.pair.labels.name for image in images)))
    if not any(image.count for image in images):
        raise ImageError(
            f"train on {len(images)} labelled image(s)",
            found=f"no object in any of them: {files}",
            do="outline objects first, or check that these are the label files",
        )
    if any(image.count > 1 for image in images):
        return
    if all((image.labels > 0).all() for image in images if image.count):
        raise ImageError(
            f"train on {len(images)} labelled image(s)",
            found=f"only one class: every labelled image is one object from border to border: {files}",
            do="label the objects 1, 2, 3 … and leave the background 0",
        )
    drawn = [image for image in images if image.count and image.pair.labels.suffix.lower() not in ROI_SUFFIXES]
    in_pieces = {image.pair.labels.name: pieces for image in drawn if (pieces := count_pieces(image.labels)) > 1}
    if in_pieces:
        named = [f"{name} ({pieces} regions of one value)" for name, pieces in in_pieces.items()]
        raise ImageError(
            f"train on {len(images)} labelled image(s)",
            found=f"masks of foreground and background, not labels of objects: {list_some(named)}",
            do="give each object its own value. Numbering connected regions (in ImageJ: Analyze Particles…, "
            "Count Masks) is right only where no two objects touch; separate touching ones first",
        )


def _warnings(images: Sequence[LabelledImage]) -> tuple[str, ...]:
    warnings = list(dict.fromkeys(told for image in images for told in image.warnings))
    flat = [image.name for image in images if image.pixels.min() == image.pixels.max()]
    if flat:
        warnings.append(f"{len(flat)} image(s) have one value only: {list_some(flat)}")
    if any(image.count > 1 for image in images):
        masks = [
            image.name
            for image in images
            if image.count == 1
            and image.pair.labels.suffix.lower() not in ROI_SUFFIXES
            and count_pieces(image.labels) > 1
        ]
        if masks:
            warnings.append(
                f"{len(masks)} label image(s) hold one object in several pieces, perhaps a mask instead of labels: "
                f"{list_some(masks)}"
            )
    background = [image.name for image in images if image.count == 0]
    if background:
        warnings.append(f"{len(background)} image(s) without objects serve as background: {list_some(background)}")
    return tuple(warnings)
