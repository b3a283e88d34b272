"""Configurations of networks and heads, as they stand in a training configuration. Imports pydantic, never torch."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

HeadName = Literal["offsets", "star_convex", "boundary"]


class NetworkConfig(BaseModel):
    """Shape of a U-Net.

    Parameters
    ----------
    kind : str
        ``unet`` (Ronneberger et al., MICCAI 2015).
    widths : tuple of int
        Channels at each level, from the finest to the coarsest; each level halves the resolution.
    blocks : tuple of int
        Blocks of two convolutions in the encoder at each level. The decoder has one at each level.
    residual : bool
        Whether each block has a shortcut (He et al., CVPR 2016).
    stem : int
        Stride of the first convolution, in pixels. Above 1 no convolution works at full resolution, and the head
        brings the result back to it: nearly ``stem²`` times faster, at little cost for objects of more than
        ``3 * stem`` pixels across.

    Examples
    --------
    >>> NetworkConfig(widths=(32, 64), blocks=(1, 1)).step
    4
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["unet"] = "unet"
    widths: tuple[Annotated[int, Field(ge=4, le=1024)], ...] = Field((32, 64, 128, 192), min_length=2, max_length=7)
    blocks: tuple[Annotated[int, Field(ge=1, le=4)], ...] = ()
    residual: bool = True
    stem: Literal[1, 2, 4] = 2

    @model_validator(mode="after")
    def _one_number_for_each_level(self) -> Self:
        if self.blocks and len(self.blocks) != len(self.widths):
            raise ValueError(f"blocks has {len(self.blocks)} numbers and widths {len(self.widths)}: one for each level")
        return self

    @property
    def blocks_per_level(self) -> tuple[int, ...]:
        """Blocks of each level of the encoder."""
        return self.blocks or (1,) * len(self.widths)

    @property
    def step(self) -> int:
        """Sides of the input must be multiples of this many pixels."""
        return self.stem * 2 ** (len(self.widths) - 1)


class HeadConfig(BaseModel):
    """What a network predicts, and so which decoder turns its result into labels.

    Parameters
    ----------
    name : str
        ``offsets`` (foreground and offset to the object's centre; after Neven et al., CVPR 2019), ``star_convex``
        (Schmidt et al., MICCAI 2018) or ``boundary`` (foreground, distance to the border, boundary).
    rays : int
        Rays of ``star_convex``; no meaning for the others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: HeadName = "offsets"
    rays: int = Field(32, ge=8, le=128)

    @property
    def channel_names(self) -> tuple[str, ...]:
        """Name the output channels."""
        return {
            "offsets": ("foreground", "dy", "dx"),
            "star_convex": ("probability", *(f"ray_{ray}" for ray in range(self.rays))),
            "boundary": ("foreground", "distance", "boundary"),
        }[self.name]


class NetworkSettings(BaseModel):
    """Everything that shapes a network: the block ``config.pybridge.network`` of a model's description.

    Parameters
    ----------
    network : NetworkConfig
        The body.
    head : HeadConfig
        The head.
    channels : int
        Channels of the input.
    dims : int
        2 or 3.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    network: NetworkConfig
    head: HeadConfig
    channels: int = Field(1, ge=1, le=64)
    dims: Literal[2, 3] = 2
