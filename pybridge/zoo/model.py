"""What a model is: its tensors, axes, weights and PyBridge's own settings, as frozen values. Imports core only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from pybridge.core.record import ModelUsed
from pybridge.zoo.processing import Sigmoid, Step


@dataclass(frozen=True, slots=True)
class FixedSize:
    """An axis of exactly ``size`` elements."""

    size: int


@dataclass(frozen=True, slots=True)
class SteppedSize:
    """An axis of ``minimum + n · step`` elements, n = 0, 1, 2, …"""

    minimum: int
    step: int


@dataclass(frozen=True, slots=True)
class TiedSize:
    """An axis of ``size(tensor, axis) · scale + offset`` elements, rounded down."""

    tensor: str
    axis: str
    scale: float = 1.0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FreeSize:
    """An axis whose length is only known after the network has run, or does not matter (batch)."""

    minimum: int = 1
    maximum: int | None = None


Size: TypeAlias = FixedSize | SteppedSize | TiedSize | FreeSize

_LETTERS = {"batch": "B", "channel": "C", "time": "T", "index": "I"}


@dataclass(frozen=True, slots=True)
class AxisSpec:
    """One axis of a tensor.

    Parameters
    ----------
    id : str
        Name in the description, for example ``"y"`` or ``"channel"``.
    kind : str
        ``batch``, ``channel``, ``space``, ``time`` or ``index``.
    size : FixedSize, SteppedSize, TiedSize or FreeSize
        The lengths that the network takes or gives.
    halo : int
        Border of an output, in its own pixels, that the description wants cropped from both sides of a tile.
    channel_names : tuple of str
        One for each channel, or empty.
    """

    id: str
    kind: str
    size: Size
    halo: int = 0
    channel_names: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """One upper-case letter: B, C, T, I, or Z, Y, X for space."""
        return self.id.upper() if self.kind == "space" else _LETTERS[self.kind]


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file of the model folder, by its name inside it, and the SHA-256 that the description gives (or None)."""

    name: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output tensor: axes in the network's order, type, steps before or after the network.

    ``steps`` are preprocessing for an input and postprocessing for an output.
    """

    id: str
    axes: tuple[AxisSpec, ...]
    dtype: str = "float32"
    steps: tuple[Step, ...] = ()
    test_tensor: FileRef | None = None
    description: str = ""
    optional: bool = False
    data_range: tuple[float | None, float | None] | None = None

    @property
    def letters(self) -> str:
        """The axes as one letter each, for example ``"BCYX"``."""
        return "".join(axis.letter for axis in self.axes)

    def axis(self, letter: str) -> AxisSpec | None:
        """Find an axis by its letter; None when the tensor does not have it."""
        return next((axis for axis in self.axes if axis.letter == letter), None)


@dataclass(frozen=True, slots=True)
class DecoderSpec:
    """Which decoder turns the tensors into labels, with the model's default parameters.

    ``parameters`` holds further numbers that only this decoder knows, by name.
    """

    name: str
    probability: float = 0.5
    overlap: float = 0.5
    min_size: int = 0
    parameters: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class PyBridgeConfig:
    """The ``config.pybridge`` block of a description.

    The mappings have keys that are data, or settings that another room checks; they are written out as they are.
    ``network`` and ``training`` are what fine-tuning starts from: settings of the torch network and of its training.
    """

    task: str | None = None
    decoder: DecoderSpec | None = None
    channel: str | None = None
    training_profile: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """A model whose description was validated and whose files were checked.

    Parameters
    ----------
    id : str
        Short name that users type.
    folder : Path
        Where its files lie.
    weights : Path
        The ONNX file.
    sha256 : str
        Hash of the weights: of the ONNX file, or, when it names external data, of the list of all hashes.
    inputs, outputs : tuple of TensorSpec
        In the order of the description.
    opset : int
        Version of ONNX's default operator set that the weights need.
    config : PyBridgeConfig
        PyBridge's own block.
    torch_weights : FileRef or None
        The torch state dict, from which fine-tuning can start; not looked at when the model is found.
    """

    id: str
    name: str
    version: str
    description: str
    license: str
    cite: tuple[str, ...]
    authors: tuple[str, ...]
    source: str
    format_version: str
    folder: Path
    weights: Path
    sha256: str
    weights_bytes: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    opset: int
    config: PyBridgeConfig = field(default_factory=PyBridgeConfig)
    tags: tuple[str, ...] = ()
    timestamp: str = ""
    torch_weights: FileRef | None = None

    def used(self) -> ModelUsed:
        """Describe the model for the run record."""
        return ModelUsed(
            id=self.id,
            version=self.version,
            sha256=self.sha256,
            license=self.license,
            cite=self.cite,
            source=self.source,
        )

    @property
    def decoder(self) -> DecoderSpec | None:
        """The decoder that the model names; ``foreground`` for one channel of probabilities; None otherwise."""
        if self.config.decoder is not None or self.config.task not in (None, "segment"):
            return self.config.decoder
        if len(self.outputs) != 1 or self.channels_of(self.outputs[0]) != 1 or "Y" not in self.outputs[0].letters:
            return None
        output = self.outputs[0]
        bounded = output.data_range in ((0.0, 1.0), (0, 1)) or any(isinstance(step, Sigmoid) for step in output.steps)
        return DecoderSpec("foreground") if bounded else None

    @staticmethod
    def channels_of(tensor: TensorSpec) -> int:
        """Number of channels of a tensor; 1 when it has no channel axis."""
        axis = tensor.axis("C")
        return axis.size.size if axis is not None and isinstance(axis.size, FixedSize) else 1

    @property
    def spatial(self) -> str:
        """Spatial letters of the first input in the order ``ZYX``, for example ``"YX"``."""
        letters = self.inputs[0].letters
        return "".join(letter for letter in "ZYX" if letter in letters)

    @property
    def channels(self) -> int:
        """Number of channels that the first input takes."""
        return self.channels_of(self.inputs[0])
