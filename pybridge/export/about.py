"""What a model says of itself: the part of its description that only people know. Imports pydantic."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class CitationText(BaseModel):
    """One work to cite; bioimage.io wants a DOI or an address with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    doi: str | None = None
    url: str | None = None

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if not self.doi and not self.url:
            raise ValueError("give doi or url")
        return self


class DatasetText(BaseModel):
    """The training data, as a paper would name them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = ""
    description: str = ""
    license: str | None = None
    authors: tuple[str, ...] = ()
    source: str | None = None
    cite: tuple[CitationText, ...] = ()


class ModelText(BaseModel):
    """Title, authors, licence, citations, limits.

    Parameters
    ----------
    title : str
        Up to 128 characters; empty: the model's name.
    description : str
        One or two sentences.
    version : str
        Of the model.
    authors : tuple of str
        Names.
    license : str or None
        SPDX identifier; None: not stated yet, which the model's README says.
    tags : tuple of str
        Words to find it by.
    limits : str
        What the model is not for, for its README.
    cite : tuple of CitationText
        Works that its users should cite.
    training_data : DatasetText
        Where the data come from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("", max_length=128)
    description: str = ""
    version: str = "0.1.0"
    authors: tuple[str, ...] = ()
    license: str | None = None
    tags: tuple[str, ...] = ()
    limits: str = ""
    cite: tuple[CitationText, ...] = ()
    training_data: DatasetText = DatasetText()
