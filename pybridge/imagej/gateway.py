"""The gateway: one object through which Python drives ImageJ, however that ImageJ was started."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from pybridge.commands.segment import Segment
from pybridge.core.doors import register_imageplus_reader
from pybridge.core.errors import ImageError, ImageJError
from pybridge.core.image import Image
from pybridge.imagej.commands import macro_commands
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.jars import embedded_jars
from pybridge.imagej.java import find_java
from pybridge.imagej.jvm import JavaObject, end_with_python, has_class, is_running, java_class, start_jvm
from pybridge.imagej.listener import CommandListener
from pybridge.imagej.macro import MacroRunner
from pybridge.imagej.open_image import open_imageplus
from pybridge.imagej.segment import segment_imageplus


class Gateway:
    """ImageJ or Fiji, driven from Python. Made by ``start`` and ``attach``, one for each process.

    Parameters
    ----------
    imagej2 : object or None
        PyImageJ's gateway, when there is one.
    """

    def __init__(self, imagej2: Any = None) -> None:
        self.imagej2 = imagej2
        self._macros = MacroRunner()
        self._listener = CommandListener(macro_commands(), failed=self._macros.failed)
        _initialise_imagej()
        self._listener.register()
        register_imageplus_reader(imageplus_to_image)

    def __enter__(self) -> Gateway:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Gateway(ImageJ {self.version}, Java {self.java_version})"

    @property
    def version(self) -> str:
        """ImageJ's version, for example ``"1.54p"``."""
        return str(java_class("ij.IJ").getVersion())

    @property
    def java_version(self) -> str:
        """Version of the Java that runs, for example ``"21.0.8"``."""
        return str(java_class("java.lang.System").getProperty("java.version"))

    def open(self, path: str | os.PathLike[str]) -> JavaObject:
        """Open an image file with ImageJ; it is not shown.

        Parameters
        ----------
        path : path-like
            A file of any kind that this ImageJ opens.

        Returns
        -------
        ij.ImagePlus

        Raises
        ------
        ImageFileError
            If the file is missing or cut short, or ImageJ cannot open it.
        """
        return open_imageplus(Path(path))

    def run_macro(self, text_or_path: str | os.PathLike[str], argument: str = "") -> str | None:
        """Run an ImageJ macro and wait for its end.

        Macros from several threads run one after the other. Images that the macro leaves open in batch mode are
        closed afterwards. Ctrl-C stops the macro and raises ``KeyboardInterrupt``.

        Parameters
        ----------
        text_or_path : str or path
            The macro's text, or a file that ends in ``.ijm`` or ``.txt``.
        argument : str
            What the macro reads with ``getArgument()``.

        Returns
        -------
        str or None
            What the macro returned with ``return "…"``.

        Raises
        ------
        MacroError
            With the macro's own message, if it failed: an error of PyBridge or of ImageJ, ``exit("text")``, a syntax
            error or an unknown command. A plain ``exit();`` is a normal end.
        """
        return self._macros.run(text_or_path, argument)

    def run_script(self, path: str | os.PathLike[str], values: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Run a Jython (``.py``) or Groovy (``.groovy``) script with ``#@`` parameters and wait for its end.

        The first script brings the engines: the embedded ImageJ fetches them from Maven Central once.

        Parameters
        ----------
        path : path-like
            The script.
        values : mapping of str to str, optional
            Its parameters by name, as texts. An ImagePlus is given by the path of its file; a single one that is not
            given is the active image. What is left out takes the script's default, not what was typed last.

        Returns
        -------
        dict of str to object
            Its outputs by name: numbers, texts, and Java objects such as an ImagePlus, not shown.

        Raises
        ------
        UsageError
            If a name or a value does not suit the script's parameters, or a required one is missing.
        MacroError
            With the script's own message, if it failed; or if there is no such file or no engine for it.
        """
        from pybridge.imagej.scripts import run_script

        with self._macros.alone():
            outputs = run_script(Path(path), values or {}, imagej2=self.imagej2, open_image=open_imageplus)
        return {output.name: output.value for output in outputs}

    def segment(
        self,
        imp: JavaObject,
        /,
        *,
        model: str,
        device: str = "auto",
        tile: str = "auto",
        channel: str | None = None,
        probability: float | None = None,
        overlap: float | None = None,
        min_size: int | None = None,
        exclude_border: bool = False,
        rois: str = "none",
        table: bool = True,
        show_probability: bool = False,
        augment: bool = False,
        truth: str | Image | JavaObject | None = None,
        record: str | None = None,
    ) -> JavaObject:
        """Find the objects in an ImagePlus; what a macro's ``run("PyBridge Segment", …)`` does, without showing.

        Parameters
        ----------
        imp : ij.ImagePlus
            The image; it stays as it is.
        model, device, tile, channel, probability, overlap, min_size, exclude_border, augment
            As in ``pybridge.segment``.
        rois : str
            ``none``, ``overlay`` on the label image, ``manager`` (needs a display) or ``zip``.
        table : bool
            Append the objects to ImageJ's Results table.
        show_probability : bool
            Keep the foreground probability as the label image's property ``"PyBridge probability"``.
        truth : str, ImagePlus or Image, optional
            Ground-truth labels: the title of an open image, else a path, or the image itself.
        record : str, optional
            Where to write the run record, which is in the label image's "Info" too.

        Returns
        -------
        ij.ImagePlus
            The label image; not shown, and not in ImageJ's table of open images.

        Raises
        ------
        PyBridgeError
            As ``pybridge.segment``.
        """
        if not isinstance(imp, java_class("ij.ImagePlus")):
            raise ImageError(
                "segment in ImageJ",
                found=f"{type(imp).__name__}, no ImagePlus",
                do="turn it into one with to_imageplus(Image(array, axes)), or use pybridge.segment",
            )
        request = Segment(
            model=os.fspath(model),
            device=device,
            tile=str(tile),
            channel=None if channel is None else str(channel),
            probability=probability,
            overlap=overlap,
            min_size=min_size,
            exclude_border=exclude_border,
            rois=rois,
            table=table,
            show_probability=show_probability,
            augment=augment,
            truth=os.fspath(truth) if isinstance(truth, (str, os.PathLike)) else None,
            record=None if record is None else os.fspath(record),
        )
        expected = None
        if truth is not None and request.truth is None:
            expected = truth if isinstance(truth, Image) else imageplus_to_image(truth)
        with self._macros.alone():
            outputs = segment_imageplus(imp, request, truth=expected)
        if outputs.probability is not None:
            outputs.labels.setProperty("PyBridge probability", outputs.probability)
        return outputs.labels

    def to_image(self, imp: JavaObject) -> Image:
        """Copy an ImagePlus into an ``Image``."""
        return imageplus_to_image(imp)

    def to_imageplus(self, image: Image) -> JavaObject:
        """Copy an ``Image`` into a new ImagePlus, not shown."""
        return image_to_imageplus(image)

    def close(self) -> None:
        """Leave ImageJ: macros no longer reach Python. Java itself ends with the process, it cannot start twice."""
        self._listener.unregister()
        _forget(self)


_gateway: Gateway | None = None
_started_from: str | None = None
_starting = threading.Lock()


def start(endpoint_or_folder: str | os.PathLike[str] | None = None) -> Gateway:
    """Start ImageJ in this process, headless; a second call returns the gateway that runs.

    Parameters
    ----------
    endpoint_or_folder : str or path, optional
        Nothing for the embedded ImageJ 1.54p, which the first start fetches from Maven Central. A Fiji folder or an
        endpoint such as ``"sc.fiji:fiji"`` is started through PyImageJ.

    Returns
    -------
    Gateway
        The gateway to it.

    Raises
    ------
    ImageJError
        If Java or ImageJ cannot be had, or Java already runs in this process without ImageJ.
    """
    global _gateway, _started_from
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
                _gateway = _start_embedded()
            else:
                _gateway = _start_with_pyimagej(wanted)
                _started_from = wanted
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


def _forget(gateway: Gateway) -> None:
    global _gateway
    if _gateway is gateway:
        _gateway = None


def _start_embedded() -> Gateway:
    start_jvm(find_java(), embedded_jars())
    end_with_python()
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


def _start_with_pyimagej(endpoint_or_folder: str) -> Gateway:
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
        ij = imagej.init(endpoint_or_folder, mode="headless")
    except Exception as error:  # PyImageJ passes on whatever Maven, Java or the folder threw
        raise ImageJError(
            asked, found=f"{type(error).__name__}: {error}", do="check the folder or endpoint, and the network"
        ) from error
    end_with_python()
    return Gateway(ij)


def _initialise_imagej() -> None:
    """Let ImageJ read its menus and settings, which it otherwise does at the first command."""
    java_class("ij.IJ").runMacro("")
