"""What the dialogs of commands ask for and offer, in Fiji's menu and in an ImageJ that Python started.

Imports core; the catalogue and the devices inside functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pybridge.commands.declaration import Command, Parameter
from pybridge.commands.segment import Segment
from pybridge.commands.train import Train
from pybridge.core.baseline_names import DENOISING, FOREST, PREFIX, SEGMENTING, THRESHOLDS

_LABELS = {
    "rois": "ROIs",
    "truth": "Ground truth (open title or path)",
    "from": "Model to start from",
    "path": "Image file",
    "record": "Record file",
    "images": "Folder of images",
    "index": "Index table",
    "config": "Configuration",
}
_IMAGE_LABELS = {"truth": "Ground truth", "raw": "Raw image"}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a dialog lets people choose from.

    Parameters
    ----------
    segmenting, predicting, trainable : tuple of str
        Models: that find objects, that can be run at all, that a training can start from. The first is preset.
    devices : tuple of str
        Devices besides ``auto``.
    """

    segmenting: tuple[str, ...] = ("nuclei-fluo",)
    predicting: tuple[str, ...] = ("nuclei-fluo",)
    trainable: tuple[str, ...] = ("nuclei-fluo",)
    devices: tuple[str, ...] = ("cpu", "cuda")

    def models_for(self, command: type[Command]) -> tuple[str, ...]:
        """Give the models that suit a command, then the classical methods that do."""
        if command is Train:
            return (*self.trainable, PREFIX + FOREST)
        models, classical = (self.segmenting, SEGMENTING) if command is Segment else (self.predicting, DENOISING)
        return (*models, *(PREFIX + name for name in classical))

    def offered(self, declared: Parameter, command: type[Command]) -> tuple[str, ...]:
        """Give the values of a parameter to choose from; none when it is typed.

        Examples
        --------
        >>> Choices().offered(Segment.parameter_of("device"), Segment)
        ('auto', 'cpu', 'cuda')
        """
        if declared.many:
            return ()
        if declared.key in ("model", "from"):
            models = self.models_for(command)
            return models if declared.required or not models else (models[0], "", *models[1:])
        return ("auto", *self.devices) if declared.key == "device" else declared.choices


SHIPPED = Choices()
"""What the scripts under ``fiji-scripts/`` offer; an installation offers what is on that computer."""
COMPARED = (SHIPPED.segmenting[0], PREFIX + THRESHOLDS[0], PREFIX + FOREST)
"""What stands at first in a field that takes several methods."""


def choices_here() -> Choices:
    """Find the models and devices of this computer; what comes with PyBridge is first, so that it is preset."""
    from pybridge.runtime import list_devices
    from pybridge.zoo import list_models

    models = list_models()
    preset = SHIPPED.segmenting[0]

    def first(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=lambda name: (name != preset, name)))

    gpus = tuple(device for device in list_devices() if device.startswith("cuda"))
    return Choices(
        segmenting=first(model.id for model in models if model.decoder is not None),
        predicting=first(model.id for model in models),
        trainable=first(model.id for model in models if model.config.training and model.torch_weights is not None),
        devices=("cpu", *(("cuda", *gpus) if gpus else ())),
    )


def dialog_parameters(command: type[Command]) -> tuple[Parameter, ...]:
    """List the parameters that a dialog asks for: those that macros know."""
    return tuple(each for each in command.parameters() if "macro" in each.doors)


def preset_of(declared: Parameter, offered: tuple[str, ...]) -> str:
    """Give what stands in a field at first: the default, else the first value offered, so that OK works at once."""
    if declared.many:
        return ",".join(declared.default if isinstance(declared.default, tuple) and declared.default else COMPARED)
    default = "" if declared.default is None else str(declared.default)
    return default if not offered or (default and default in offered) else offered[0]


def label_of(declared: Parameter) -> str:
    """Give the words beside a field.

    Examples
    --------
    >>> label_of(Segment.parameter_of("min_size")), label_of(Segment.parameter_of("rois"))
    ('Min size (empty: default)', 'ROIs')
    """
    known = _IMAGE_LABELS if declared.image else _LABELS
    label = known.get(declared.key, declared.key.replace("_", " ").capitalize())
    if declared.many:
        label = f"{label}s (comma list)"
    # A number that is "as the model says" by default is typed: a field for numbers cannot be empty.
    return f"{label} (empty: default)" if declared.kind in (int, float) and declared.default is None else label
