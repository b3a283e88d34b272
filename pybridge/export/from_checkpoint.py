"""``pybridge export``: from a torch file and a template to a model folder. Imports torch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from pybridge import zoo
from pybridge.core.errors import UsageError
from pybridge.export.architecture import build_architecture
from pybridge.export.description import DESCRIPTION, check_text
from pybridge.export.folder import ExportedModel, check_folder, write_package
from pybridge.export.package import Package
from pybridge.export.readme import plain_readme
from pybridge.export.sample import image_for
from pybridge.export.state import check_settings, check_state, read_torch_content, state_in
from pybridge.export.template import Template, read_template
from pybridge.export.tensors import channel_names_of, output_tensor, space_of, stepped, with_size
from pybridge.files.yaml_file import parse_yaml, read_yaml
from pybridge.networks.build import Network, build_network

# What `pybridge train` leaves beside its checkpoints and in its model folders.
RECIPE = "train.yaml"


def export_checkpoint(
    file: Path,
    folder: Path,
    *,
    template: str,
    architecture: str | None = None,
    settings: str | None = None,
    trust: bool = False,
    overwrite: bool = False,
) -> ExportedModel:
    """Turn a torch file to a model folder.

    Parameters
    ----------
    file : Path
        A state dict, a checkpoint with one in it, or (trusted) a pickled module.
    folder : Path
        The model folder to write.
    template : str
        Id or folder of a model, or a YAML file.
    architecture : str, optional
        ``MODULE:CALLABLE`` or ``FILE.py:CALLABLE`` that builds the network; not needed for PyBridge's own.
    settings : str, optional
        Its keyword arguments: a YAML or JSON file, or such text. For a network of PyBridge: a training configuration,
        by default the ``train.yaml`` beside the file.
    trust : bool
        Also load a pickled module, which runs the code in it.
    overwrite : bool
        Replace an existing model folder.

    Returns
    -------
    ExportedModel

    Raises
    ------
    UsageError
        If a setting is wrong, or the file is no torch file.
    ModelError
        If weights and network do not belong together, or the network cannot be exported.
    OutputExistsError
        If the folder is there.
    """
    check_folder(folder, overwrite=overwrite)
    given = read_template(template, id=folder.resolve().name)
    check_text(given.id, given.text)
    content = read_torch_content(file, trust=trust)
    module = _network(file, content, given, architecture=architecture, settings=settings)
    if isinstance(module, Network):
        given = fit_template(given, module)
    decoder = given.config.decoder
    how = (
        f"PyBridge's decoder `{decoder.name}` turns its outputs into labels."
        if decoder is not None
        else "Its outputs are images."
    )
    package = Package(
        id=given.id,
        text=given.text,
        input=given.input,
        output=given.output,
        config=given.config,
        readme=plain_readme(given.id, given.text, made_from=file.name, how=how),
        test_image=image_for(given.input, given.test_image),
    )
    return write_package(module, package, folder, overwrite=overwrite)


def fit_template(template: Template, network: Network) -> Template:
    """Let a network of ours say what it knows better than a template: its step, outputs and decoder.

    Raises
    ------
    UsageError
        If the template is for another kind of network.
    """
    asked = f"export a network with the head {network.head_name!r}"
    decoder = template.config.decoder
    channels, dims = len(channel_names_of(template.input)), len(space_of(template.input))
    if decoder is None or decoder.name != network.head_name:
        found = "no decoder" if decoder is None else f"the decoder {decoder.name!r}"
        raise UsageError(asked, found=f"a template with {found}", do="choose a template with the head's decoder")
    if (channels, dims) != (network.channels, network.dims):
        raise UsageError(
            asked,
            found=f"a template for {channels} channel(s) in {dims} dimensions, and a network for {network.channels} in "
            f"{network.dims}",
            do="choose a template of that form",
        )
    tensor = with_size(template.input, [stepped(network.step)] * dims)
    output = output_tensor(
        network.output_names, of=tensor, id=template.output.id, description=template.output.description
    )
    return dataclasses.replace(template, input=tensor, output=output)


def _network(
    file: Path, content: Any, template: Template, *, architecture: str | None, settings: str | None
) -> nn.Module:
    """Bring weights and network together."""
    asked = f"export {str(file)!r}"
    if isinstance(content, nn.Module):
        if architecture is not None:
            raise UsageError(
                asked,
                found="a whole pickled network together with --architecture",
                do="leave --architecture out, or save its state dict",
            )
        return content
    state = state_in(content, asked=asked)
    if architecture is not None:
        network = build_architecture(architecture, _keywords(settings))
    else:
        network = _our_network(file, template, settings=settings, asked=asked)
    check_state(network, state, asked=asked)
    network.load_state_dict(state)
    return network


def _our_network(file: Path, template: Template, *, settings: str | None, asked: str) -> Network:
    """Build the network of a checkpoint of `pybridge train` from the configuration beside it."""
    found = _recorded_settings(file, settings)
    if found is None:
        raise UsageError(
            asked,
            found=f"weights only, and no {RECIPE} of `pybridge train` beside them",
            do="name what builds the network, --architecture MODULE:CALLABLE or FILE.py:CALLABLE; for a checkpoint of "
            "PyBridge, give its configuration with --settings",
        )
    kept = {key: found[key] for key in ("network", "head", "channels", "dims") if key in found}
    whole = {"network": {}, "head": {}, "channels": len(channel_names_of(template.input))} | kept
    checked = check_settings(whole, asked=asked)
    return build_network(checked.network, checked.head, channels=checked.channels, dims=checked.dims)


def _recorded_settings(file: Path, settings: str | None) -> Mapping[str, Any] | None:
    if settings is not None:
        return _keywords(settings)
    if (file.parent / RECIPE).is_file():
        return _keywords(str(file.parent / RECIPE))
    if (file.parent / DESCRIPTION).is_file():
        # These are the weights of a model folder, whose description has the settings.
        return zoo.find(file.parent).config.network or None
    return None


def _keywords(settings: str | None) -> Mapping[str, Any]:
    """Read keyword arguments out of a file or a text."""
    if settings is None:
        return {}
    asked, do = f"use the settings {settings!r}", "give a YAML or JSON file, or text such as '{channels: 1}'"
    path = Path(settings)
    is_file = path.suffix.lower() in (".yaml", ".yml", ".json")
    found = read_yaml(path, asked=asked, do=do) if is_file else parse_yaml(settings, asked=asked, do=do)
    if not isinstance(found, Mapping) or not all(isinstance(key, str) for key in found):
        raise UsageError(asked, found=f"{type(found).__name__}, not names with values", do=do)
    return found
