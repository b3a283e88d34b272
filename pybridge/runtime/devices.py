"""From ``auto``, ``cpu``, ``cuda`` or ``cuda:N`` to a session whose provider was read back and tried.

``"cuda"`` means CUDA or an error; only ``"auto"`` may fall back, and it says so. onnxruntime's list of providers says
what it was built with, and a session asked for CUDA silently runs on the CPU when a library is missing: so nothing is
believed but ``session.get_providers()`` and one inference.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import DeviceError, DeviceMemoryError, ModelError, UsageError
from pybridge.core.record import DeviceUsed
from pybridge.runtime.backend import CPU, CUDA, Backend, NetworkError, Session
from pybridge.runtime.onnx_backend import OnnxBackend
from pybridge.runtime.threads import cpu_name

_log = logging.getLogger("pybridge.runtime")

_INSTALL = "install what CUDA needs with `pip install 'pybridge[cuda]'`, or use device=cpu"
# Heuristic: an exhaustive search of algorithms costs seconds for each new tile shape, and tiles have one shape.
# No TensorFloat-32: ten bits after the point are too few for the model's own test tensors.
_CUDA_OPTIONS = {
    "cudnn_conv_algo_search": "HEURISTIC",
    "arena_extend_strategy": "kSameAsRequested",
    "use_tf32": "0",
}


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """A device text that was understood: ``kind`` is ``auto``, ``cpu`` or ``cuda``; ``index`` counts GPUs."""

    text: str
    kind: str
    index: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class VerifiedSession:
    """A session that has run once on the device named in ``device``; ``warnings`` say what was not to be had."""

    session: Session
    device: DeviceUsed
    warnings: tuple[str, ...] = ()


def parse_device(text: str) -> DeviceRequest:
    """Understand a device text.

    Raises
    ------
    UsageError
        If it is none of ``auto``, ``cpu``, ``cuda``, ``cuda:N``.

    Examples
    --------
    >>> parse_device("cuda:1")
    DeviceRequest(text='cuda:1', kind='cuda', index=1)
    """
    cleaned = text.strip().lower()
    if cleaned in ("auto", "cpu", "cuda"):
        return DeviceRequest(cleaned, cleaned)
    numbered = re.fullmatch(r"cuda:(\d{1,3})", cleaned)
    if numbered is None:
        raise UsageError(f"device={text!r}", found="no such device", do="choose one of 'auto', 'cpu', 'cuda', 'cuda:N'")
    return DeviceRequest(cleaned, "cuda", int(numbered.group(1)))


def list_devices(*, backend: Backend | None = None) -> tuple[str, ...]:
    """List the device texts that are worth trying here: the CPU, and each GPU that the driver shows.

    Examples
    --------
    >>> list_devices()[0]
    'cpu'
    """
    known = backend or OnnxBackend()
    gpus = known.gpus() if CUDA in known.available_providers() else ()
    return ("cpu", *(f"cuda:{gpu.index}" for gpu in gpus))


def open_verified(
    path: Path, request: DeviceRequest, *, backend: Backend, probe: Callable[[Session], None]
) -> VerifiedSession:
    """Open a network on the device asked for, read back what came, and run it once.

    Parameters
    ----------
    path : Path
        The ONNX file.
    request : DeviceRequest
        What the user asked for.
    backend : Backend
        onnxruntime, or a stand-in.
    probe : callable
        Runs the session once on a small input.

    Raises
    ------
    DeviceError
        If CUDA was asked for by name and does not run here; the message says what could be loaded.
    ModelError
        If onnxruntime cannot run this network at all.
    """
    if request.kind == "cpu":
        return VerifiedSession(_open_cpu(path, backend, probe), _cpu_used(request))
    try:
        return _open_cuda(path, request, backend=backend, probe=probe)
    except DeviceError as error:
        if request.kind == "cuda":
            raise
        session = _open_cpu(path, backend, probe)
        warnings: tuple[str, ...] = ()
        if backend.gpus():
            warnings = (f"device=auto took the CPU although there is a GPU: {error.found}; to use it, {error.do}",)
            _log.warning(warnings[0])
        else:
            _log.info("device=auto took the CPU: %s", error.found)
        return VerifiedSession(session, _cpu_used(request), warnings)


def _open_cuda(
    path: Path, request: DeviceRequest, *, backend: Backend, probe: Callable[[Session], None]
) -> VerifiedSession:
    asked = f"run on device={request.text!r}"
    built = backend.available_providers()
    if CUDA not in built:
        raise DeviceError(asked, found=f"this onnxruntime has only {', '.join(built)}", do=_INSTALL)
    gpus = backend.gpus()
    if request.kind == "auto" and not gpus:
        raise DeviceError(asked, found="the NVIDIA driver shows no GPU", do=_INSTALL)
    if gpus and request.index >= len(gpus):
        listed = ", ".join(f"cuda:{gpu.index} ({gpu.name})" for gpu in gpus)
        raise DeviceError(asked, found=f"there is no GPU {request.index}, only {listed}", do="choose one of these")
    complaints = backend.preload()
    settings = _CUDA_OPTIONS | {"device_id": str(request.index)}
    try:
        session = backend.open(path, ((CUDA, settings), (CPU, {})))
    except NetworkError as error:
        if _is_about_model(error):
            raise _cannot_run(path, error) from None
        raise DeviceError(asked, found=error.first_line, do=_INSTALL) from None
    got = session.providers()
    if CUDA not in got:
        raise DeviceError(
            asked,
            found="; ".join(
                _unique([f"onnxruntime could only load {', '.join(got)}", *_why(backend, complaints, gpus)])
            ),
            do=_INSTALL,
        )
    try:
        probe(session)
    except NetworkError as error:
        if error.out_of_memory:
            raise DeviceMemoryError(
                asked,
                found=f"too little memory even for one small tile: {error.first_line}",
                do="free GPU memory, or use device=cpu",
            ) from None
        raise DeviceError(asked, found=f"the first inference failed: {error.first_line}", do=_INSTALL) from None
    name = gpus[request.index].name if gpus else ""
    used = f"cuda:{request.index}"
    _log.info("running on %s %s", used, name)
    return VerifiedSession(session, DeviceUsed(request.text, used, CUDA, name, backend.driver()))


def _why(backend: Backend, complaints: tuple[str, ...], gpus: tuple[object, ...]) -> list[str]:
    missing = backend.missing_library()
    reasons = [] if gpus else ["the NVIDIA driver shows no GPU"]
    if missing:
        reasons.append(missing)
    return reasons + [line.removeprefix("Failed to load ").split(": ", 1)[-1] for line in complaints]


def _open_cpu(path: Path, backend: Backend, probe: Callable[[Session], None]) -> Session:
    try:
        session = backend.open(path, ((CPU, {}),))
        probe(session)
    except NetworkError as error:
        if error.out_of_memory:
            raise DeviceMemoryError(
                f"run {path.name!r}",
                found=f"too little memory for one small tile: {error.first_line}",
                do="free some memory",
            ) from None
        raise _cannot_run(path, error) from None
    return session


def _cpu_used(request: DeviceRequest) -> DeviceUsed:
    return DeviceUsed(request.text, "cpu", CPU, cpu_name(), "")


_MODEL_FAULTS: Mapping[str, str] = {
    "InvalidProtobuf": "the file is truncated or no ONNX",
    "InvalidGraph": "the graph is not valid",
    "NotImplemented": "it has an operator that onnxruntime lacks",
    "NoSuchFile": "the file is missing",
    "InvalidArgument": "it does not take what its description says",
}


def _is_about_model(error: NetworkError) -> bool:
    return error.kind in _MODEL_FAULTS or _is_too_new(error)


def _is_too_new(error: NetworkError) -> bool:
    return any(sign in str(error).lower() for sign in ("opset", "ir version", "ir_version"))


def _cannot_run(path: Path, error: NetworkError) -> ModelError:
    if _is_too_new(error):
        reason, do = "it is newer than this onnxruntime", "update onnxruntime, or export the model with an older opset"
    else:
        reason = _MODEL_FAULTS.get(error.kind, "onnxruntime cannot run it")
        do = "get the model again, or tell its author"
    return ModelError(f"run the network {path.name!r}", found=f"{reason}: {error.first_line}", do=do)


def _unique(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in texts if text.strip()))
