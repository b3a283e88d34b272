"""From what a user typed to a complete training configuration. Imports pydantic, zoo and core; never torch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pybridge.core.errors import ModelError, UsageError
from pybridge.core.model_names import id_from
from pybridge.training.config import ScheduleConfig, TrainingConfig, check_config, load_config

if TYPE_CHECKING:
    from pybridge.zoo.model import Model

# Few steps with small changes: a network that knows nuclei is to learn what these look like, not to forget the others.
_FINE_TUNING: dict[str, dict[str, Any]] = {
    "schedule": {"steps": 400, "batch": 8, "validate_every": 50},
    "optimiser": {"learning_rate": 5e-4, "warm_up_steps": 40, "ema_decay": 0.98},
}


def configure(
    *,
    config: str | None,
    start: str | None,
    images: str | None,
    labels: str | None,
    index: str | None,
    group_column: str | None,
    split_column: str | None,
    channel: str | None,
    name: str | None,
    steps: int | None,
    freeze_encoder: bool,
    seed: int | None,
    device: str,
) -> tuple[TrainingConfig, Path]:
    """Make the configuration of one call.

    Parameters
    ----------
    config : str or None
        Path of a YAML file; the parameters below change single settings of it.
    start : str or None
        Id or folder of a model to fine-tune.
    images, labels, index, group_column, split_column : str or None
        The data of a fine-tuning.
    channel : str or None
        Which channel of multi-channel images.
    name : str or None
        Id of the new model.
    steps, freeze_encoder, seed, device
        Single settings.

    Returns
    -------
    config : TrainingConfig
    base : Path
        Folder that its relative paths start from.

    Raises
    ------
    UsageError
        If something in it cannot be.
    ModelError
        If the model to start from was not trained by PyBridge.
    """
    _check_sources(config, {"from": start, "images": images, "labels": labels}, {"index": index})
    if config is not None:
        path = Path(config)
        found = load_config(path).model_dump(mode="json", exclude_unset=True)
        base, asked = path.parent, f"the training configuration {config!r}"
    else:
        found = _fine_tuning(str(start), images=str(images), labels=str(labels))
        base, asked = Path(), f"fine-tune {start!r}"
        if index is not None:
            found["data"] |= {"index": index, "group_column": group_column, "split_column": split_column}
    if channel is not None:
        found["data"]["channel"] = channel
    schedule = {"steps": steps, "seed": seed, "device": device if device != "auto" else None}
    found.setdefault("schedule", {}).update({key: value for key, value in schedule.items() if value is not None})
    if steps is not None:
        # A short run is to be looked at too: at least four times.
        every = found["schedule"].get("validate_every", ScheduleConfig().validate_every)
        found["schedule"]["validate_every"] = max(1, min(every, steps // 4))
    if name is not None:
        found["name"] = name
    if freeze_encoder:
        if "fine_tune" not in found:
            raise UsageError(
                asked, found="freeze_encoder without a model to start from", do="add from=, or leave it out"
            )
        found["fine_tune"]["freeze_encoder"] = True
    return check_config(found, asked=asked), base


def _check_sources(config: str | None, needed: dict[str, str | None], optional: dict[str, str | None]) -> None:
    """Raise unless there is either a configuration or all that a fine-tuning needs."""
    given = [key for key, value in (needed | optional).items() if value is not None]
    if config is not None and given:
        raise UsageError(
            "train a model",
            found=f"a configuration together with {', '.join(given)}",
            do="write these into the configuration, or leave it out",
        )
    missing = [key for key, value in needed.items() if not value]
    if config is None and missing:
        raise UsageError(
            "train a model",
            found=f"no configuration, and no {', no '.join(missing)}",
            do="give a configuration file, or all of from, images and labels",
        )


def _fine_tuning(start: str, *, images: str, labels: str) -> dict[str, Any]:
    """Settings of a fine-tuning: those of the model's own training, with new data, fewer steps and smaller ones."""
    from pybridge import zoo

    model = zoo.find(start)
    trained = _settings_of(model)
    kept = {
        key: trained[key] for key in ("network", "head", "normalisation", "augmentation", "decoder") if key in trained
    }
    earlier = trained.get("schedule", {})
    schedule = _FINE_TUNING["schedule"] | {key: earlier[key] for key in ("crop_px",) if key in earlier}
    return kept | {
        "name": f"{id_from(model.id)[:57]}-tuned",
        "about": {"description": f"{model.id}, fine-tuned on images of one user."},
        # Two parts are held back: one chooses the checkpoint and thresholds, the other is scored once.
        "data": {"images": [images], "labels": labels, "validation": 0.2, "test": 0.2},
        "schedule": schedule,
        "optimiser": dict(_FINE_TUNING["optimiser"]),
        "fine_tune": {"model": start},
    }


def _settings_of(model: Model) -> dict[str, Any]:
    """Take the settings of a model's training out of its description."""
    settings = model.config.training.get("config")
    if "forest" in model.config.training:
        raise ModelError(
            f"fine-tune {model.id!r}",
            found="it is a random forest, which cannot be tuned",
            do="grow a new one from your own marks: from=baseline:pixel-forest",
        )
    if not isinstance(settings, dict) or "network" not in settings:
        raise ModelError(
            f"fine-tune {model.id!r}",
            found="its description has no settings of a training by PyBridge",
            do="start from a model that `pybridge train` made, for example nuclei-fluo",
        )
    return settings
