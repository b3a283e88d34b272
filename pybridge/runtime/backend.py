"""What the runtime asks of onnxruntime: an open network and a few facts. Tests can put a fake in its place.

Imports nothing of onnxruntime; ``onnx_backend`` is the real thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from pybridge.runtime.gpus import Gpu

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a session: name, numpy type, shape with None for open dimensions."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


class NetworkError(Exception):
    """What onnxruntime raised, whose many classes have no base of their own. ``kind`` is the name of its class."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind

    @property
    def out_of_memory(self) -> bool:
        """Whether memory ran out."""
        text = str(self).lower()
        signs = ("out of memory", "failed to allocate memory", "cudaerrormemoryallocation", "bad_alloc", "bfcarena")
        return self.kind == "MemoryError" or any(sign in text for sign in signs)

    @property
    def first_line(self) -> str:
        """Its text, short enough for a message."""
        lines = [line.strip() for line in str(self).splitlines() if line.strip()]
        return (" ".join(lines[:2]) if lines else self.kind)[:400]


class Session(Protocol):
    """An open network."""

    @property
    def inputs(self) -> tuple[Port, ...]:
        """What it takes."""

    @property
    def outputs(self) -> tuple[Port, ...]:
        """What it gives."""

    def providers(self) -> tuple[str, ...]:
        """Execution providers that the session really has, in order."""

    def run(self, feeds: Mapping[str, NDArray[Any]], *, release: bool = False) -> list[NDArray[Any]]:
        """Run the network once; ``release`` gives the memory of its inner layers back afterwards.

        Raises
        ------
        NetworkError
            If onnxruntime fails.
        """


class Backend(Protocol):
    """What the choice of a device needs to know and do."""

    def available_providers(self) -> tuple[str, ...]:
        """Providers that this onnxruntime was built with; not a promise that they load."""

    def preload(self) -> tuple[str, ...]:
        """Load CUDA's libraries; give the complaints."""

    def missing_library(self) -> str:
        """Say why the CUDA provider's own library cannot be loaded; empty when it can."""

    def gpus(self) -> tuple[Gpu, ...]:
        """NVIDIA GPUs that the driver shows."""

    def driver(self) -> str:
        """Version of the NVIDIA driver; empty without one."""

    def open(self, path: Path, providers: Sequence[tuple[str, Mapping[str, str]]]) -> Session:
        """Open a session.

        Raises
        ------
        NetworkError
            If onnxruntime fails.
        """
