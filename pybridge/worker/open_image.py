"""``PyBridge Open`` for Fiji: the file is checked here and opened there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pybridge.commands.open_image import OpenImage
from pybridge.core.image import Image
from pybridge.worker.codec import Answer, ImagePlusForm
from pybridge.worker.work import CallOptions, Fiji, Painting


@dataclass(frozen=True, slots=True)
class OpenImageWork:
    """One call."""

    path: Path
    needs: tuple[str, ...] = ()
    needs_painting: bool = False

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Raise when the file is missing or cut short; else let Fiji open it."""
        from pybridge.files.read import check_whole_file

        check_whole_file(self.path)
        return Answer(open_path=str(self.path.absolute()))


def open_open_image(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> OpenImageWork:
    """Check a call."""
    return OpenImageWork(Path(options.parse(OpenImage).path))
