"""Augmentation: what another microscope, another day or another field would have changed. Imports torch and MONAI.

Geometry (grids and resampling) and noise-free intensity changes are MONAI's (Cardoso et al., arXiv 2211.02701); what
depends on the objects' labels is ours. All chance comes from one NumPy generator, so that a crop can be made again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pybridge.training.config import AugmentationConfig
from pybridge.training.paste import paste_objects

_ELASTIC_SPACING_PX = 48.0


class Augmentation:
    """Cut crops out of labelled images and vary them.

    Parameters
    ----------
    config : AugmentationConfig
        Chances and ranges.
    crop_px : int
        Side of a crop.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pixels, labels = np.zeros((1, 40, 50), np.float32), np.zeros((40, 50), np.int32)
    >>> crop, cut = Augmentation(AugmentationConfig(), crop_px=32).draw(pixels, labels, rng)
    >>> crop.shape, crop.dtype, cut.shape
    ((1, 32, 32), dtype('float32'), (32, 32))
    """

    def __init__(self, config: AugmentationConfig, *, crop_px: int) -> None:
        from monai.transforms import AffineGrid, GaussianSmooth, RandDeformGrid, Resample

        self._config, self._crop_px = config, crop_px
        self._grid, self._deform, self._smooth = AffineGrid, RandDeformGrid, GaussianSmooth
        self._resample = Resample(padding_mode="reflection", align_corners=True)

    def draw(
        self, pixels: NDArray[np.float32], labels: NDArray[np.int32], rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Make one crop.

        Parameters
        ----------
        pixels : ndarray of float32, shape (C, Y, X)
            Normalised pixels.
        labels : ndarray of int32, shape (Y, X)
            Their labels.
        rng : numpy.random.Generator
            Where all chance comes from.

        Returns
        -------
        crop : ndarray of float32, shape (C, crop_px, crop_px)
        cut : ndarray of int32, shape (crop_px, crop_px)
            Labels 1 to n.
        """
        if rng.random() < self._config.geometry:
            crop, cut = self._bent(pixels, labels, rng)
        else:
            crop, cut = self._straight(pixels, labels, rng)
        if self._config.flips:
            turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
            crop, cut = np.rot90(crop, turns, axes=(1, 2)), np.rot90(cut, turns)
            if mirrored:
                crop, cut = crop[:, :, ::-1], cut[:, ::-1]
        # Reflection repeats an id in separate places: each connected region of one id is an object of its own.
        objects = _regions(cut)
        # Asked before it is drawn: a recipe without pasting draws the same numbers as before there was any.
        if self._config.paste > 0 and rng.random() < self._config.paste:
            crop, pasted = paste_objects(np.ascontiguousarray(crop), objects, rng)
            objects = _regions(pasted)
        return self._disturbed(np.ascontiguousarray(crop), objects, rng), objects

    def _straight(self, pixels: Any, labels: Any, rng: np.random.Generator) -> tuple[Any, Any]:
        size = self._crop_px
        missing = [(0, max(0, size - extent)) for extent in labels.shape]
        if any(after for _, after in missing):
            pixels = np.pad(pixels, [(0, 0), *missing], mode="symmetric")
            labels = np.pad(labels, missing, mode="symmetric")
        y, x = (int(rng.integers(0, extent - size + 1)) for extent in labels.shape)
        return pixels[:, y : y + size, x : x + size], labels[y : y + size, x : x + size]

    def _bent(self, pixels: Any, labels: Any, rng: np.random.Generator) -> tuple[Any, Any]:
        config, size = self._config, self._crop_px
        angle = rng.uniform(0, 2 * np.pi)
        scale = float(np.exp(rng.uniform(*np.log(config.scale))))
        stretch = float(np.exp(rng.normal(0, config.stretch)))
        centre = [(rng.uniform(0.15, 0.85) - 0.5) * extent for extent in labels.shape]
        deform = self._deform(
            spacing=(_ELASTIC_SPACING_PX, _ELASTIC_SPACING_PX), magnitude_range=(0, config.elastic_px)
        )
        deform.set_random_state(seed=int(rng.integers(2**31)))
        coarse = deform(spatial_size=(size, size))
        grid = torch.nn.functional.interpolate(
            torch.as_tensor(coarse)[None],
            scale_factor=[_ELASTIC_SPACING_PX, _ELASTIC_SPACING_PX],
            mode="bicubic",
            align_corners=False,
        )[0]
        first = [(extent - size) // 2 for extent in grid.shape[1:]]
        grid = grid[:, first[0] : first[0] + size, first[1] : first[1] + size]
        # A grid twice as wide shows objects half as large.
        grid, _ = self._grid(
            scale_params=(stretch / scale, 1 / (stretch * scale)),
            rotate_params=angle,
            translate_params=tuple(centre),
        )(grid=grid)
        image = torch.from_numpy(np.ascontiguousarray(pixels))
        if scale < 0.8:
            # Half the resolution would alias what it can no longer show.
            image = self._smooth(sigma=0.4 / scale)(image)
        crop = self._resample(image, grid, mode="bilinear")
        cut = self._resample(torch.from_numpy(labels[None].astype(np.float32)), grid, mode="nearest")
        return np.asarray(crop, np.float32), np.rint(np.asarray(cut)[0]).astype(np.int32)

    def _disturbed(self, crop: Any, labels: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.float32]:
        """Change brightness per object, background, gamma, blur, noise, gain and offset, channel by channel alike."""
        config = self._config
        if rng.random() < config.object_brightness and labels.max() > 0:
            gains = rng.uniform(0.35, 1.15, labels.max() + 1).astype(np.float32)
            gains[0] = 1.0
            crop = crop * self._blurred(gains[labels][None], 1.0)
        if rng.random() < config.background:
            corners = torch.from_numpy(rng.uniform(0, 1, (1, 1, 3, 3)).astype(np.float32))
            slope = torch.nn.functional.interpolate(corners, labels.shape, mode="bilinear", align_corners=True)
            crop = crop + slope[0].numpy() * rng.uniform(0.05, 0.5)
        if rng.random() < config.gamma:
            crop = np.clip(crop, 0, None) ** float(np.exp(rng.uniform(*np.log(config.gamma_range))))
        if rng.random() < config.blur:
            crop = self._blurred(crop, rng.uniform(*config.blur_px))
        if rng.random() < config.noise:
            level = config.noise_level
            shot = np.sqrt(np.clip(crop, 0, None)) * rng.uniform(0, level) + rng.uniform(0, level * 2 / 3)
            crop = crop + shot * rng.standard_normal(crop.shape, np.float32)
        disturbed = crop * rng.uniform(1 - config.gain, 1 + config.gain) + rng.normal(0, config.gain / 5)
        return np.ascontiguousarray(disturbed, np.float32)

    def _blurred(self, pixels: Any, sigma: float) -> Any:
        return np.asarray(self._smooth(sigma=sigma)(torch.from_numpy(np.ascontiguousarray(pixels, np.float32))))


def _regions(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Number the connected regions of one id each from 1."""
    from skimage.measure import label

    regions: NDArray[np.int64] = label(np.ascontiguousarray(labels), background=0)  # type: ignore[no-untyped-call]
    return regions.astype(np.int32)
