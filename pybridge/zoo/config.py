"""The ``config.pybridge`` block of a description: text from outside, checked with pydantic, → ``PyBridgeConfig``."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from pybridge.core.errors import ModelError
from pybridge.zoo.model import DecoderSpec, PyBridgeConfig

_DECODER_FIELDS = ("name", "probability", "overlap", "min_size")


def read_config(config: object, *, asked: str) -> PyBridgeConfig:
    """Read PyBridge's block out of a description's ``config``; an absent one gives the defaults.

    Raises
    ------
    ModelError
        If the block has values of a wrong kind. Keys that this version does not know are left alone.
    """
    if not isinstance(config, Mapping) or "pybridge" not in config:
        return PyBridgeConfig()
    from pydantic import BaseModel, ConfigDict, Field, ValidationError

    class Decoder(BaseModel):
        model_config = ConfigDict(extra="allow")
        name: str
        probability: float = Field(0.5, ge=0, le=1)
        overlap: float = Field(0.5, ge=0, le=1)
        min_size: int = Field(0, ge=0)

    class Block(BaseModel):
        model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True)
        task: str | None = None
        decoder: Decoder | None = None
        channel: str | None = None
        training_profile: dict[str, Any] = Field(default_factory=dict)
        scores: dict[str, Any] = Field(default_factory=dict)
        network: dict[str, Any] = Field(default_factory=dict)
        training: dict[str, Any] = Field(default_factory=dict)

    try:
        block = Block.model_validate(_as_json(config["pybridge"]))
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelError(
            asked,
            found=f"config.pybridge.{'.'.join(map(str, first['loc']))}: {first['msg']}",
            do="mend config.pybridge in the description",
        ) from None
    return PyBridgeConfig(
        task=block.task,
        decoder=None if block.decoder is None else _decoder(block.decoder.model_dump(), asked=asked),
        channel=block.channel,
        training_profile=block.training_profile,
        scores=block.scores,
        network=block.network,
        training=block.training,
    )


def _as_json(value: Any) -> Any:
    """Bring YAML to what JSON knows, as the cache and the record keep it: dates as text, keys as text."""
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(item) for item in value]
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else value


def _decoder(values: Mapping[str, Any], *, asked: str) -> DecoderSpec:
    extra = {key: value for key, value in values.items() if key not in _DECODER_FIELDS}
    wrong = [key for key, value in extra.items() if not isinstance(value, (int, float))]
    if wrong:
        raise ModelError(
            asked,
            found=f"config.pybridge.decoder.{wrong[0]} is {extra[wrong[0]]!r}, not a number",
            do="mend config.pybridge in the description",
        )
    return DecoderSpec(
        name=values["name"],
        probability=float(values["probability"]),
        overlap=float(values["overlap"]),
        min_size=int(values["min_size"]),
        parameters=tuple((key, float(value)) for key, value in extra.items()),
    )
