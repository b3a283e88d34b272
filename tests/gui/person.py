"""What a person does at ImageJ's window, done by the window's own events; run in a process of its own with a display.

Called with an output folder; writes ``seen.json`` and pictures of the screen into it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pybridge import imagej
from pybridge.core.errors import MacroError
from pybridge.core.image import Image
from pybridge.files.write import write_imagej_tiff
from pybridge.imagej.images import open_images
from pybridge.imagej.jvm import java_class
from pybridge.samples import simulate_nuclei


def wait_for(look: Callable[[], Any], what: str, *, timeout_s: float = 120) -> Any:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise TimeoutError(f"{what}; open are {titles()}; a message box is open: {message_box() is not None}")


def picture(path: Path) -> None:
    time.sleep(1)  # windows are painted a moment after they open
    size = java_class("java.awt.Toolkit").getDefaultToolkit().getScreenSize()
    shot = java_class("java.awt.Robot")().createScreenCapture(java_class("java.awt.Rectangle")(size))
    java_class("javax.imageio.ImageIO").write(shot, "png", java_class("java.io.File")(str(path)))


def menu_items() -> list[Any]:
    plugins = java_class("ij.Menus").getImageJMenu("Plugins")
    menus = [plugins.getItem(index) for index in range(plugins.getItemCount())]
    menu = next(each for each in menus if str(each.getLabel()) == "PyBridge")
    return [menu.getItem(index) for index in range(menu.getItemCount())]


def click(component: Any) -> None:
    """Post the event that the mouse would: the window's own thread does the rest."""
    event_class = java_class("java.awt.event.ActionEvent")
    label = component.getActionCommand()
    event = event_class(component, event_class.ACTION_PERFORMED, label)
    java_class("java.awt.Toolkit").getDefaultToolkit().getSystemEventQueue().postEvent(event)


def titles() -> list[str]:
    return [str(imp.getTitle()) for imp in open_images()]


def dialog() -> Any:
    """The dialog that is open, once it can be clicked."""
    found = java_class("ij.gui.GenericDialog").getInstance()
    return found if found is not None and found.isVisible() else None


def choice(opened: Any, index: int) -> tuple[list[str], str]:
    """What a list of a dialog offers, and what is chosen."""
    listed = opened.getChoices().get(index)
    return [str(listed.getItem(place)) for place in range(listed.getItemCount())], str(listed.getSelectedItem())


def message_box() -> Any:
    boxes = [each for each in java_class("java.awt.Window").getWindows() if each.isVisible()]
    return next((box for box in boxes if isinstance(box, java_class("ij.gui.MessageDialog"))), None)


def labels_of_overlay(imp: Any) -> list[str]:
    overlay = imp.getOverlay()
    return [] if overlay is None else [str(roi.getText()).strip() for roi in overlay.toArray()]


def score(seen: dict[str, Any], folder: Path, gateway: Any, start: Callable[[], None], door: str) -> None:
    """Score a result against its truth, both open, by the dialog that a click opened."""
    gateway.run_macro('close("*");')
    _, truth = simulate_nuclei(shape=(192, 256), count=12)
    lacking = Image(np.where(truth.array == 3, 0, truth.array).astype(np.uint16), "YX", "cells.tif")
    for image in (Image(np.asarray(lacking.array) * 0, "YX", "raw.tif"), truth, lacking):
        gateway.to_imageplus(image).show()
    # Windows come to the front when they please: the dialog presets the image that is active.
    front = next(imp for imp in open_images() if str(imp.getTitle()) == "cells.tif")
    java_class("ij.IJ").selectWindow(front.getID())
    wait_for(lambda: java_class("ij.WindowManager").getCurrentImage().getID() == front.getID(), "cells.tif in front")
    java_class("ij.measure.ResultsTable").getResultsTable().reset()
    start()
    opened = wait_for(dialog, f"the dialog of PyBridge Evaluate in {door}")
    picture(folder / f"evaluate {door}.png")
    seen[f"truth {door}"], seen[f"result {door}"] = choice(opened, 0), choice(opened, 1)
    opened.getCheckboxes().get(1).setState(True)
    click(opened.getButtons()[0])
    wait_for(lambda: "cells-errors" in titles(), f"the image of errors in {door}")
    picture(folder / f"scored {door}.png")
    errors = next(imp for imp in open_images() if str(imp.getTitle()) == "cells-errors")
    seen[f"legend {door}"] = labels_of_overlay(errors)
    table = java_class("ij.measure.ResultsTable").getResultsTable()
    seen[f"scores {door}"] = [str(table.getStringValue("Image", 0)), float(table.getValue("Missed", 0))]


def compare(seen: dict[str, Any], folder: Path, gateway: Any, start: Callable[[], None]) -> None:
    """Compare two simple methods on the image in front, with the open truth, by the dialog that a click opened."""
    gateway.run_macro('close("*");')
    raw, truth = simulate_nuclei(shape=(192, 256), count=12)
    gateway.to_imageplus(truth).show()
    front = gateway.to_imageplus(raw)
    front.show()
    java_class("ij.IJ").selectWindow(front.getID())
    wait_for(lambda: java_class("ij.WindowManager").getCurrentImage().getID() == front.getID(), "the image in front")
    table = java_class("ij.measure.ResultsTable").getResultsTable()
    table.reset()
    start()
    opened = wait_for(dialog, "the dialog of PyBridge Compare")
    seen["compared with"] = choice(opened, 0)
    opened.getChoices().get(0).select(str(truth.name))
    opened.getStringFields().get(0).setText("baseline:otsu-watershed, baseline:li-watershed")
    picture(folder / "compare.png")
    click(opened.getButtons()[0])
    wait_for(lambda: table.size() == 2, "a row of the table for each method")
    wait_for(lambda: open_images()[-1].getStackSize() == 2, "the stack of overlays")
    picture(folder / "compared.png")
    seen["compared"] = {
        str(table.getStringValue("Method", row)): float(table.getValue("mean_ap", row)) for row in range(table.size())
    }
    seen["overlays"] = [str(open_images()[-1].getStack().getSliceLabel(place)) for place in (1, 2)]


def score_as_in_fiji(seen: dict[str, Any], folder: Path, gateway: Any) -> None:
    """What the menu of a Fiji runs: the script of the command, in Jython, with the worker behind."""
    from pybridge.commands.evaluate import Evaluate
    from pybridge.commands.script_header import script_text
    from tests.builders.jython import Jython, make_fiji

    with tempfile.TemporaryDirectory() as made:
        script = Jython(make_fiji(Path(made) / "a fiji"))
        recorder = java_class("ij.plugin.frame.Recorder")()
        recorder.setCommand("PyBridge Evaluate")  # as ImageJ does at a click
        clicked = threading.Thread(target=lambda: script.run(script_text(Evaluate)), daemon=True)
        score(seen, folder, gateway, clicked.start, "Fiji")
        clicked.join(60)
        seen["recorded Fiji"] = str(recorder.getCommandOptions())
        recorder.setCommand(None)
        recorder.close()
        script.run("from pybridge_client import worker\nworker.stop()")


def main(folder: Path) -> None:
    seen: dict[str, Any] = {}
    gateway = imagej.start(gui=True)
    seen["has_window"] = gateway.has_window
    seen["items"] = [str(item.getLabel()) for item in menu_items()]

    # The menu itself, opened with mouse and keys.
    robot, keys = java_class("java.awt.Robot")(), java_class("java.awt.event.KeyEvent")
    corner = java_class("ij.IJ").getInstance().getLocationOnScreen()
    robot.mouseMove(corner.x + 310, corner.y + 12)
    robot.mousePress(1 << 10)
    robot.mouseRelease(1 << 10)
    for key in (keys.VK_UP, keys.VK_RIGHT):
        robot.delay(300)
        robot.keyPress(key)
        robot.keyRelease(key)
    picture(folder / "menu.png")
    for _ in range(3):
        robot.keyPress(keys.VK_ESCAPE)
        robot.keyRelease(keys.VK_ESCAPE)

    # A click without an image: a message box, and nothing breaks.
    by_name = {str(item.getLabel()): item for item in menu_items()}
    click(by_name["PyBridge Segment"])
    opened = wait_for(dialog, "the dialog of PyBridge Segment")
    picture(folder / "dialog.png")
    seen["models"], seen["preset"] = choice(opened, 0)
    click(opened.getButtons()[0])
    box = wait_for(message_box, "a message that no image is open")
    picture(folder / "message.png")
    box.dispose()

    # The dialog of a training names a model to start from.
    click(by_name["PyBridge Train"])
    opened = wait_for(dialog, "the dialog of PyBridge Train")
    picture(folder / "train.png")
    _, seen["trained from"] = choice(opened, 0)
    click(opened.getButtons()[1])
    wait_for(lambda: dialog() is None, "the end of the dialog of PyBridge Train")

    # With an image, and the recorder on.
    image, _ = simulate_nuclei(shape=(192, 256), count=12)
    gateway.to_imageplus(image).show()
    recorder = java_class("ij.plugin.frame.Recorder")()
    click(by_name["PyBridge Segment"])
    click(wait_for(dialog, "the dialog of PyBridge Segment").getButtons()[0])
    wait_for(lambda: any(title.endswith("-labels") for title in titles()), "a label image")
    wait_for(lambda: "PyBridge Segment" in str(recorder.getText()), "a line in the recorder")
    seen["recorded"] = str(recorder.getText()).strip().splitlines()
    seen["results"] = int(java_class("ij.measure.ResultsTable").getResultsTable().size())
    recorder.close()
    picture(folder / "segmented.png")
    seen["labels"] = int(open_images()[-1].getStatistics().max)

    # A file opened from the menu is one line too, whatever ImageJ itself would write of it.
    with tempfile.TemporaryDirectory() as made:
        cells = Path(made) / "more cells.tif"
        write_imagej_tiff(cells, image)
        recorder = java_class("ij.plugin.frame.Recorder")()
        click(by_name["PyBridge Open"])
        opened = wait_for(dialog, "the dialog of PyBridge Open")
        opened.getStringFields().get(0).setText(str(cells))
        click(opened.getButtons()[0])
        wait_for(lambda: "more cells.tif" in titles(), "the file")
        wait_for(lambda: "PyBridge Open" in str(recorder.getText()), "its line in the recorder")
        seen["recorded open"] = str(recorder.getText()).strip().splitlines() == [
            f'run("PyBridge Open", "path=[{cells}]");'
        ]
        recorder.close()

    # Scoring what is open, in the dialog of an ImageJ that Python started and in that of Fiji's menu.
    recorder = java_class("ij.plugin.frame.Recorder")()
    score(seen, folder, gateway, lambda: click(by_name["PyBridge Evaluate"]), "ImageJ")
    wait_for(lambda: "PyBridge Evaluate" in str(recorder.getText()), "its line in the recorder")
    seen["recorded ImageJ"] = [line for line in str(recorder.getText()).splitlines() if "PyBridge" in line]
    compare(seen, folder, gateway, lambda: click(by_name["PyBridge Compare"]))
    wait_for(lambda: "PyBridge Compare" in str(recorder.getText()), "its line in the recorder")
    seen["recorded compare"] = [line for line in str(recorder.getText()).splitlines() if "Compare" in line]
    recorder.close()
    score_as_in_fiji(seen, folder, gateway)

    # The recorded line, replayed unedited as a macro, with batch mode off and on.
    for batch in ("false", "true"):
        gateway.run_macro('while (nImages > 0) { close("*"); }')
        gateway.to_imageplus(image).show()
        lines = "".join(seen["recorded"])
        seen[f"replayed {batch}"] = gateway.run_macro(
            f"setBatchMode({batch}); {lines} getStatistics(a, m, l, h); return getTitle() + h;"
        )
    # A macro that a person starts from the window's own menu of macros.
    seen["left open"] = titles()
    java_class("ij.plugin.MacroInstaller")().install(
        'macro "Segment it" { run("PyBridge Segment", "model=nuclei-fluo"); rename("from the menu"); }'
    )
    gateway.run_macro('close("*");')
    gateway.to_imageplus(image).show()
    java_class("ij.IJ").doCommand("Segment it")
    wait_for(lambda: "from the menu" in titles(), "the macro's label image")
    picture(folder / "macro.png")

    # A shipped macro runs unchanged where there is a window.
    with tempfile.TemporaryDirectory() as made:
        cells, out = Path(made) / "cells.tif", Path(made) / "out"
        write_imagej_tiff(cells, image)
        gateway.run_macro("Segment_and_Measure", f"{cells}|{out}|nuclei-fluo")
        seen["shipped"] = sorted(path.name for path in out.iterdir())

    # Failures of macros that Python runs are exceptions, not boxes that wait for a click.
    failures = {}
    for macro in ('exit("too bad");', "x = ;", 'run("Nope");', 'run("PyBridge Segment", "model=nope");'):
        try:
            gateway.run_macro(macro)
        except MacroError as error:
            failures[macro] = error.found
    seen["failures"] = failures
    seen["survived"] = gateway.run_macro("r = eval(\"exit('inner');\"); return r;")
    seen["box left"] = message_box() is not None
    gateway.close()
    seen["items after close"] = [
        str(java_class("ij.Menus").getImageJMenu("Plugins").getItem(index).getLabel())
        for index in range(java_class("ij.Menus").getImageJMenu("Plugins").getItemCount())
    ]
    (folder / "seen.json").write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except TimeoutError:
        picture(Path(sys.argv[1]) / "failed.png")
        raise
