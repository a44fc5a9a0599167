"""The learned mapper M: Ω → ξ (paper section 3.4) as plain NumPy, and the file that holds it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .errors import FileFormatError, SemantifyError
from .key_set import KeySet
from .limits import smooth_limit
from .morphable_model import MorphableModel
from .npz import Field, load_npz, save_npz

SCHEMA = "semantify.mapper/1"
SUFFIX = ".mapper.npz"

_FIELDS = {
    "descriptors": Field("U", ("d",)),
    "low": Field("f", ("d",)),
    "high": Field("f", ("d",)),
    "default": Field("f", ("d",)),
    "score_mean": Field("f", ("d",)),
    "score_deviation": Field("f", ("d",)),
    "score_covariance": Field("f", ("d", "d")),
    "coefficient_mean": Field("f", ("K",)),
    "coefficient_scale": Field("f", ("K",)),
    "layer_count": Field("iu", ()),
    "limits": Field("f", ("K", 2), required=False),
}


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
    limits: (K, 2) float32 when the model's coefficients have ranges: outputs stay inside, see core.limits.smooth_limit.
    keys: the mesh's own shape keys that the coefficients are the values of; None for a model of components.
    model_name, model_checksum: the morphable model it was trained for.
    figures: what `semantify evaluate` measured. provenance: CLIP model, dataset, seed, recipe, date.
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

    @property
    def component_count(self) -> int:
        """K, the number of coefficients."""
        return len(self.coefficient_mean)

    def coefficients(self, scores: np.ndarray) -> np.ndarray:
        """ξ for scores Ω.

        scores: (..., d) in score units. Returns (..., K) float32 in standard deviations, or the values of shape keys.
        """
        x = (np.asarray(scores, np.float32) - self.score_mean) / self.score_deviation
        last = len(self.layers) - 1
        for i, (weight, bias) in enumerate(self.layers):
            x = x @ weight.T + bias
            if i < last:
                x = np.maximum(x, 0.0)
        x = self.coefficient_mean + self.coefficient_scale * x
        if self.limits is not None:
            return smooth_limit(x, self.limits)
        return x if self.bound is None else self.bound * np.tanh(x / self.bound)

    def scores_from_sliders(self, sliders: np.ndarray) -> np.ndarray:
        """Slider positions (..., d), −1 low, 0 default, +1 high, to scores (..., d); linear on each side."""
        sliders = np.asarray(sliders, np.float32)
        return self.default + np.where(
            sliders < 0, sliders * (self.default - self.low), sliders * (self.high - self.default)
        )

    def sliders_from_scores(self, scores: np.ndarray) -> np.ndarray:
        """Inverse of `scores_from_sliders`, clipped to −1..1. scores: (..., d). Returns (..., d) float32."""
        offset = np.asarray(scores, np.float32) - self.default
        span = np.where(offset < 0, self.default - self.low, self.high - self.default)
        return np.clip(offset / np.maximum(span, 1e-6), -1.0, 1.0)

    def natural_scores(self, scores: np.ndarray, held: np.ndarray) -> np.ndarray:
        """Let the scores that nobody set follow those that were set, as they do in the training shapes.

        The conditional mean of a Gaussian: Ω_free + Σ_fh Σ_hh⁻¹ (Ω_h − default_h).
        scores: (d,); held: (d,) bool, the descriptors that keep their value. Returns (d,) float32, inside the ranges.
        """
        scores = np.asarray(scores, np.float32).copy()
        held = np.asarray(held, bool)
        if held.any() and not held.all():
            inner = self.score_covariance[np.ix_(held, held)]
            cross = self.score_covariance[np.ix_(~held, held)]
            # a little of the identity keeps near-duplicate descriptors from exploding
            inner = inner + 1e-3 * np.trace(inner) / len(inner) * np.eye(len(inner), dtype=np.float32)
            follow = cross @ np.linalg.solve(inner, scores[held] - self.default[held])
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
        for name in _FIELDS:
            if name not in arrays and getattr(self, name) is not None:
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
    def load(cls, path: str | Path) -> "Mapper":
        """Read `*.mapper.npz`. Raises FileFormatError naming the file and the field when anything is off."""
        arrays, metadata = load_npz(path, SCHEMA, _FIELDS)
        for name in ("model_name", "model_checksum"):
            if not isinstance(metadata.get(name), str):
                raise FileFormatError(path, f"metadata.{name}", "expected text")
        bound = metadata.get("bound")
        if bound is not None and not (isinstance(bound, int | float) and bound > 0):
            raise FileFormatError(path, "metadata.bound", "expected a positive number or null")
        if not len(arrays["descriptors"]):
            raise FileFormatError(path, "descriptors", "is empty; a mapper needs at least one descriptor")
        if (arrays["score_deviation"] <= 0).any():
            raise FileFormatError(path, "score_deviation", "expected positive numbers")
        if not ((arrays["low"] <= arrays["default"]) & (arrays["default"] <= arrays["high"])).all():
            raise FileFormatError(path, "default", "expected low <= default <= high for every descriptor")
        if "limits" in arrays and not (arrays["limits"][:, 0] < arrays["limits"][:, 1]).all():
            raise FileFormatError(path, "limits", "expected low < high for every coefficient")
        values = {
            name: arrays[name].astype(np.float32) for name in _FIELDS if name in arrays and _FIELDS[name].kind == "f"
        }
        return cls(
            descriptors=tuple(arrays["descriptors"].tolist()),
            layers=_load_layers(path, arrays),
            model_name=metadata["model_name"],
            model_checksum=metadata["model_checksum"],
            bound=bound,
            figures=metadata.get("figures", {}),
            provenance=metadata.get("provenance", {}),
            keys=KeySet.load(path, metadata, len(arrays["coefficient_mean"])),
            **values,
        )


def _load_layers(path: str | Path, arrays: dict[str, np.ndarray]) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """The network's layers, their shapes checked to chain from d scores to K coefficients."""
    layers = []
    width = len(arrays["descriptors"])
    for i in range(int(arrays["layer_count"])):
        names = (f"layer{i}/weight", f"layer{i}/bias")
        for name in names:
            if name not in arrays:
                raise FileFormatError(path, name, "missing")
            if arrays[name].dtype.kind != "f" or not np.isfinite(arrays[name]).all():
                raise FileFormatError(path, name, "expected finite floating-point numbers")
        weight, bias = (arrays[name].astype(np.float32) for name in names)
        if weight.ndim != 2 or weight.shape[1] != width or bias.shape != (weight.shape[0],):
            raise FileFormatError(
                path, names[0], f"has shape {weight.shape} with bias {bias.shape}, expected (*, {width})"
            )
        width = len(bias)
        layers.append((weight, bias))
    if not layers or width != len(arrays["coefficient_mean"]):
        raise FileFormatError(path, "layer_count", f"layers end with {width} outputs, not one per coefficient")
    return tuple(layers)
