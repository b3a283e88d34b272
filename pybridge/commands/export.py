"""``pybridge export``: its declaration and how it runs. Imports core; the torch wing inside functions.

It is for the shell alone: whoever has a torch network in Python calls ``pybridge.export.folder.write_package``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pybridge.commands.declaration import Command, parameter

if TYPE_CHECKING:
    from pybridge.export.folder import ExportedModel


@dataclass(frozen=True, kw_only=True)
class Export(Command):
    """Turn a torch network to a model folder with an ONNX file."""

    shell_name: ClassVar[str] = "export"
    summary: ClassVar[str] = "turn a torch network to a model folder with an ONNX file, compared with torch"

    template: str = parameter(
        "", required=True, doors=("shell",), help="a model like the new one (id, folder, .zip), or a YAML file"
    )
    output: str = parameter("", required=True, doors=("shell",), help="the model folder to write")
    architecture: str | None = parameter(
        doors=("shell",),
        help="what builds the network, MODULE:CALLABLE or FILE.py:CALLABLE; not needed for a checkpoint of PyBridge",
    )
    settings: str | None = parameter(
        doors=("shell",),
        help="keyword arguments of the architecture: a YAML or JSON file, or such text; for a checkpoint of PyBridge "
        "its configuration, by default the train.yaml beside it",
    )
    trust: bool = parameter(
        False, doors=("shell",), help="load a pickled network and so run the code in it; only for files of your own"
    )

    def run(self, file: Path, *, overwrite: bool = False) -> ExportedModel:
        """Export one torch file.

        Parameters
        ----------
        file : Path
            The file that ``torch.save`` wrote.
        overwrite : bool
            Replace an existing model folder.
        """
        from pybridge.networks.packages import require_packages

        require_packages("torch", "onnx", "onnxscript", asked=f"export {str(file)!r}")
        from pybridge.export.from_checkpoint import export_checkpoint

        return export_checkpoint(
            file,
            Path(self.output),
            template=self.template,
            architecture=self.architecture,
            settings=self.settings,
            trust=self.trust,
            overwrite=overwrite,
        )
