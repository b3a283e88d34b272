"""The Java virtual machine of this process: starting it, getting its classes, its errors as ours."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from pybridge.core.errors import ImageJError
from pybridge.imagej.java import JavaHome

JavaObject: TypeAlias = Any
"""An object or a class of Java's; JPype makes their types at run time, so mypy cannot know them."""


def is_running() -> bool:
    """Say whether this process has a running JVM."""
    import jpype

    return bool(jpype.isJVMStarted())


def start_jvm(java: JavaHome, jars: tuple[Path, ...], *, headless: bool = True) -> None:
    """Start the JVM for the embedded ImageJ.

    Raises
    ------
    ImageJError
        If Java cannot be started.
    """
    import jpype

    options = [
        "--add-opens=java.base/java.lang=ALL-UNNAMED",  # ij1-patcher defines changed classes
        f"-Djava.awt.headless={str(headless).lower()}",
        "-Dfile.encoding=UTF-8",
    ]
    if java.version >= 22:
        options.append("--enable-native-access=ALL-UNNAMED")  # else Java prints a warning about JPype
    handlers = _signal_handlers()
    try:
        with _utf8_file_names():
            jpype.startJVM(
                str(java.library),
                *options,
                classpath=[str(jar) for jar in jars],
                interrupt=False,  # Ctrl-C belongs to Python
                convertStrings=False,
            )
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        raise ImageJError(
            f"start Java {java.version} of {str(java.folder)!r}",
            found=str(error),
            do="check that this Java is of the same kind (64 bit, x86 or ARM) as Python, or unset JAVA_HOME",
        ) from error
    for number, handler in handlers.items():
        signal.signal(number, handler)


@contextlib.contextmanager
def _utf8_file_names() -> Iterator[None]:
    """Let Java, which looks at the locale when it starts, take file names as UTF-8, as Python does in any locale.

    Under ``LC_ALL=C`` it could otherwise open no file with an accent in its path, and not start from such a folder.
    """
    named = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    if not sys.platform.startswith("linux") or "utf" in named.lower():
        yield
        return
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def _signal_handlers() -> dict[int, Any]:
    """Give Python's handlers of the signals that end a process: JPype puts its own there, and the one for SIGTERM
    crashes the interpreter. Only the main thread can put them back."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    names = ("SIGTERM", "SIGHUP", "SIGINT")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    return {number: signal.getsignal(number) for number in numbers if signal.getsignal(number) is not None}


def java_class(name: str) -> JavaObject:
    """Give a Java class by its full name.

    Raises
    ------
    ImageJError
        If the JVM does not have it.
    """
    import jpype

    try:
        return jpype.JClass(name)
    except TypeError as error:
        raise ImageJError(
            f"use the Java class {name!r}",
            found=str(error),
            do="start ImageJ with pybridge.imagej.start(), before anything else starts Java",
        ) from error


def has_class(name: str) -> bool:
    """Say whether the JVM knows a class."""
    import jpype

    try:
        jpype.JClass(name)
    except TypeError:
        return False
    return True


@contextlib.contextmanager
def java_errors(asked: str) -> Iterator[None]:
    """Let a Java exception inside the block surface as ``ImageJError``, with the message that it has in Java.

    Parameters
    ----------
    asked : str
        What the caller wanted, for the message.
    """
    import jpype

    try:
        yield
    except jpype.JException as error:
        raise ImageJError(
            asked, found=java_text(error), do="see Java's own message; its stack trace is in this error's __cause__"
        ) from error


def java_text(error: JavaObject) -> str:
    """Name a Java exception, and the deepest cause that has something to say."""
    deepest = error
    while deepest.getCause() is not None:
        deepest = deepest.getCause()
    message = deepest.getMessage()
    kind = str(deepest.getClass().getSimpleName())
    return f"{kind}: {message}" if message is not None else f"Java raised {kind}"
