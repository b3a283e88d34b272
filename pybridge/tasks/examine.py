"""Look at the engine's environment: Python, onnxruntime, devices, models, folders. What the doctor says of them.

Imports zoo, runtime, files and core.
"""

from __future__ import annotations

import platform
import tempfile
import time
from importlib import metadata

from pybridge import __version__
from pybridge.core.errors import PyBridgeError
from pybridge.core.findings import Finding

_WHEELS = ("onnxruntime", "onnxruntime-gpu")
_PROBE_MODEL = "nuclei-fluo"


def examine_engine() -> tuple[Finding, ...]:
    """Look at everything but Java and ImageJ, with one inference on each device.

    Examples
    --------
    >>> any(finding.part == "device cpu" for finding in examine_engine())
    True
    """
    return (
        Finding("PyBridge", "ok", __version__),
        Finding("Python", "ok", f"{platform.python_version()}, {platform.platform()}"),
        _home(),
        _onnxruntime(),
        *_models(),
        *_devices(),
    )


def _home() -> Finding:
    from pybridge.files.home import home_folder

    folder = home_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            "PYBRIDGE_HOME",
            "missing",
            f"{folder} cannot be written: {error.strerror}",
            "make it writable, or set PYBRIDGE_HOME to a folder that is",
        )
    return Finding("PYBRIDGE_HOME", "ok", str(folder))


def _onnxruntime() -> Finding:
    installed = {name: version for name in _WHEELS if (version := _version(name)) is not None}
    text = ", ".join(f"{name} {version}" for name, version in installed.items())
    if not installed:
        return Finding("onnxruntime", "missing", "not installed", "pip install pybridge again")
    if len(installed) == 2:
        # Both put their files into one folder: which one runs is chance.
        return Finding(
            "onnxruntime",
            "note",
            f"{text}: the two overwrite each other's files",
            "pip uninstall both, then pip install onnxruntime-gpu (or onnxruntime where there is no GPU)",
        )
    return Finding("onnxruntime", "ok", text)


def _models() -> list[Finding]:
    from pybridge.zoo import list_entries

    entries = list_entries()
    whole = [entry.id for entry in entries if entry.model is not None]
    findings = [
        Finding(f"model {entry.id}", "note", entry.problem, "add it again, or remove it")
        for entry in entries
        if entry.model is None
    ]
    if not whole:
        return [Finding("models", "missing", "no usable model", "install PyBridge again, or add a model"), *findings]
    return [Finding("models", "ok", ", ".join(whole)), *findings]


def _devices() -> list[Finding]:
    from pybridge.runtime import list_devices

    findings = [_device(device) for device in list_devices()]
    if len(findings) == 1:
        findings.append(_device("cuda"))
    return findings


def _device(device: str) -> Finding:
    """Open a model on one device; opening ends with one inference."""
    from pybridge import zoo
    from pybridge.runtime import open_predictor

    start = time.perf_counter()
    try:
        used = open_predictor(zoo.find(_PROBE_MODEL), device=device).device
    except PyBridgeError as error:
        wanted = "note" if device.startswith("cuda") else "missing"
        return Finding(f"device {device}", wanted, error.found, error.do)
    took_s = time.perf_counter() - start
    driver = f", driver {used.driver}" if used.driver else ""
    return Finding(
        f"device {device}", "ok", f"{used.name}{driver}: one inference by {used.provider}, opened in {took_s:.1f} s"
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
