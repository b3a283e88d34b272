"""Open networks, kept warm: one for each model file and device, the least recently used closed first."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.runtime.backend import Backend, Session
from pybridge.runtime.devices import VerifiedSession, open_verified, parse_device
from pybridge.runtime.layout import Layout, resolve_layout
from pybridge.runtime.onnx_backend import OnnxBackend
from pybridge.runtime.receptive import Reach, reach_of
from pybridge.zoo.model import Model

MOST_WARM = 4
# Long enough for the pooling of usual networks, short enough to cost nothing.
_PROBE_LENGTH = 32

_log = logging.getLogger("pybridge.runtime")
_Key = tuple[str, ...]
_warm: OrderedDict[_Key, OpenModel] = OrderedDict()
# Held for moments only; opening takes seconds and holds the lock of its own model, so that warm ones do not wait.
_lock = threading.Lock()
_opening: dict[_Key, threading.Lock] = {}


@dataclass(frozen=True, slots=True, eq=False)
class OpenModel:
    """A model with its session, the layout of its tensors (halos and strides measured) and what was measured."""

    verified: VerifiedSession
    layout: Layout
    reach: Reach

    def asked_as(self, text: str) -> OpenModel:
        """Return a copy that says another device was asked for, when one stands in for it."""
        device = dataclasses.replace(self.verified.device, asked=text)
        return dataclasses.replace(self, verified=dataclasses.replace(self.verified, device=device))


def open_model(model: Model, *, device: str, backend: Backend | None = None) -> OpenModel:
    """Open a model on a device, or take the one that is open already.

    Parameters
    ----------
    model : Model
        From ``zoo.find``.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    backend : Backend, optional
        A stand-in for onnxruntime; nothing is kept warm then.

    Raises
    ------
    UsageError, DeviceError, ModelError
        If the device is unknown or cannot run, or the network cannot be run.
    """
    request = parse_device(device)
    if backend is not None:
        return _open(model, device, backend)
    key = (str(model.weights), model.sha256, request.text, repr((model.inputs, model.outputs)))
    found = _take_warm(key)
    if found is not None:
        return found
    with _lock:
        mine = _opening.setdefault(key, threading.Lock())
    with mine:
        found = _take_warm(key)  # another thread may have opened it while this one waited
        if found is None:
            try:
                found = _open(model, device, OnnxBackend())
            finally:
                with _lock:
                    _opening.pop(key, None)
            with _lock:
                _warm[key] = found
                while len(_warm) > MOST_WARM:
                    _warm.popitem(last=False)
    return found


def _take_warm(key: _Key) -> OpenModel | None:
    with _lock:
        found = _warm.get(key)
        if found is not None:
            _warm.move_to_end(key)
        return found


def close_warm(opened: OpenModel) -> None:
    """Let go of one warm session, so that the memory of its device is free when its last user ends."""
    with _lock:
        for key in [key for key, warm in _warm.items() if warm.verified.session is opened.verified.session]:
            del _warm[key]


def close_all() -> None:
    """Close every warm session; those in use end with their last user."""
    with _lock:
        _warm.clear()


def _open(model: Model, device: str, backend: Backend) -> OpenModel:
    def layout_of(session: Session) -> Layout:
        return resolve_layout(model, inputs=session.inputs, outputs=session.outputs)

    def probe(session: Session) -> None:
        run_zeros(session, layout_of(session))

    verified = open_verified(model.weights, parse_device(device), backend=backend, probe=probe)
    layout = layout_of(verified.session)

    def cpu_session() -> Session:
        # GPU libraries may choose algorithms that mix pixels beyond the receptive field; the CPU's do not.
        if verified.device.used == "cpu":
            return verified.session
        return open_verified(model.weights, parse_device("cpu"), backend=backend, probe=probe).session

    reach = reach_of(layout, sha256=model.sha256, session=cpu_session)
    layout = layout.with_reach(reach.halo, reach.stride)
    _log.debug("%s: receptive field %s, stride %s, exact %s", model.id, reach.halo, reach.stride, reach.exact)
    return OpenModel(verified, layout, reach)


def run_zeros(session: Session, layout: Layout) -> list[NDArray[Any]]:
    """Run a session once on a small input of zeros."""
    # A network of one length takes that, however short the probe would be.
    lengths = tuple(rule.minimum if rule.fixed else rule.canvas(_PROBE_LENGTH) for rule in layout.rules)
    if layout.tied:
        lengths = (max(lengths),) * len(lengths)
    return session.run(
        {each.port.name: np.zeros(layout.feed_shape(each, lengths), dtype=each.port.dtype) for each in layout.inputs}
    )
