"""The learned mapper M: Ω → ξ (paper section 3.4) as plain NumPy, and the file that holds it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .errors import FileFormatError, SemantifyError
from .files import bounds
from .files.names import check_name, check_words
from .files.npz import Field, load_npz, save_npz
from .files.schema import Maybe, conform
from .model.ellipsoid import Ellipsoid
from .model.key_set import KeySet
from .model.limits import smooth_limit
from .model.morphable_model import MorphableModel
from .networks.layers import check_covariance, check_reach, load_layers

SCHEMA = "semantify.mapper/1"
SUFFIX = ".mapper.npz"

_SCORE = (-bounds.LARGEST_SCORE, bounds.LARGEST_SCORE)
_COEFFICIENT = (-bounds.LARGEST_COEFFICIENT, bounds.LARGEST_COEFFICIENT)
_COEFFICIENT_COVARIANCE = (-(bounds.LARGEST_COEFFICIENT**2), bounds.LARGEST_COEFFICIENT**2)
_COVARIANCE = (-(bounds.LARGEST_SCORE**2), bounds.LARGEST_SCORE**2)
_FIELDS = {
    "descriptors": Field("U", ("d",), most=bounds.DESCRIPTORS),
    "low": Field("f", ("d",), within=_SCORE),
    "high": Field("f", ("d",), within=_SCORE),
    "default": Field("f", ("d",), within=_SCORE),
    "score_mean": Field("f", ("d",), within=_SCORE),
    "score_deviation": Field("f", ("d",), within=(bounds.SMALLEST, bounds.LARGEST_SCORE)),
    "score_covariance": Field("f", ("d", "d"), within=_COVARIANCE),
    "coefficient_mean": Field("f", ("K",), most=bounds.COMPONENTS, within=_COEFFICIENT),
    "coefficient_scale": Field("f", ("K",), within=_COEFFICIENT),
    "layer_count": Field("iu", ()),
    "limits": Field("f", ("K", 2), required=False, within=_COEFFICIENT),
    "inside_mean": Field("f", ("K",), required=False, within=_COEFFICIENT),
    "inside_covariance": Field("f", ("K", "K"), required=False, within=_COEFFICIENT_COVARIANCE),
    "inside_radius": Field("f", (), required=False),
}
_INSIDE = ("inside_mean", "inside_covariance", "inside_radius")
_METADATA = {
    "model_name": str, "model_checksum": str, "bound?": Maybe(float),
    "figures?": {"fit?": {str: object}},
    "provenance?": {
        "clip?": str, "clip_checksum?": str, "dataset?": str, "templates?": [str],
        "recipe?": {"validation?": float, "test?": float, "seed?": int}, "seed?": int,
    },
}  # fmt: skip
_SPREAD = 10.0
"""Deviations from the mean within which a score certainly gives finite coefficients, if its range is narrower."""
REACH = 1.5
"""How far sliders may be set where shapes are held inside a population: beyond ±1 the score goes on as straight."""
_MOST_FACTS = 100
"""Figures, and facts of where it comes from: a panel shows them all."""


@dataclass(frozen=True, eq=False)
class Mapper:
    """Descriptor scores to coefficients: standardise, ReLU MLP, scale back.

    descriptors: the d words, in the order of every (d,) array here.
    low, high, default: (d,) float32 slider range and rest value, in score units Ω = 100·cos(image, text).
    score_mean, score_deviation: (d,) float32 standardisation of the input (real CLIP's scores spread by about 1 only).
    score_covariance: (d, d) float32 of the training scores, for `natural_scores`.
    coefficient_mean, coefficient_scale: (K,) float32, output = mean + scale · network.
    layers: (weight (out, in), bias (out,)) float32; ReLU between layers.
    bound: when set, coefficients are soft-limited to ±bound standard deviations (bound · tanh(ξ / bound)).
    limits: (K, 2) float32 when the model's coefficients have ranges: outputs stay inside (`model.limits`).
    inside: the likely shapes of the model's population, when it has one: whatever the scores, outputs lie there.
    keys: the mesh's own shape keys that the coefficients are the values of; None for a model of components.
    model_name, model_checksum: the morphable model it was trained for.
    figures: what `semantify evaluate` measured. provenance: CLIP model, dataset, seed, recipe, date.

    >>> import semantify_blender as sb
    >>> mapper = sb.load_mapper("anny-body-neutral")
    >>> at_rest = mapper.scores_from_sliders(np.zeros(len(mapper.descriptors)))  # (d,) scores
    >>> mapper.coefficients(at_rest).shape  # (K,) standard deviations
    (40,)
    """

    descriptors: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    default: np.ndarray
    score_mean: np.ndarray
    score_deviation: np.ndarray
    score_covariance: np.ndarray
    coefficient_mean: np.ndarray
    coefficient_scale: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]
    model_name: str
    model_checksum: str
    bound: float | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    limits: np.ndarray | None = None
    keys: KeySet | None = None
    inside: Ellipsoid | None = None

    @property
    def component_count(self) -> int:
        """K, the number of coefficients."""
        return len(self.coefficient_mean)

    @property
    def reach(self) -> float:
        """How far a slider may be set either way: 1, or farther where shapes stay likely whatever the scores."""
        return 1.0 if self.inside is None else REACH

    def coefficients(self, scores: np.ndarray) -> np.ndarray:
        """ξ for scores Ω.

        scores: (..., d) in score units. Returns (..., K) float32 in standard deviations, or the values of shape keys.
        """
        x = (np.asarray(scores, np.float32) - self.score_mean) / self.score_deviation
        last = len(self.layers) - 1
        for i, (weight, bias) in enumerate(self.layers):
            # one set of scores is a slider's change: BLAS would share it out among threads, and wait for them
            x = (np.einsum("i,oi->o", x, weight) if x.ndim == 1 else x @ weight.T) + bias
            if i < last:
                x = np.maximum(x, 0.0)
        x = self.coefficient_mean + self.coefficient_scale * x
        if self.limits is not None:
            x = smooth_limit(x, self.limits)
        elif self.bound is not None:
            x = self.bound * np.tanh(x / self.bound)
        return x if self.inside is None else self.inside.held(x)

    def scores_from_sliders(self, sliders: np.ndarray) -> np.ndarray:
        """Slider positions (..., d), −1 low, 0 default, +1 high, to scores (..., d); linear on either side."""
        sliders = np.asarray(sliders, np.float32)
        return self.default + np.where(
            sliders < 0, sliders * (self.default - self.low), sliders * (self.high - self.default)
        )

    def sliders_from_scores(self, scores: np.ndarray) -> np.ndarray:
        """Inverse of `scores_from_sliders`, clipped to ± `reach`. scores: (..., d). Returns (..., d) float32."""
        offset = np.asarray(scores, np.float32) - self.default
        span = np.where(offset < 0, self.default - self.low, self.high - self.default)
        return np.clip(offset / np.maximum(span, 1e-6), -self.reach, self.reach)

    def natural_scores(self, scores: np.ndarray, held: np.ndarray) -> np.ndarray:
        """Let the scores that nobody set follow those that were set, as they do in the training shapes.

        The conditional mean of a Gaussian: Ω_free + Σ_fh Σ_hh⁻¹ (Ω_h − default_h).
        scores: (d,); held: (d,) bool, the descriptors that keep their value. Returns (d,) float32, inside the ranges.
        """
        scores = np.asarray(scores, np.float32).copy()
        held = np.asarray(held, bool)
        if held.any() and not held.all():
            # a variance may be so small that single precision cannot divide by it
            covariance = self.score_covariance.astype(np.float64)
            inner, cross = covariance[np.ix_(held, held)], covariance[np.ix_(~held, held)]
            # a little of the identity keeps near-duplicate descriptors from exploding
            inner = inner + 1e-3 * np.trace(inner) / len(inner) * np.eye(len(inner))
            # as `solve`, and also where the scores that are held say the same
            follow = cross @ np.linalg.lstsq(inner, scores[held] - self.default[held], rcond=None)[0]
            scores[~held] = np.clip(scores[~held] + follow, self.low[~held], self.high[~held])
        return scores

    def check_model(self, model: MorphableModel) -> None:
        """Raise SemantifyError unless `model` is the one this mapper was trained for."""
        if model.checksum != self.model_checksum:
            raise SemantifyError(
                f"this mapper was trained for model {self.model_name!r} (checksum {self.model_checksum[:12]}…) but "
                f"{model.name!r} has checksum {model.checksum[:12]}…; open that model or train a mapper for this one"
            )

    def save(self, path: str | Path) -> None:
        """Write `*.mapper.npz` (weights as float16, everything else float32)."""
        arrays: dict[str, np.ndarray] = {
            "descriptors": np.array(self.descriptors),
            "layer_count": np.array(len(self.layers)),
        }
        if self.inside is not None:
            values = (self.inside.mean, self.inside.covariance, self.inside.radius)
            arrays |= {name: np.asarray(value, np.float32) for name, value in zip(_INSIDE, values, strict=True)}
        for name in _FIELDS:
            if name not in (*arrays, *_INSIDE) and getattr(self, name) is not None:
                arrays[name] = np.asarray(getattr(self, name), np.float32)
        for i, (weight, bias) in enumerate(self.layers):
            arrays[f"layer{i}/weight"] = weight.astype(np.float16)
            arrays[f"layer{i}/bias"] = bias.astype(np.float32)
        metadata = {
            "model_name": self.model_name,
            "model_checksum": self.model_checksum,
            "bound": self.bound,
            "figures": self.figures,
            "provenance": self.provenance,
            **(self.keys.metadata() if self.keys else {}),
        }
        save_npz(path, SCHEMA, arrays, metadata)

    @classmethod
    def load(cls, path: str | Path, content: bytes | None = None) -> "Mapper":
        """Read `*.mapper.npz`. content: its bytes when they are at hand, the path is only a name for messages then.

        Raises FileFormatError naming the file and the field when anything is off.
        """
        arrays, metadata = load_npz(path, SCHEMA, _FIELDS, content)
        conform(path, metadata, _METADATA, "metadata", "train the mapper again")
        check_name(path, "metadata.model_name", metadata["model_name"])
        for name in ("figures", "provenance"):
            if len(metadata.get(name, ())) > _MOST_FACTS:
                raise FileFormatError(path, f"metadata.{name}", f"has more than {_MOST_FACTS} entries")
        bound = metadata.get("bound")
        if bound is not None and not bounds.SMALLEST <= bound <= bounds.LARGEST_COEFFICIENT:
            raise FileFormatError(path, "metadata.bound", "expected a positive number or null")
        descriptors = check_words(path, "descriptors", arrays["descriptors"].tolist(), bounds.DESCRIPTORS)
        if not len(arrays["coefficient_mean"]):
            raise FileFormatError(path, "coefficient_mean", "is empty; a mapper gives at least one coefficient")
        if not ((arrays["low"] <= arrays["default"]) & (arrays["default"] <= arrays["high"])).all():
            raise FileFormatError(path, "default", "expected low <= default <= high for every descriptor")
        if "limits" in arrays and not (np.diff(arrays["limits"])[:, 0] >= bounds.SMALLEST).all():
            raise FileFormatError(path, "limits", "expected low < high for every coefficient")
        inside = _inside(path, arrays)
        check_covariance(path, "score_covariance", arrays["score_covariance"], definite=False)
        layers = load_layers(path, arrays, len(descriptors), len(arrays["coefficient_mean"]), "one per coefficient")
        low, default, high = (arrays[name].astype(np.float64) for name in ("low", "default", "high"))
        farthest = REACH * np.maximum(default - low, high - default)
        ends = np.maximum(
            np.abs(default - farthest - arrays["score_mean"]), np.abs(default + farthest - arrays["score_mean"])
        )
        check_reach(path, layers, np.maximum(ends / arrays["score_deviation"], _SPREAD))
        values = {
            name: arrays[name].astype(np.float32)
            for name in _FIELDS
            if name in arrays and name not in _INSIDE and _FIELDS[name].kind == "f"
        }
        return cls(
            descriptors=descriptors,
            layers=layers,
            model_name=metadata["model_name"],
            model_checksum=metadata["model_checksum"],
            bound=bound,
            figures=metadata.get("figures", {}),
            provenance=metadata.get("provenance", {}),
            keys=KeySet.load(path, metadata, len(arrays["coefficient_mean"])),
            inside=inside,
            **values,
        )


def _inside(path: str | Path, arrays: dict[str, np.ndarray]) -> Ellipsoid | None:
    present = [name for name in _INSIDE if name in arrays]
    if not present:
        return None
    if len(present) < len(_INSIDE):
        raise FileFormatError(path, present[0], f"goes together with {', '.join(_INSIDE)}; one of them is missing")
    mean, covariance, radius = (arrays[name] for name in _INSIDE)
    return Ellipsoid.load(path, mean, covariance, float(radius))
