"""The doctor: what is here, what is used, what to do. ``pybridge.doctor()`` and ``run("PyBridge Doctor")``."""

from __future__ import annotations

import os

from pybridge.core.errors import ImageJError, UsageError
from pybridge.core.findings import Finding, findings_to_lines
from pybridge.imagej.jars import EMBEDDED, are_fetched
from pybridge.imagej.java import OLDEST_JAVA, find_java
from pybridge.imagej.jvm import has_class, is_running, java_class
from pybridge.tasks.examine import examine_engine

NAME = "PyBridge Doctor"


def doctor() -> tuple[Finding, ...]:
    """Look at Java, ImageJ, Python, onnxruntime and the devices; one inference runs on each device.

    Nothing is fetched and no JVM is started: ImageJ is looked at as it is.

    Returns
    -------
    tuple of Finding
        One for each part; ``state`` is ``ok``, ``note`` or ``missing``.

    Examples
    --------
    >>> import pybridge
    >>> {finding.state for finding in pybridge.doctor()} <= {"ok", "note", "missing"}
    True
    """
    return (_java(), _imagej(), *examine_engine())


def report_to_log(options: str | None) -> None:
    """Answer ``run("PyBridge Doctor")``: the findings go to ImageJ's Log."""
    if options:
        raise UsageError(f'run("{NAME}", "{options}")', found="it takes no options", do=f'write run("{NAME}", "")')
    for line in findings_to_lines(doctor()):
        java_class("ij.IJ").log(line)


def _java() -> Finding:
    try:
        java = find_java()
    except ImageJError as error:
        return Finding("Java", "missing", error.found, error.do)
    found = f"Java {java.version} of {java.source}, {java.folder}"
    named = os.environ.get("JAVA_HOME", "").strip()
    if named and java.source != "JAVA_HOME":
        return Finding(
            "Java",
            "note",
            f"{found}; JAVA_HOME={named!r} cannot be used",
            f"let JAVA_HOME point to a Java {OLDEST_JAVA} or newer, or unset it",
        )
    return Finding("Java", "ok", found)


def _imagej() -> Finding:
    if is_running() and not has_class("ij.IJ"):
        return Finding(
            "ImageJ",
            "note",
            "Java runs in this process already, without ImageJ",
            "call pybridge.imagej.start() before anything else starts Java (scyjava, jpype)",
        )
    if is_running():
        return Finding("ImageJ", "ok", f"{java_class('ij.IJ').getVersion()}, running")
    if are_fetched():
        return Finding("ImageJ", "ok", f"{EMBEDDED[0].rpartition(':')[2]}, fetched before")
    return Finding(
        "ImageJ",
        "note",
        "not fetched yet",
        "the first macro, or pybridge.imagej.start(), fetches it from Maven Central: be online then",
    )
