"""Starting ImageJ, or joining one that runs: the embedded ImageJ, a Fiji folder, or an endpoint of PyImageJ."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from pybridge.core.errors import ImageJError
from pybridge.imagej.ending import end_with_python
from pybridge.imagej.gateway import Gateway
from pybridge.imagej.jars import embedded_jars
from pybridge.imagej.java import find_java
from pybridge.imagej.jvm import has_class, is_running, java_class, start_jvm
from pybridge.imagej.window import open_window

_gateway: Gateway | None = None
_started_from: str | None = None
_starting = threading.Lock()


def start(endpoint_or_folder: str | os.PathLike[str] | None = None, *, gui: bool = False) -> Gateway:
    """Start ImageJ in this process; a second call returns the gateway that runs.

    Parameters
    ----------
    endpoint_or_folder : str or path, optional
        Nothing for the embedded ImageJ 1.54p, which the first start fetches from Maven Central. A Fiji folder or an
        endpoint such as ``"sc.fiji:fiji"`` is started through PyImageJ.
    gui : bool
        Show ImageJ's window, with the commands of PyBridge in Plugins > PyBridge; needs a display. Default headless.

    Returns
    -------
    Gateway
        The gateway to it.

    Raises
    ------
    ImageJError
        If Java or ImageJ cannot be had, Java already runs in this process without ImageJ, or there is no display.
    """
    global _gateway, _started_from
    if gui and not is_running():
        _check_display()
    with _starting:
        wanted = None if endpoint_or_folder is None else os.fspath(endpoint_or_folder)
        if is_running() and wanted not in (None, _started_from):
            raise ImageJError(
                f"start ImageJ from {wanted!r}",
                found=f"Java runs in this process already, with {_started_from or 'another ImageJ'!r}",
                do="use start() or attach(ij) for the one that runs, or a process of its own: Java starts once only",
            )
        if _gateway is None:
            if is_running():
                _gateway = _join_running("start ImageJ")
            elif wanted is None:
                _gateway = _start_embedded(gui=gui)
            else:
                _gateway = _start_with_pyimagej(wanted, gui=gui)
                _started_from = wanted
        if gui and not _gateway.has_window:
            raise ImageJError(
                "start ImageJ with gui=True",
                found="ImageJ runs headless in this process already",
                do="use a process of its own: Java starts once only, with a window or without",
            )
        return _gateway


def attach(ij: Any) -> Gateway:
    """Use the ImageJ that the user's own ``imagej.init`` started.

    Parameters
    ----------
    ij : object
        What ``imagej.init`` returned.

    Returns
    -------
    Gateway
        The gateway to it; a second call returns the same.

    Raises
    ------
    ImageJError
        If no Java runs, or it runs without ImageJ.
    """
    global _gateway
    with _starting:
        if not is_running():
            raise ImageJError(
                "attach to ImageJ", found="no Java runs in this process", do="call imagej.init(…) first, or start()"
            )
        if _gateway is None:
            _gateway = _join_running("attach to ImageJ", ij)
        elif ij is not None:
            _gateway.imagej2 = ij
        return _gateway


def forget(gateway: Gateway) -> None:
    """Let the next start make a new gateway; called by ``Gateway.close``."""
    global _gateway
    if _gateway is gateway:
        _gateway = None


def _check_display() -> None:
    asked = "start ImageJ with gui=True"
    if sys.platform == "darwin":
        raise ImageJError(
            asked,
            found="macOS gives windows to a process' main thread only, which Python has",
            do="start Fiji yourself (`pybridge fiji install` puts the commands into its menus), or use gui=False",
        )
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        raise ImageJError(
            asked,
            found="there is no display (DISPLAY is not set)",
            do="log in with a desktop, use gui=False, or run it with `xvfb-run -a python …` (Debian: apt install xvfb)",
        )


def _start_embedded(*, gui: bool) -> Gateway:
    start_jvm(find_java(), embedded_jars(), headless=not gui)
    end_with_python()
    if gui:
        open_window()
    else:
        # Before any class of ij is touched: the patches make dialogs read their options in headless mode.
        java_class("net.imagej.patcher.LegacyInjector").preinit()
    return Gateway()


def _join_running(asked: str, ij: Any = None) -> Gateway:
    if not has_class("ij.IJ"):
        raise ImageJError(
            asked,
            found="Java runs in this process already, without ImageJ",
            do="call pybridge.imagej.start() before anything else starts Java (scyjava, jpype)",
        )
    end_with_python()
    return Gateway(ij)


def _start_with_pyimagej(endpoint_or_folder: str, *, gui: bool) -> Gateway:
    asked = f"start ImageJ from {endpoint_or_folder!r}"
    is_folder = os.path.isdir(endpoint_or_folder)
    if not is_folder and ":" not in endpoint_or_folder:
        raise ImageJError(
            asked,
            found="there is no such folder",
            do="give a Fiji folder, an endpoint such as 'sc.fiji:fiji', or nothing for the embedded ImageJ",
        )
    os.environ["JAVA_HOME"] = str(find_java().folder)
    import scyjava

    # Not "never": PyImageJ 1.8.0 fails on it. With JAVA_HOME set, "auto" downloads nothing.
    scyjava.config.set_java_constraints(fetch="auto")
    scyjava.config.add_kwargs(interrupt=False)  # Ctrl-C belongs to Python
    try:
        import imagej

        if is_folder:
            # Importing imglyb added an endpoint that a local folder does not need and that the network may not have.
            scyjava.config.endpoints.clear()
        ij = imagej.init(endpoint_or_folder, mode="interactive" if gui else "headless")
        if gui:
            ij.ui().showUI()
    except Exception as error:  # PyImageJ passes on whatever Maven, Java or the folder threw
        raise ImageJError(
            asked, found=f"{type(error).__name__}: {error}", do="check the folder or endpoint, and the network"
        ) from error
    end_with_python()
    return Gateway(ij)
