"""Which classical methods there are, and from ``baseline:otsu-watershed:sigma=2`` to a checked one. Imports core."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from pybridge import __version__
from pybridge.baselines.denoising import GaussianOptions, MeansOptions, MedianOptions, NoOptions
from pybridge.baselines.options import Options, options_text, read_options, sha256_of_options
from pybridge.baselines.spots import SpotOptions
from pybridge.baselines.watershed_options import WatershedOptions
from pybridge.core.baseline_names import DENOISING, FOREST, NONE, PREFIX, SEGMENTING, is_baseline
from pybridge.core.errors import ModelNotFoundError, did_you_mean
from pybridge.core.record import ModelUsed

_WATERSHED = (
    "Meyer, Topographic distance and watershed lines. Signal Processing 38, 1994, doi:10.1016/0165-1684(94)90060-4"
)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A classical method.

    Parameters
    ----------
    name : str
        Without the prefix, for example ``"otsu-watershed"``.
    task : str
        ``segment`` or ``predict``: the command that takes it.
    summary : str
        One sentence for people.
    options : type of Options
        Declares its options.
    cite : tuple of str
        Papers.
    """

    name: str
    task: str
    summary: str
    options: type[Options]
    cite: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What users type, for example ``"baseline:otsu-watershed"``."""
        return PREFIX + self.name


@dataclass(frozen=True, slots=True)
class ChosenBaseline:
    """A method with the options of one call."""

    method: Baseline
    options: Options

    @property
    def id(self) -> str:
        """The id with the options that differ from their defaults: finds the same method again."""
        return self.method.id + options_text(self.options)

    def used(self) -> ModelUsed:
        """Describe the method for the run record, where a model's description stands; the hash is of the options."""
        return ModelUsed(
            id=self.id,
            version=__version__,
            sha256=sha256_of_options(self.method.name, self.options),
            license="BSD-3-Clause",
            cite=self.method.cite,
            source="",
        )


_OTSU = (
    "Otsu, A threshold selection method from gray-level histograms. IEEE Trans. SMC 9, 1979, "
    "doi:10.1109/TSMC.1979.4310076"
)
_LI = "Li and Tam, An iterative algorithm for minimum cross entropy thresholding. Pattern Recognition Letters 19, 1998"
_ZACK = (
    "Zack, Rogers and Latt, Automatic measurement of sister chromatid exchange frequency. "
    "J. Histochem. Cytochem. 25, 1977, doi:10.1177/25.7.70454"
)


def _watershed(name: str, threshold: str, *cite: str) -> Baseline:
    summary = f"smoothing, {threshold}, edges at half height, split at narrow necks (distance watershed), size filters"
    return Baseline(name, "segment", summary, WatershedOptions, (*cite, _WATERSHED))


_BASELINES = (
    _watershed("otsu-watershed", "Otsu's threshold", _OTSU),
    _watershed("li-watershed", "Li's minimum cross entropy threshold", _LI),
    _watershed("triangle-watershed", "the triangle threshold", _ZACK),
    _watershed("local-watershed", "the mean around each pixel as threshold, above a floor from Otsu's", _OTSU),
    Baseline(
        "log-spots",
        "segment",
        "bright spots by the Laplacian of Gaussian: peaks above noise, down to half their height",
        SpotOptions,
        (
            "Lindeberg, Feature detection with automatic scale selection. Int. J. Computer Vision 30, 1998, "
            "doi:10.1023/A:1008045108935",
        ),
    ),
    Baseline(
        FOREST,
        "segment",
        "random forest on pixel features, trained on nuclei in fluorescence: the shipped model pixel-forest",
        Options,
        ("Breiman, Random forests. Machine Learning 45, 2001, doi:10.1023/A:1010933404324",),
    ),
    Baseline("gaussian", "predict", "denoising by a Gaussian", GaussianOptions),
    Baseline("median", "predict", "denoising by the median of a disc", MedianOptions),
    Baseline(
        "nl-means",
        "predict",
        "denoising by non-local means, as strong as the noise asks for",
        MeansOptions,
        ("Buades, Coll and Morel, A non-local algorithm for image denoising. CVPR 2005, doi:10.1109/CVPR.2005.38",),
    ),
    Baseline(NONE, "predict", "the image as it is: what a denoiser must beat", NoOptions),
)


def find_baseline(reference: str, /, *, task: str | None = None) -> ChosenBaseline:
    """Find a classical method by what a user typed, with or without options.

    Parameters
    ----------
    reference : str
        ``baseline:NAME`` or ``baseline:NAME:option=value:option=value``.
    task : str, optional
        The command that asks: ``segment`` or ``predict``.

    Raises
    ------
    ModelNotFoundError
        If there is no such method, or it is one of the other command.
    UsageError
        If an option is wrong.

    Examples
    --------
    >>> find_baseline("baseline:otsu-watershed:sigma=2").options.sigma
    2.0
    """
    name, *texts = reference.removeprefix(PREFIX).split(":")
    known = {each.name: each for each in _BASELINES}
    if not is_baseline(reference) or name not in known:
        raise ModelNotFoundError(
            f"find the baseline {reference!r}",
            found="no classical method of that name",
            do=did_you_mean(PREFIX + name, [each.id for each in list_baselines(task=task)]),
        )
    method = known[name]
    if task is not None and method.task != task:
        others = ", ".join(each.id for each in list_baselines(task=task))
        raise ModelNotFoundError(
            f"{task} with {reference!r}",
            found=f"it is a method of `pybridge {method.task}`",
            do=f"use PyBridge {method.task.capitalize()}, or one of {others}",
        )
    return ChosenBaseline(method, read_options(method.options, texts, asked=f"use {reference!r}"))


def list_baselines(*, task: str | None = None) -> tuple[Baseline, ...]:
    """List the classical methods, all or those of one command.

    Examples
    --------
    >>> list_baselines(task="segment")[0].id
    'baseline:otsu-watershed'
    """
    order = [*SEGMENTING, *DENOISING]
    return tuple(sorted((each for each in _BASELINES if task in (None, each.task)), key=lambda b: order.index(b.name)))


def options_of(method: Baseline) -> tuple[tuple[str, str, str], ...]:
    """List the options of a method for people: name, default and meaning."""
    return tuple(
        (each.name, "auto" if each.default is None else str(each.default), str(each.metadata["help"]))
        for each in dataclasses.fields(method.options)
    )
