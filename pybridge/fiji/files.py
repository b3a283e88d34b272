"""Which files PyBridge puts into a Fiji, and what is in them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pybridge
from pybridge.commands.choices import Choices
from pybridge.commands.script_header import scripts
from pybridge.core.errors import ImageJError
from pybridge.core.label_colours import label_colours
from pybridge.fiji.folder import FijiFolder, jar_name
from pybridge.files.home import shipped_folder

SETTINGS = "config/pybridge/settings.json"
_SCRIPTS = "scripts/Plugins/PyBridge"
_ENDINGS = (".py", ".ijm", ".groovy")
# Of what appose's jar depends on, the parts that its Service and SharedMemory use.
_APPOSE_NEEDS = ("appose", "groovy", "groovy-json", "jna", "jna-platform")


def files_for(fiji: FijiFolder, *, choices: Choices, own_jars: Iterable[str] = ()) -> dict[str, bytes]:
    """Make the content of all files.

    Parameters
    ----------
    fiji : FijiFolder
        Where they go.
    choices : Choices
        The models and devices of the dialogs.
    own_jars : iterable of str
        Libraries that we brought earlier: they are kept, although the Fiji has them now.

    Returns
    -------
    dict of str to bytes
        By the path below the Fiji's folder, with ``/``.

    Raises
    ------
    ImageJError
        If a part of this PyBridge, or a library that has to come from Maven Central, is missing.
    """
    shipped = shipped_folder("fiji-scripts")
    files = {
        path.relative_to(shipped).as_posix(): path.read_bytes()
        for path in sorted(shipped.rglob("*"))
        if path.suffix in _ENDINGS and path.is_file()
    }
    if not files:
        raise ImageJError("put PyBridge into a Fiji", found=f"no {str(shipped)!r}", do="install PyBridge again")
    files |= {f"{_SCRIPTS}/{name}": text.encode() for name, text in scripts(choices).items()}
    for macro in sorted(shipped_folder("macros").glob("*.ijm")):
        files[f"macros/pybridge/{macro.name}"] = macro.read_bytes()
    files["luts/pybridge_labels.lut"] = label_colours().T.tobytes()  # ImageJ's raw form: 256 reds, greens, blues
    files[SETTINGS] = (json.dumps(_settings(), indent=1, ensure_ascii=False) + "\n").encode()
    return files | _appose_jars(fiji, set(own_jars))


def _settings() -> dict[str, object]:
    """Say which Python the worker is, and what its process needs besides."""
    environment = {name: os.environ[name] for name in ("PYBRIDGE_HOME",) if os.environ.get(name)}
    try:
        metadata.version("pybridge")
    except metadata.PackageNotFoundError:  # a checkout that was not installed
        environment["PYTHONPATH"] = str(Path(pybridge.__file__).resolve().parents[1])
    return {"python": sys.executable, "pybridge": pybridge.__version__, "environment": environment}


def _appose_jars(fiji: FijiFolder, own: set[str]) -> dict[str, bytes]:
    """Fetch the libraries of the worker's protocol that this Fiji lacks."""
    if all(name in fiji.jars and f"jars/{name}-{fiji.jars[name]}.jar" not in own for name in _APPOSE_NEEDS):
        return {}
    from pybridge.imagej.jars import APPOSE, embedded_jars

    found = {}
    for jar in embedded_jars(APPOSE):
        name, path = jar_name(jar), f"jars/{jar.name}"
        if name in _APPOSE_NEEDS and (name not in fiji.jars or path in own):
            found[path] = jar.read_bytes()
    return found
