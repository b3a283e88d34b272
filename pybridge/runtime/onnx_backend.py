"""onnxruntime itself, behind the small classes of ``backend``.

The only module of the package that imports onnxruntime, inside functions: it takes half a second.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from pybridge.core import progress
from pybridge.runtime.backend import CUDA, NetworkError, Port, Session
from pybridge.runtime.binding import BindingPlace, BoundSession
from pybridge.runtime.gpus import Gpu, driver_version, list_gpus
from pybridge.runtime.threads import usable_threads

_lock = threading.Lock()

_DTYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(uint8)": "uint8",
    "tensor(int8)": "int8",
    "tensor(uint16)": "uint16",
    "tensor(int16)": "int16",
    "tensor(int32)": "int32",
    "tensor(uint32)": "uint32",
    "tensor(int64)": "int64",
    "tensor(uint64)": "uint64",
    "tensor(bool)": "bool",
}


def _port(argument: Any) -> Port:
    shape = tuple(size if isinstance(size, int) and size > 0 else None for size in argument.shape)
    return Port(argument.name, _DTYPES.get(argument.type, argument.type), shape)


class OnnxSession:
    """A session of onnxruntime that never changes its provider behind our back.

    With ``place``, inputs lie in buffers that are kept there from run to run.
    """

    def __init__(self, session: Any, *, place: BindingPlace | None = None) -> None:
        self._session = session
        self._bound = None if place is None else BoundSession(_onnxruntime(), session, place)
        self._inputs = tuple(_port(each) for each in session.get_inputs())
        self._outputs = tuple(_port(each) for each in session.get_outputs())

    @property
    def inputs(self) -> tuple[Port, ...]:
        """What it takes."""
        return self._inputs

    @property
    def outputs(self) -> tuple[Port, ...]:
        """What it gives."""
        return self._outputs

    def providers(self) -> tuple[str, ...]:
        """Execution providers that the session really has, in order."""
        return tuple(self._session.get_providers())

    def run(self, feeds: Mapping[str, NDArray[Any]], *, release: bool = False) -> list[NDArray[Any]]:
        """Run the network once; ``release`` gives the memory of its inner layers back afterwards."""
        options = _onnxruntime().RunOptions()
        if release:
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        try:
            # One run may take many seconds: a cancel ends it between two layers.
            with progress.stopping(lambda: setattr(options, "terminate", True)), _translated():
                if self._bound is not None:
                    return self._bound.run(feeds, options)
                found: list[NDArray[Any]] = self._session.run(None, dict(feeds), options)
        except NetworkError:
            progress.check_cancelled()  # then onnxruntime's error says no more than that
            raise
        return found


class OnnxBackend:
    """onnxruntime as it is installed here."""

    def available_providers(self) -> tuple[str, ...]:
        """Providers that this onnxruntime was built with; not a promise that they load."""
        return tuple(_onnxruntime().get_available_providers())

    def preload(self) -> tuple[str, ...]:
        """Load CUDA's libraries; give the complaints."""
        runtime = _onnxruntime()
        if not hasattr(runtime, "preload_dlls"):
            return ()
        # It prints its complaints, and stdout may be the worker's wire.
        said = io.StringIO()
        with _lock, contextlib.redirect_stdout(said):
            try:
                runtime.preload_dlls()
            except (OSError, RuntimeError) as error:
                said.write(f"{error}\n")
        return tuple(line for line in said.getvalue().splitlines() if line.startswith("Failed"))

    def missing_library(self) -> str:
        """Say why the CUDA provider's own library cannot be loaded; empty when it can."""
        capi = Path(_onnxruntime().__file__).parent / "capi"
        for name in ("libonnxruntime_providers_cuda.so", "onnxruntime_providers_cuda.dll"):
            if (capi / name).is_file():
                try:
                    ctypes.CDLL(str(capi / name))
                except OSError as error:
                    # The provider's own symbols come from onnxruntime itself; only a missing file is a finding.
                    return "" if "undefined symbol" in str(error) else str(error)
                return ""
        return "this onnxruntime has no CUDA provider"

    def gpus(self) -> tuple[Gpu, ...]:
        """NVIDIA GPUs that the driver shows."""
        return list_gpus()

    def driver(self) -> str:
        """Version of the NVIDIA driver; empty without one."""
        return driver_version()

    def open(self, path: Path, providers: Sequence[tuple[str, Mapping[str, str]]]) -> Session:
        """Open a session."""
        runtime = _onnxruntime()
        options = runtime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = usable_threads()
        options.inter_op_num_threads = 1
        # Threads that wait for the next run would take the cores from decoding and writing.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        chosen = [(name, dict(settings)) for name, settings in providers]
        with _translated():
            session = runtime.InferenceSession(
                str(path),
                sess_options=options,
                providers=[name for name, _ in chosen],
                provider_options=[settings for _, settings in chosen],
                enable_fallback=0,
            )
        return OnnxSession(session, place=_place_of(session, chosen))


def _place_of(session: Any, chosen: Sequence[tuple[str, Mapping[str, str]]]) -> BindingPlace | None:
    """Say where to keep input buffers: on the GPU that the session really got; None on the CPU."""
    if CUDA not in session.get_providers():
        return None
    settings = dict(chosen).get(CUDA, {})
    return BindingPlace("cuda", int(settings.get("device_id", 0)))


def _onnxruntime() -> Any:
    # Recent wheels report usage to their maker and keep files for it in the user's cache; whoever wants that may set
    # the variable to 0.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    # Native log lines would land on the user's terminal; what matters is read back and said in our own words.
    onnxruntime.set_default_logger_severity(4)
    return onnxruntime


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    names = (
        "Fail",
        "InvalidArgument",
        "NoSuchFile",
        "NoModel",
        "EngineError",
        "RuntimeException",
        "InvalidProtobuf",
        "ModelLoaded",
        "NotImplemented",
        "InvalidGraph",
        "EPFail",
        "ModelRequiresCompilation",
        "ModelLoadCanceled",
        "NotFound",
    )
    own = tuple(getattr(state, name) for name in names if hasattr(state, name))
    try:
        yield
    except (*own, RuntimeError, ValueError, MemoryError, OSError) as error:
        raise NetworkError(type(error).__name__, str(error)) from error
