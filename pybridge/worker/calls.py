"""The calls in progress and the verbs that move them on.

A call goes ``begin`` (options checked, shared memory made) → ``image`` and ``put`` for each image that it needs, in
portions → ``run`` → ``get`` while there is more → ``end``. The first portion of the results lies in the shared memory
when ``run`` comes back.
"""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge import __version__
from pybridge.core import progress
from pybridge.core.errors import PyBridgeError
from pybridge.worker.codec import ImagePlusForm, bytes_to_image
from pybridge.worker.segments import LEAST_BYTES, Segment, make_segment
from pybridge.worker.service import Verb
from pybridge.worker.stream import Stream, answer_to_wire
from pybridge.worker.work import (
    ACTIVE,
    CallOptions,
    Fiji,
    Painting,
    Work,
    check_source,
    form_from_wire,
    given_from_wire,
    open_work,
)

PROTOCOL = 3
"""Both ends name it; the files in a Fiji may be older or newer than this package."""

_SECONDS_BETWEEN_LOOKS = 0.1


class Call:
    """One command of Fiji's, from its options to its last portion of results."""

    def __init__(self, work: Work, segment: Segment) -> None:
        self.work = work
        self.segment = segment
        self.painting: Painting | None = None
        self.stream = Stream()
        self._forms: dict[str, ImagePlusForm] = {}
        self._bytes: dict[str, NDArray[np.uint8]] = {}

    def expect(self, name: str, form: ImagePlusForm) -> int:
        """Make room for the pixels of an image; give their number of bytes."""
        self._forms[name] = form
        self._bytes[name] = np.empty(form.count_bytes, np.uint8)
        return form.count_bytes

    def put(self, name: str, *, at: int, count: int) -> None:
        """Take a portion of an image's bytes out of the shared memory."""
        self.segment.forget_name()
        self.segment.read_into(self._bytes[name][at : at + count])

    def run(self) -> dict[str, Any]:
        """Do the command and lay the first portion of its results into the shared memory."""
        # Nobody but the command holds the images: it can let go of what it needs no more.
        images = {name: bytes_to_image(self._bytes.pop(name), form) for name, form in self._forms.items()}
        described, self.stream = answer_to_wire(self.work.run(images, self.painting))
        count = min(self.stream.size, self.segment.size)
        self.get(at=0, count=count)
        return {**described, "size": self.stream.size, "portion": count}

    def get(self, *, at: int, count: int) -> None:
        """Lay a portion of the results into the shared memory."""
        self.segment.forget_name()
        for place, part in self.stream.parts(at, at + count):
            self.segment.write(part, at=place)


class Calls:
    """All calls of one Fiji; the commands themselves run one at a time."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._running = threading.Lock()

    def verbs(self) -> Mapping[str, Verb]:
        """Give the verbs by name."""
        return {
            "hello": self.hello,
            "begin": self.begin,
            "image": self.image,
            "put": self.put,
            "painting": self.painting,
            "run": self.run,
            "get": self.get,
            "end": self.end,
        }

    def hello(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Say who this is; older and newer clients hear so before anything goes wrong."""
        import os

        if inputs.get("protocol") != PROTOCOL:
            raise PyBridgeError(
                "work for this Fiji",
                found=f"its PyBridge files speak protocol {inputs.get('protocol')}, PyBridge {__version__} speaks "
                f"{PROTOCOL}",
                do="run `pybridge fiji install FOLDER` again",
            )
        return {"pybridge": __version__, "pid": os.getpid()}

    def begin(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Check a command's options and say what it needs."""
        form = form_from_wire(inputs["image"])
        options = CallOptions(inputs["options"], inputs["variables"], given_from_wire(inputs.get("given")))
        work = open_work(inputs["command"], options, form, Fiji(**inputs["fiji"]))
        size = form.count_bytes if form is not None and ACTIVE in work.needs else 0
        # Label images come back as large as most images went; their table has room besides.
        call = Call(work, make_segment(size + LEAST_BYTES))
        if form is not None and ACTIVE in work.needs:
            try:
                call.expect(ACTIVE, form)
            except MemoryError:
                call.segment.close()
                raise
        number = secrets.token_hex(8)
        self._calls[number] = call
        return {
            "call": number,
            "needs": list(work.needs),
            "painting": work.needs_painting,
            "path": str(call.segment.path),
            "portion": call.segment.size,
        }

    def image(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Expect a further image."""
        form = form_from_wire(inputs["image"])
        assert form is not None
        check_source(form)
        return {"size": self._call(inputs).expect(inputs["name"], form)}

    def put(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Take a portion of an image."""
        self._call(inputs).put(inputs["name"], at=int(inputs["at"]), count=int(inputs["count"]))
        return {}

    def painting(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Take the ROIs of the active image and its selection."""
        window = inputs["window"]
        box = None if window is None else (window["x"], window["y"], window["width"], window["height"])
        self._call(inputs).painting = Painting(
            tuple(map(base64.b64decode, inputs["rois"])), box, window is None or window["rectangle"]
        )
        return {}

    def run(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Do the command, with a last portion of pixels; another command that runs already is waited for."""
        call = self._call(inputs)
        if inputs.get("put"):
            self.put(inputs["put"])
        while not self._running.acquire(timeout=_SECONDS_BETWEEN_LOOKS):
            progress.report(0, 1, "waiting for another PyBridge command")
        try:
            return call.run()
        finally:
            self._running.release()

    def get(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Lay out a further portion of the results."""
        self._call(inputs).get(at=int(inputs["at"]), count=int(inputs["count"]))
        return {}

    def end(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Forget a call and give its shared memory back."""
        call = self._calls.pop(inputs["call"], None)
        if call is not None:
            call.segment.close()
        return {}

    def end_all(self) -> None:
        """Forget every call."""
        for number in list(self._calls):
            self.end({"call": number})

    def _call(self, inputs: dict[str, Any]) -> Call:
        call = self._calls.get(inputs["call"])
        if call is None:
            raise PyBridgeError("go on with a call", found="it was ended", do="call the command again")
        return call
