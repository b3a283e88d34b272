"""Where a model comes from: files with hashes and groups, the machine, settings without its paths. No torch."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, TypeVar

from pybridge.training.config import DataConfig, SourceConfig, TrainingConfig

if TYPE_CHECKING:
    from pybridge.training.data import TrainingData
    from pybridge.training.load import LabelledImage
    from pybridge.training.loop import Fit

Source = TypeVar("Source", DataConfig, SourceConfig)


@dataclass(frozen=True, slots=True)
class FileUsed:
    """One image with its labels; planes of a stack are images of their own.

    Parameters
    ----------
    part : str
        ``train``, ``validation`` or ``test``.
    name : str
        Of the image.
    image, labels : str
        Names of the files.
    sha256_image, sha256_labels : str
        Their hashes.
    group : str or None
        Field, plate or animal; None when nobody said.
    objects : int
        How many are labelled.
    height, width : int
        In pixels.
    """

    part: str
    name: str
    image: str
    labels: str
    sha256_image: str
    sha256_labels: str
    group: str | None
    objects: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class PartUsed:
    """The counts of one part; ``groups`` is None when no group is given."""

    part: str
    images: int
    images_without_objects: int
    objects: int
    groups: int | None


@dataclass(frozen=True, slots=True)
class DataUsed:
    """All files of a training, their parts, and the hash of which file lies where."""

    parts: tuple[PartUsed, ...]
    files: tuple[FileUsed, ...]
    sha256: str

    def part(self, name: str) -> PartUsed | None:
        """Find a part; None when it is empty."""
        return next((part for part in self.parts if part.part == name), None)


@dataclass(frozen=True, slots=True)
class Hardware:
    """What computed it. ``cores`` are those that the process may use, ``device_name`` that of a GPU, or the CPU's."""

    machine: str
    cpu: str
    cores: int
    threads: int
    device: str
    device_name: str
    precision: str


def describe_data(data: TrainingData) -> DataUsed:
    """List files, hashes, groups and counts; parts without images are left out."""
    return DataUsed(
        parts=tuple(_count(part, images) for part, images in data.parts if images),
        files=tuple(_file(part, image) for part, images in data.parts for image in images),
        sha256=data.sha256,
    )


def _count(part: str, images: Sequence[LabelledImage]) -> PartUsed:
    known = any(image.group is not None for image in images)
    return PartUsed(
        part=part,
        images=len(images),
        images_without_objects=sum(image.count == 0 for image in images),
        objects=sum(image.count for image in images),
        groups=len({image.group or f"\0{image.pair.name}" for image in images}) if known else None,
    )


def _file(part: str, image: LabelledImage) -> FileUsed:
    return FileUsed(
        part=part,
        name=image.name,
        image=image.pair.image.name,
        labels=image.pair.labels.name,
        sha256_image=image.sha256_image,
        sha256_labels=image.sha256_labels,
        group=image.group,
        objects=image.count,
        height=image.labels.shape[0],
        width=image.labels.shape[1],
    )


def describe_hardware(fit: Fit) -> Hardware:
    """Name the machine's processor, and the device, threads and precision of a run."""
    from pybridge.runtime.gpus import list_gpus
    from pybridge.runtime.threads import cpu_name, usable_threads

    device_name = cpu_name()
    if fit.device.startswith("cuda"):
        index = int(fit.device.partition(":")[2] or 0)
        device_name = next((gpu.name for gpu in list_gpus() if gpu.index == index), fit.device)
    return Hardware(
        machine=f"{platform.system()} {platform.machine()}",
        cpu=cpu_name(),
        cores=usable_threads(),
        threads=fit.threads,
        device=fit.device,
        device_name=device_name,
        precision=fit.precision,
    )


def portable_config(config: TrainingConfig) -> TrainingConfig:
    """Give a configuration in which absolute paths are cut to their last names; relative ones are kept.

    Examples
    --------
    >>> config = TrainingConfig(name="a", data={"images": ["/home/me/images"], "labels": "../masks"})
    >>> portable_config(config).data.images, portable_config(config).data.labels
    (('images',), '../masks')
    """
    data = _portable_source(config.data)
    given = {
        part: _portable_source(source)
        for part, source in (("validation", data.validation), ("test", data.test))
        if isinstance(source, SourceConfig)
    }
    changes: dict[str, Any] = {"data": data.model_copy(update=given)}
    if config.fine_tune is not None:
        changes["fine_tune"] = config.fine_tune.model_copy(update={"model": portable_path(config.fine_tune.model)})
    return config.model_copy(update=changes)


def _portable_source(source: Source) -> Source:
    return source.model_copy(
        update={
            "images": tuple(portable_path(image) for image in source.images),
            "labels": portable_path(source.labels),
            "index": None if source.index is None else portable_path(source.index),
        }
    )


def portable_path(text: str) -> str:
    """Cut an absolute path, of any system, to its last name.

    Examples
    --------
    >>> portable_path("/home/me/images/*.tif"), portable_path("C:\\\\me\\\\masks"), portable_path("../masks")
    ('*.tif', 'masks', '../masks')
    """
    if PureWindowsPath(text).drive or text.startswith("\\"):
        return PureWindowsPath(text).name or "root"
    return PurePosixPath(text).name or "root" if text.startswith(("/", "~")) else text
