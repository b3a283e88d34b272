"""The gateway's converters, and its methods, are the same in all flavours; what one lacks is a clear error."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import pybridge
from pybridge import imagej
from pybridge.core.errors import CancelledError, ImageError, ImageJError, MacroError
from pybridge.core.image import Image
from pybridge.core.progress import listen
from pybridge.imagej import Gateway
from pybridge.imagej.jvm import java_class, java_errors
from pybridge.imagej.versions import violations

pytestmark = pytest.mark.jvm


def test_a_bare_array_takes_its_axes(gateway: Gateway) -> None:
    array = np.arange(2 * 5 * 7, dtype=np.uint16).reshape(2, 5, 7)
    assert gateway.to_imageplus(array).getNSlices() == 2
    imp = gateway.to_imageplus(array, axes="CYX")
    assert (imp.getNChannels(), imp.getNSlices()) == (2, 1)
    np.testing.assert_array_equal(gateway.to_array(imp), array)
    assert gateway.to_xarray(imp).dims == ("row", "col", "ch")


def test_pybridge_takes_what_the_gateway_made(gateway: Gateway, nuclei_model: str) -> None:
    image, _ = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    expected = pybridge.segment(image, model=nuclei_model).labels.array
    for form in (gateway.to_imageplus(image), gateway.to_xarray(gateway.to_imageplus(image))):
        np.testing.assert_array_equal(pybridge.segment(form, model=nuclei_model).labels.array, expected)


def test_predict_gives_an_image_for_each_output(gateway: Gateway, nuclei_model: str) -> None:
    image, _ = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    expected = pybridge.predict(image, model=nuclei_model).outputs
    found = gateway.predict(gateway.to_imageplus(image), model=nuclei_model)
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.getWindow() is None
        np.testing.assert_array_equal(gateway.to_array(ours), theirs.array)
        assert "pybridge-run/1" in str(ours.getProperty("Info"))


def test_what_is_no_imageplus_is_not_predicted(gateway: Gateway) -> None:
    with pytest.raises(ImageError, match="ndarray, no ImagePlus.*pybridge.predict"):
        gateway.predict(np.zeros((5, 7)), model="nuclei-fluo")


def test_a_dataset_comes_and_goes_or_is_refused_clearly(gateway: Gateway) -> None:
    image = Image(np.arange(2 * 3 * 5 * 7, dtype=np.uint16).reshape(3, 2, 5, 7), "ZCYX")
    if gateway.imagej2 is None:
        with pytest.raises(ImageJError, match="no ImageJ2: it is the embedded ImageJ 1.*start a Fiji"):
            gateway.to_dataset(image)
        return
    dataset = gateway.to_dataset(image)
    np.testing.assert_array_equal(gateway.to_image(dataset).tzcyx(), image.tzcyx())


def test_what_holds_no_image_is_refused(gateway: Gateway) -> None:
    with pytest.raises(ImageError, match="no path, array, xarray or ImagePlus"):
        gateway.to_image(object())


def test_a_window_cannot_be_had_beside_a_headless_imagej(gateway: Gateway) -> None:
    if gateway.has_window:
        pytest.skip("this ImageJ has a window")
    with pytest.raises(ImageJError, match="gui=True: ImageJ runs headless in this process already"):
        imagej.start(gui=True)


def test_a_java_exception_keeps_its_message(gateway: Gateway) -> None:
    told = pytest.raises(ImageJError, match="parse a number: NumberFormatException: .*nonsense")
    with told as caught, java_errors("parse a number"):
        java_class("java.lang.Integer").parseInt("nonsense")
    assert "NumberFormatException" in str(type(caught.value.__cause__))


def test_a_python_error_reaches_the_macro_and_comes_back_whole(gateway: Gateway) -> None:
    macro = 'newImage("a", "8-bit", 9, 9, 1); run("PyBridge Segment", "model=nö");'
    with pytest.raises(MacroError, match="find the model 'nö': no model of that id") as caught:
        gateway.run_macro(macro)
    assert isinstance(caught.value.__cause__, pybridge.core.errors.ModelNotFoundError)


def test_all_versions_that_are_too_old_are_named_at_once() -> None:
    found = {
        "ImageJ": ("2.1.0/1.53c", "1.53t"),
        "Java": ("1.8.0_392", "11"),
        "jpype1": ("1.7.1", "1.5.2"),
        "scyjava": ("", "1.12"),
    }
    assert violations(found) == [
        "ImageJ 2.1.0/1.53c, at least 1.53t is needed",
        "Java 1.8.0_392, at least 11 is needed",
        "scyjava unknown, at least 1.12 is needed",
    ]
    assert violations({"ImageJ": ("1.54p", "1.53t"), "Java": ("21.0.8", "11"), "scyjava": ("1.12", "1.12")}) == []
    assert violations({"ImageJ": ("1.53t", "1.53t"), "Java": ("11", "11")}) == []


def test_the_versions_are_checked_when_imagej_is_joined(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    from pybridge.imagej import versions

    monkeypatch.setattr(versions, "OLDEST_IMAGEJ", "9.99")
    monkeypatch.setattr(versions, "OLDEST_JAVA", 999)
    with pytest.raises(ImageJError, match=r"ImageJ \S+, at least 9.99 is needed; Java \S+, at least 999 is needed"):
        Gateway(gateway.imagej2)


def test_a_stopped_task_ends_a_macro_that_only_waits(gateway: Gateway) -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    with listen(None, cancel=stop), pytest.raises(CancelledError):
        gateway.run_macro("wait(60000);")
    assert gateway.run_macro('return "next";') == "next"


def test_many_threads_use_one_gateway(gateway: Gateway, nuclei_model: str) -> None:
    image, _ = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    expected = pybridge.segment(image, model=nuclei_model).labels.array
    wrong: list[Any] = []

    def work(kind: int) -> None:
        try:
            for _ in range(3):
                imp = gateway.to_imageplus(image)
                if kind == 0:
                    found = gateway.to_array(gateway.segment(imp, model=nuclei_model, table=False))
                elif kind == 1:
                    found = gateway.rois_to_labels(gateway.labels_to_rois(expected), image=image).array
                else:
                    options = f"model=[{nuclei_model}] table=false"
                    macro = f'newImage("a", "8-bit", 9, 9, 1); run("PyBridge Segment", "{options}"); return getTitle();'
                    wrong.extend([] if gateway.run_macro(macro) == "a-labels" else ["title"])
                    continue
                wrong.extend([] if np.array_equal(found, expected) else [kind])
        except Exception as error:  # noqa: BLE001 - told by the assertion below
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(kind,)) for kind in (0, 1, 2, 0, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


def test_thousands_of_images_do_not_grow_the_memory(gateway: Gateway, nuclei_model: str) -> None:
    macro = """
        for (i = 0; i < parseInt(getArgument()); i++) {
            newImage("a", "16-bit ramp", 256, 256, 1);
            run("PyBridge Segment", "model=[MODEL] table=false");
            close("*");
        }
        return "" + nImages;
    """.replace("MODEL", nuclei_model)
    runtime = java_class("java.lang.Runtime").getRuntime()

    def used_mb() -> float:
        for _ in range(3):
            java_class("java.lang.System").gc()
        return float(runtime.totalMemory() - runtime.freeMemory()) / 2**20

    assert gateway.run_macro(macro, "3") == "0"
    before = used_mb()
    assert gateway.run_macro(macro, "20") == "0"
    assert used_mb() - before < 2.5  # image and labels of one round have 0.25 MB, those of all rounds 5
