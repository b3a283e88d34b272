"""``pybridge fiji status``: what is in a Fiji, compared with what this PyBridge would put there."""

from __future__ import annotations

import json
from pathlib import Path

from pybridge import __version__
from pybridge.commands.choices import Choices, choices_here
from pybridge.core.errors import list_some
from pybridge.core.findings import Finding
from pybridge.fiji.files import SETTINGS, files_for
from pybridge.fiji.folder import FijiFolder, find_fiji
from pybridge.fiji.manifest import Manifest, read_file, read_manifest

_AGAIN = "run `pybridge fiji install` on it again"


def status(folder: Path, *, choices: Choices | None = None) -> tuple[Finding, ...]:
    """Look into a Fiji; nothing is changed.

    Parameters
    ----------
    folder : Path
        The folder of the Fiji.
    choices : Choices, optional
        Models and devices that the dialogs should offer; default those of this computer.

    Returns
    -------
    tuple of Finding
        ``ok``, ``note`` (something differs) or ``missing`` (PyBridge cannot be used there).

    Raises
    ------
    UsageError
        If the folder holds no Fiji.
    """
    asked = f"look at PyBridge in {str(folder)!r}"
    fiji = find_fiji(folder, asked=asked)
    manifest = read_manifest(fiji, asked=asked)
    parts = [Finding("Fiji", "ok", f"{fiji.path}, ImageJ {fiji.jars['ij']}"), _jython(fiji)]
    if manifest is None:
        parts.append(Finding("PyBridge", "missing", "not installed there", "run `pybridge fiji install` on it"))
        return tuple(parts)
    parts.append(_version(manifest))
    parts += _files(fiji, manifest, choices or choices_here())
    parts.append(_python(fiji))
    return tuple(parts)


def _jython(fiji: FijiFolder) -> Finding:
    if fiji.runs_jython:
        return Finding("Jython", "ok", "there")
    return Finding(
        "Jython", "missing", "jars/ has no Jython", "run Fiji's updater (Help > Update...): every Fiji ships it"
    )


def _version(manifest: Manifest) -> Finding:
    if not manifest.finished:
        return Finding("PyBridge", "missing", "an installation did not come to its end", _AGAIN)
    if manifest.version != __version__:
        return Finding("PyBridge", "note", f"{manifest.version} is installed there, this is {__version__}", _AGAIN)
    return Finding("PyBridge", "ok", manifest.version)


def _files(fiji: FijiFolder, manifest: Manifest, choices: Choices) -> list[Finding]:
    """Compare each file with the manifest, and with what would be installed today."""
    wanted = files_for(fiji, choices=choices, own_jars=manifest.files)
    there = {path: read_file(fiji.path / path) for path in manifest.files}
    missing = [path for path, content in there.items() if content is None]
    changed = [path for path, content in there.items() if content is not None and not manifest.is_ours(path, content)]
    whole = [path for path in there if path not in missing and path not in changed]
    old = [path for path in whole if wanted.get(path) != there[path]]
    new = [path for path in wanted if path not in there]
    findings = [Finding("files", "ok", f"{len(whole)} of {len(there)} are as they were installed")]
    if missing:
        findings.append(Finding("missing", "missing", list_some(missing), _AGAIN))
    if changed:
        findings.append(
            Finding("changed", "note", f"{list_some(changed)} since the installation", f"keep them, or {_AGAIN[4:]}")
        )
    if old or new:
        findings.append(Finding("out of date", "note", list_some([*old, *new]), _AGAIN))
    return findings


def _python(fiji: FijiFolder) -> Finding:
    """See whether the Python of the settings is there."""
    content = read_file(fiji.path / SETTINGS)
    try:
        python = str(json.loads(content or b"")["python"])
    except (ValueError, KeyError, TypeError):
        return Finding("Python", "missing", f"{SETTINGS} cannot be read", _AGAIN)
    if not Path(python).is_file():
        return Finding("Python", "missing", f"{python} is not there: the environment was moved or removed", _AGAIN)
    return Finding("Python", "ok", python)
