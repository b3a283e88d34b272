"""What the training images are like, kept in the model for later checks of unseen images. Imports core and metrics."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.progress import check_cancelled
from pybridge.metrics.intensity import ImageLook, measure_look
from pybridge.training.load import LabelledImage

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
_UM = {"µm": 1.0, "um": 1.0, "μm": 1.0, "micron": 1.0, "microns": 1.0, "micrometer": 1.0, "micrometre": 1.0}
_UM |= {"nm": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6, "å": 1e-4, "inch": 25_400.0}
_MOST_SIZES = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """How a quantity is spread: its percentiles 1, 5, 25, 50, 75, 95 and 99."""

    values: tuple[float, ...]

    def to_config(self) -> dict[str, float]:
        """Give percentile → value."""
        return {str(q): value for q, value in zip(PERCENTILES, self.values, strict=True)}


@dataclass(frozen=True, slots=True)
class TrainingProfile:
    """The images and objects that a model was trained on, in numbers.

    Parameters
    ----------
    images, objects, images_without_objects : int
        Counts; each plane of a stack is an image.
    field_groups : int or None
        Groups that the images form; None when nobody said.
    object_area_px, object_diameter_px : Spread or None
        Area, and diameter of the circle of that area; None when there is no object.
    object_density : Spread
        Objects in a million pixels.
    foreground : Spread
        Share of the pixels that belong to objects.
    image_low, image_median, image_high : Spread
        The percentiles 1, 50 and 99.8 of each image. Of several channels, the mean of all counts.
    noise, sharpness : Spread
        As ``metrics.intensity.measure_look`` gives them.
    contrast : Spread or None
        Median in objects less median beside them, as a share of the image's range; below 0 for dark objects.
    pixel_size_um : Spread or None
        Size of a pixel (geometric mean of height and width) of the images that tell it.
    calibrated : int
        How many images tell it.
    dtypes, sizes : tuple of (str, int)
        Types of the pixels, and sizes as height × width, with how many images have them, the most frequent first.
    """

    images: int
    objects: int
    images_without_objects: int
    field_groups: int | None
    object_area_px: Spread | None
    object_diameter_px: Spread | None
    object_density: Spread
    foreground: Spread
    image_low: Spread
    image_median: Spread
    image_high: Spread
    noise: Spread
    sharpness: Spread
    contrast: Spread | None
    pixel_size_um: Spread | None
    calibrated: int
    dtypes: tuple[tuple[str, int], ...]
    sizes: tuple[tuple[str, int], ...]

    def to_config(self) -> dict[str, Any]:
        """Give the block ``config.pybridge.training_profile`` of a model description: plain numbers, text and maps."""
        spreads: Mapping[str, Spread | None] = {
            "object_area_px_percentiles": self.object_area_px,
            "object_diameter_px_percentiles": self.object_diameter_px,
            "objects_per_megapixel_percentiles": self.object_density,
            "foreground_share_percentiles": self.foreground,
            "image_low_percentiles": self.image_low,
            "image_median_percentiles": self.image_median,
            "image_high_percentiles": self.image_high,
            "noise_percentiles": self.noise,
            "sharpness_percentiles": self.sharpness,
            "contrast_percentiles": self.contrast,
            "pixel_size_um_percentiles": self.pixel_size_um,
        }
        content: dict[str, Any] = {
            "images": self.images,
            "objects": self.objects,
            "images_without_objects": self.images_without_objects,
        }
        if self.field_groups is not None:
            content["field_groups"] = self.field_groups
        content |= {key: spread.to_config() for key, spread in spreads.items() if spread is not None}
        return content | {
            "dtypes": dict(self.dtypes),
            "sizes": dict(self.sizes[:_MOST_SIZES]),
            "pixel_size": self._pixel_size(),
        }

    def _pixel_size(self) -> str:
        objects = ""
        if self.object_diameter_px is not None:
            smallest, *_, largest = self.object_diameter_px.values
            objects = f"; objects are {smallest:.0f} to {largest:.0f} pixels across"
        if self.pixel_size_um is None:
            return f"not known{objects}"
        of = "" if self.calibrated == self.images else f" in {self.calibrated} of {self.images} images"
        return f"{self.pixel_size_um.values[PERCENTILES.index(50)]:.4g} µm (median{of}){objects}"


def training_profile(images: Iterable[LabelledImage]) -> TrainingProfile:
    """Measure the images and objects of a training.

    Parameters
    ----------
    images : iterable of LabelledImage
        At least one; gone through once.

    Examples
    --------
    >>> from pathlib import Path
    >>> from pybridge.training.pairs import Pair
    >>> labels = np.zeros((50, 70), np.int32)
    >>> labels[10:20, 30:40] = 1
    >>> pixels = labels * 90.0 + 10
    >>> pair = Pair("a", Path("a.tif"), Path("a.zip"))
    >>> profile = training_profile([LabelledImage("a", pair, pixels, labels, "", "", None, "pixel")])
    >>> profile.objects, profile.to_config()["object_area_px_percentiles"]["50"], profile.contrast.values[3]
    (1, 100.0, 1.0)
    """
    areas: list[NDArray[np.int64]] = []
    density: list[float] = []
    foreground: list[float] = []
    looks: list[ImageLook] = []
    contrast: list[float] = []
    pixel_size_um: list[float] = []
    groups: set[str] = set()
    dtypes: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for image in images:
        check_cancelled()
        area = np.bincount(image.labels.ravel(), minlength=1)[1:]
        areas.append(area[area > 0])
        density.append(1e6 * len(areas[-1]) / image.labels.size)
        foreground.append(float(area.sum()) / image.labels.size)
        channels = image.pixels[None] if image.pixels.ndim == 2 else image.pixels
        look = _mean_look([measure_look(channel) for channel in channels])
        looks.append(look)
        if 0 < foreground[-1] < 1 and look.high > look.low:
            inside = image.labels > 0
            steps = [float(np.median(channel[inside]) - np.median(channel[~inside])) for channel in channels]
            contrast.append(float(np.mean(steps)) / (look.high - look.low))
        if image.group is not None:
            groups.add(image.group)
        if image.pixel_size is not None and image.unit.lower() in _UM:
            pixel_size_um.append(_UM[image.unit.lower()] * math.sqrt(math.prod(image.pixel_size)))
        dtypes[str(image.pixels.dtype)] += 1
        sizes["{}x{}".format(*image.labels.shape)] += 1
    area_px = np.concatenate(areas)
    return TrainingProfile(
        images=len(areas),
        objects=len(area_px),
        images_without_objects=sum(len(area) == 0 for area in areas),
        field_groups=len(groups) or None,
        object_area_px=_spread(area_px),
        object_diameter_px=_spread(2 * np.sqrt(area_px / math.pi)),
        object_density=_some_spread(density),
        foreground=_some_spread(foreground),
        image_low=_some_spread([look.low for look in looks]),
        image_median=_some_spread([look.median for look in looks]),
        image_high=_some_spread([look.high for look in looks]),
        noise=_some_spread([look.noise for look in looks]),
        sharpness=_some_spread([look.sharpness for look in looks]),
        contrast=_spread(contrast),
        pixel_size_um=_spread(pixel_size_um),
        calibrated=len(pixel_size_um),
        dtypes=tuple(dtypes.most_common()),
        sizes=tuple(sizes.most_common()),
    )


def _mean_look(looks: Sequence[ImageLook]) -> ImageLook:
    return ImageLook(
        low=float(np.mean([look.low for look in looks])),
        median=float(np.mean([look.median for look in looks])),
        high=float(np.mean([look.high for look in looks])),
        noise=float(np.mean([look.noise for look in looks])),
        sharpness=float(np.mean([look.sharpness for look in looks])),
    )


def _some_spread(values: Sequence[float]) -> Spread:
    return Spread(tuple(float(value) for value in np.percentile(values, PERCENTILES)))


def _spread(values: Sequence[float] | NDArray[Any]) -> Spread | None:
    return _some_spread(list(values)) if len(values) else None
