"""The README of a model folder: what its makers say, what was measured, and what nobody has said yet."""

from __future__ import annotations

from pybridge.export.about import ModelText


def missing_texts(text: ModelText) -> tuple[str, ...]:
    """List what a user of the model should know and nobody has said; none of it is made up.

    Examples
    --------
    >>> missing_texts(ModelText(description="Nuclei.", license="MIT", authors=("A. Maker",), limits="2-D only"))
    ('citations', 'training data')
    """
    stated = {
        "authors": bool(text.authors),
        "licence": text.license is not None,
        "description": bool(text.description),
        "citations": bool(text.cite),
        "training data": bool(text.training_data.name),
        "limits": bool(text.limits),
    }
    return tuple(name for name, found in stated.items() if not found)


def complete_readme(readme: str, text: ModelText, *, parity: str, parity_limit: float) -> str:
    """Add to a README how the ONNX file compares with torch, and what is not stated.

    Parameters
    ----------
    readme : str
        What its makers say, Markdown.
    text : ModelText
        What the description says.
    parity : str
        The table, Markdown.
    parity_limit : float
        What was allowed.
    """
    parts = [
        readme.strip(),
        "## The ONNX file and the torch network\n\n"
        "Both on the same random numbers; differences are |ONNX - torch| / max(1, |torch|), and more than "
        f"{parity_limit:g} would have been refused. `tiles` compares a tiled with an untiled run of the ONNX file.\n\n"
        f"{parity}",
    ]
    missing = missing_texts(text)
    if missing:
        parts.append(
            "## Not stated\n\nNobody has said yet: " + ", ".join(missing) + ". Ask its makers before relying on it."
        )
    return "\n\n".join(parts) + "\n"


def plain_readme(id: str, text: ModelText, *, made_from: str, how: str) -> str:
    """Write a README from what a description says.

    Parameters
    ----------
    id : str
        Of the model.
    text : ModelText
        What people said of it.
    made_from : str
        Name of the torch file.
    how : str
        How its outputs are to be read: decoder or plain images.
    """
    parts = [f"# {text.title or id}"]
    if text.description:
        parts.append(text.description)
    parts.append(f"Made from `{made_from}` by `pybridge export`. {how}")
    data = text.training_data
    if data.name:
        said = [f"{data.name}.", data.description, f"Licence: {data.license or 'not stated'}."]
        parts.append("## Training data\n\n" + " ".join(part for part in said if part))
    if text.limits:
        parts.append(f"## Limits\n\n{text.limits}")
    if text.cite:
        cited = [
            f"- {each.text} {f'https://doi.org/{each.doi}' if each.doi else each.url or ''}".rstrip()
            for each in text.cite
        ]
        parts.append("## Please cite\n\n" + "\n".join(cited))
    return "\n\n".join(parts) + "\n"
