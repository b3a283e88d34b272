"""Papers to cite: texts of model descriptions and of this package, as a numbered list and as BibTeX. Imports nothing.

What a description gives as free text is kept as it is; only year and identifier are read out of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|\bdoi:\s*)(10\.\d{4,9}/[^\s,;\"<>{}]+)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s\"<>{}]+")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_REMARK = re.compile(r"\s*\([^()\d]*\)$")


@dataclass(frozen=True, slots=True)
class Citation:
    """One work to cite.

    Parameters
    ----------
    text : str
        As it stands in a list of references, without its link.
    doi : str
        Empty when it has none.
    url : str
        Where it is; empty when only the DOI says so.
    """

    text: str
    doi: str = ""
    url: str = ""

    @property
    def link(self) -> str:
        """Where a reader finds it; empty when nothing is known."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    @property
    def year(self) -> str:
        """The year, when the text names one."""
        found = _YEAR.findall(self.text)  # titles hold years too; that of the work is the last
        return found[-1] if found else ""


PYBRIDGE = "PyBridge: deep learning for Fiji and ImageJ"
LAINE = Citation(
    "Laine, Arganda-Carreras, Henriques and Jacquemet, Avoiding a replication crisis in deep-learning-based bioimage "
    "analysis. Nature Methods 18, 2021",
    "10.1038/s41592-021-01284-3",
)
SCHMIED = Citation(
    "Schmied et al., Community-developed checklists for publishing images and image analyses. Nature Methods, 2023",
    "10.1038/s41592-023-01987-9",
)
IMAGEJ = Citation(
    "Schneider, Rasband and Eliceiri, NIH Image to ImageJ: 25 years of image analysis. Nature Methods 9, 2012",
    "10.1038/nmeth.2089",
)
CAICEDO = Citation(
    "Caicedo et al., Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl. Nature Methods 16, "
    "2019",
    "10.1038/s41592-019-0612-7",
)
TALKS = Citation(
    "Talks and Kreshuk, Ranking pre-trained segmentation models for zero-shot transferability. arXiv 2503.00450, 2025",
    "10.48550/arXiv.2503.00450",
)
WILCOXON = Citation(
    "Wilcoxon, Individual comparisons by ranking methods. Biometrics Bulletin 1, 1945", "10.2307/3001968"
)
HOLM = Citation(
    "Holm, A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6, 1979"
)


def read_citation(text: str) -> Citation:
    """Read a citation of a model description: free text, often with a DOI or an address at its end.

    Examples
    --------
    >>> read_citation("Weigert et al., CARE 2018 https://doi.org/10.1038/s41592-018-0216-7").doi
    '10.1038/s41592-018-0216-7'
    """
    flat = " ".join(text.split())  # a remark such as "(architecture)" belongs to the model, not to the work
    doi = _DOI.search(flat)
    if doi is not None:
        words = " ".join(flat.replace(doi.group(0), " ").split())
        return Citation(_REMARK.sub("", words.rstrip(" ,;")), doi.group(1).rstrip("."))
    url = _URL.search(flat)
    if url is not None:
        return Citation(" ".join(flat.replace(url.group(0), " ").split()).rstrip(" ,;"), url=url.group(0))
    return Citation(flat)


class References:
    """A list of references in the order in which they are first cited; each work stands in it once.

    Examples
    --------
    >>> references = References()
    >>> references.cite(LAINE), references.cite(IMAGEJ, LAINE)
    ('[1]', '[2, 1]')
    """

    def __init__(self) -> None:
        self._listed: list[Citation] = []

    def cite(self, *citations: Citation) -> str:
        """Give the numbers of works, in brackets; empty for none."""
        numbers = []
        for citation in citations:
            at = next((number for number, known in enumerate(self._listed) if _same_work(known, citation)), None)
            if at is None:
                at = len(self._listed)
                self._listed.append(citation)
            numbers.append(str(at + 1))
        return f"[{', '.join(dict.fromkeys(numbers))}]" if numbers else ""

    @property
    def listed(self) -> tuple[Citation, ...]:
        """All works, number 1 first."""
        return tuple(self._listed)


def _same_work(one: Citation, other: Citation) -> bool:
    if one.doi or other.doi:
        return one.doi.lower() == other.doi.lower()
    return (one.text, one.url) == (other.text, other.url)


def to_bibtex(citations: tuple[Citation, ...]) -> str:
    """Write works as BibTeX; free text goes into ``note``, since its parts are not known.

    Examples
    --------
    >>> print(to_bibtex((Citation("A & B, On {x}. 2020", "10.1/x_y"),)))
    @misc{a2020,
      note = {A \\& B, On x. 2020},
      doi = {10.1/x_y},
      url = {https://doi.org/10.1/x_y},
      year = {2020}
    }
    """
    entries, keys = [], set()
    for citation in citations:
        word = re.search(r"[A-Za-z]+", citation.text)
        stem = (word.group(0).lower() if word else "work") + citation.year
        key, number = stem, 1
        while key in keys:
            number += 1
            key = f"{stem}-{number}"
        keys.add(key)
        fields = [("note", _tex(citation.text)), ("doi", _bare(citation.doi)), ("url", _bare(citation.link))]
        fields.append(("year", citation.year))
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields if value)
        entries.append(f"@misc{{{key},\n{lines}\n}}")
    return "\n\n".join(entries)


def _tex(text: str) -> str:
    """Escape what TeX would take as a command."""
    plain = re.sub(r"[{}\\]", "", " ".join(text.split()))
    return re.sub(r"([&%$#_])", r"\\\1", plain).replace("~", r"\textasciitilde{}").replace("^", r"\textasciicircum{}")


def _bare(text: str) -> str:
    return re.sub(r"[{}\\\s]", "", text)
