"""The commands that macros can call, by name."""

from __future__ import annotations

from collections.abc import Mapping

from pybridge.commands.compare import Compare
from pybridge.commands.declaration import Command
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.open_image import OpenImage
from pybridge.commands.predict import Predict
from pybridge.commands.report import Report
from pybridge.commands.segment import Segment
from pybridge.commands.train import Train
from pybridge.imagej import doctor
from pybridge.imagej.compare import compare_from_macro
from pybridge.imagej.evaluate import evaluate_from_macro
from pybridge.imagej.listener import Handler
from pybridge.imagej.open_image import open_whole_image
from pybridge.imagej.predict import predict_active_image
from pybridge.imagej.report import report_from_macro
from pybridge.imagej.segment import segment_active_image
from pybridge.imagej.train import train_from_macro


def macro_commands() -> Mapping[str, Handler]:
    """Give the handler of each ``PyBridge …`` command."""
    return {
        Segment.macro_name: segment_active_image,
        Predict.macro_name: predict_active_image,
        Evaluate.macro_name: evaluate_from_macro,
        Compare.macro_name: compare_from_macro,
        Report.macro_name: report_from_macro,
        Train.macro_name: train_from_macro,
        OpenImage.macro_name: open_whole_image,
        doctor.NAME: doctor.report_to_log,
    }


def declarations() -> Mapping[str, type[Command]]:
    """Give the declaration of each command that has parameters."""
    return {command.macro_name: command for command in (Segment, Predict, Evaluate, Compare, Report, Train, OpenImage)}
