"""From whole embeddings to coefficients and how sure they are: past the paper, which keeps d scores of each picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError, SemantifyError
from ..files import bounds
from ..files.names import check_name
from ..files.npz import Field, load_npz, save_npz
from ..files.schema import conform
from ..model.morphable_model import MorphableModel
from ..networks.layers import check_covariance, check_reach, load_layers
from ..pictures.landmarks import BODY_POINTS
from .camera import ViewAngles
from .encoder import Encoder
from .gaussian import Gaussian, fused

SCHEMA = "semantify.fitter/1"
SUFFIX = ".fitter.npz"
LOGS = (-3.0, 6.0)
"""Range of the logarithms: a standard deviation is at most 20 and at least 0.0025 of the prior's."""
JOINT_INPUTS = 2 * len(BODY_POINTS) + 1
FARTHEST = 3.0
"""Half pictures from the middle beyond which no point is believed to lie."""
ANGLES = 3
"""Outputs that tell the view: sine and cosine of the yaw, and the pitch in units of 10 degrees."""

_COORDINATE = (-1e3, 1e3)
"""Numbers of an embedding: its length is 1."""
_FIELDS = {
    "input_mean": Field("f", ("I",), most=bounds.EMBEDDING + 3 * len(BODY_POINTS), within=_COORDINATE),
    "input_deviation": Field("f", ("I",), within=(bounds.SMALLEST, 1e3)),
    "prior_mean": Field(
        "f", ("K",), most=bounds.COMPONENTS, within=(-bounds.LARGEST_COEFFICIENT, bounds.LARGEST_COEFFICIENT)
    ),
    "prior_covariance": Field("f", ("K", "K"), within=(-1e6, 1e6)),
    "embedding_mean": Field("f", ("D",), within=_COORDINATE),
    "embedding_slope": Field("f", ("D", "K"), within=_COORDINATE),
    "angle_deviations": Field("f", (2,), within=(0.0, 360.0)),
    "layer_count": Field("iu", ()),
}
_METADATA = {
    "model_name": str, "model_checksum": str, "encoder_name": str, "encoder_checksum": str, "caution?": float,
    "reads_joints?": bool,
    "spread?": {str: {str: [float]}}, "figures?": {str: object}, "provenance?": {str: object},
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Estimate:
    """What pictures say about a shape: a Gaussian over ξ, and where each picture was taken from."""

    coefficients: np.ndarray
    covariance: np.ndarray
    views: tuple[ViewAngles, ...] = ()


@dataclass(frozen=True, eq=False)
class Fitter:
    """An MLP from an embedding, and where joints were seen, to a Gaussian over ξ and the view.

    model_name, model_checksum: the morphable model. encoder_name, encoder_checksum: whose embeddings it reads.
    reads_joints: whether it takes, after the embedding's D numbers, the 33 points of a body (`joint_inputs`).
    input_mean, input_deviation: (I,) standardisation of all that it takes. layers: (weight (out, in), bias (out,)),
    ReLU between; the output is K means and K(K+1)/2 numbers of a lower triangle that whitens the error, its diagonal as
    logarithms, all in the prior's units, then the view (ANGLES).
    prior_mean, prior_covariance: of ξ in the training shapes. caution: factor on the covariance of pictures that are
    fused, since their errors have much in common.
    embedding_mean (D,), embedding_slope (D, K): the mean embedding of pictures of ξ, as a linear function; it turns a
    locked slider's score into a condition on ξ.
    spread: kind of fit (`sizes.FITTED`, `sizes.REFINED`) -> measurement -> how far it is off, see `sizes.Spread`; empty
    where nobody measured it.
    angle_deviations: (2,) degrees, standard deviation of the yaw's and the pitch's error on held-out pictures.
    """

    model_name: str
    model_checksum: str
    encoder_name: str
    encoder_checksum: str
    input_mean: np.ndarray
    input_deviation: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]
    prior_mean: np.ndarray
    prior_covariance: np.ndarray
    embedding_mean: np.ndarray
    embedding_slope: np.ndarray
    angle_deviations: np.ndarray
    caution: float = 1.0
    reads_joints: bool = False
    spread: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def component_count(self) -> int:
        """K, the number of coefficients."""
        return len(self.prior_mean)

    def estimate(self, embeddings: np.ndarray, joints: Sequence[np.ndarray | None] = ()) -> Estimate:
        """A shape from the embeddings of one or several pictures of it.

        embeddings: (n, D) of unit length. joints: of each picture (33, 2), −1..1 across it, x right and y down, or None
        where nobody saw them; empty where nobody looked. Pictures are fused by how sure each is: their Gaussians are
        multiplied.
        Raises SemantifyError when D is not this fitter's, or when what it gives is no shape.
        """
        embeddings = np.atleast_2d(np.asarray(embeddings, np.float32))
        if embeddings.shape[1] != len(self.embedding_mean):
            raise SemantifyError(
                f"the fitter of {self.model_name!r} reads embeddings of {len(self.embedding_mean)} numbers by "
                f"{self.encoder_name!r}, not {embeddings.shape[1]}: use that encoder"
            )
        try:
            each, views = self._each(self.inputs(embeddings, joints))
            found = fused(each, self.caution)
            finite = bool(np.isfinite(found.mean).all() and np.isfinite(found.covariance).all())
        except np.linalg.LinAlgError:
            finite = False
        if not finite or np.abs(found.covariance).max() > np.finfo(np.float32).max:
            raise SemantifyError(
                f"the fitter of {self.model_name!r} gives no finite shape for these pictures: train it again"
            )
        return Estimate(found.mean.astype(np.float32), found.covariance.astype(np.float32), views)

    def expected_scores(self, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores Ω of words as a linear function of ξ. texts: (n, D). Returns the constant (n,), the slope (n, K)."""
        return 100 * texts @ self.embedding_mean, 100 * texts @ self.embedding_slope

    def inputs(self, embeddings: np.ndarray, joints: Sequence[np.ndarray | None] = ()) -> np.ndarray:
        """(n, I) what the network takes. embeddings, joints: as for `estimate`."""
        if not self.reads_joints:
            return embeddings
        mean = self.input_mean[embeddings.shape[1] :]
        return np.concatenate([embeddings, joint_inputs(joints or [None] * len(embeddings), mean)], 1)

    def _each(self, inputs: np.ndarray) -> tuple[list[Gaussian], tuple[ViewAngles, ...]]:
        x = (inputs - self.input_mean) / self.input_deviation
        for i, (weight, bias) in enumerate(self.layers):
            x = x @ weight.T + bias
            if i < len(self.layers) - 1:
                x = np.maximum(x, 0.0)
        k = self.component_count
        unit = np.sqrt(np.diag(self.prior_covariance))
        found, views = [], []
        for row in x.astype(np.float64):
            spread = np.linalg.inv(whitening_of(row[k:-ANGLES], k)) * unit[:, None]
            found.append(Gaussian(self.prior_mean + unit * row[:k], spread @ spread.T))
            sine, cosine, pitch = row[-ANGLES:]
            yaw = float(np.degrees(np.arctan2(sine, cosine)))
            views.append(ViewAngles(yaw, float(np.clip(10 * pitch, -60, 60)), *map(float, self.angle_deviations)))
        return found, tuple(views)

    def check(self, model: MorphableModel, encoder: Encoder) -> None:
        """Raise SemantifyError unless this fitter was trained for `model` with `encoder`."""
        if model.checksum != self.model_checksum:
            raise SemantifyError(
                f"this fitter was trained for model {self.model_name!r} (checksum {self.model_checksum[:12]}…), not "
                f"for {model.name!r}: train one for it with semantify fitter"
            )
        if encoder.checksum != self.encoder_checksum:
            raise SemantifyError(
                f"the fitter of {self.model_name!r} was trained with encoder {self.encoder_name!r} (checksum "
                f"{self.encoder_checksum[:12]}…), not with this {encoder.name!r}: use that one or train it again"
            )

    def save(self, path: str | Path) -> None:
        """Write `*.fitter.npz` (weights as float16, everything else float32)."""
        arrays: dict[str, np.ndarray] = {"layer_count": np.array(len(self.layers))}
        arrays |= {name: np.asarray(getattr(self, name), np.float32) for name in _FIELDS if name != "layer_count"}
        for i, (weight, bias) in enumerate(self.layers):
            arrays[f"layer{i}/weight"] = weight.astype(np.float16)
            arrays[f"layer{i}/bias"] = bias.astype(np.float32)
        texts = ("model_name", "model_checksum", "encoder_name", "encoder_checksum", "reads_joints")
        metadata = {name: getattr(self, name) for name in (*texts, "caution", "spread", "figures", "provenance")}
        save_npz(path, SCHEMA, arrays, metadata)

    @classmethod
    def load(cls, path: str | Path) -> "Fitter":
        """Read `*.fitter.npz`. Raises FileFormatError naming the file and the field when anything is off."""
        arrays, metadata = load_npz(path, SCHEMA, _FIELDS)
        conform(path, metadata, _METADATA, "metadata", "train the fitter again")
        check_name(path, "metadata.model_name", metadata["model_name"])
        caution = metadata.get("caution", 1.0)
        if not 1.0 <= caution <= 1e6:
            raise FileFormatError(path, "metadata.caution", "expected a number of at least 1")
        reads_joints, own = metadata.get("reads_joints", False), len(arrays["embedding_mean"])
        if len(arrays["input_mean"]) != own + JOINT_INPUTS * reads_joints:
            raise FileFormatError(
                path,
                "input_mean",
                f"has {len(arrays['input_mean'])} numbers, expected {own + JOINT_INPUTS * reads_joints}",
            )
        if not len(arrays["prior_mean"]) or not own:
            raise FileFormatError(path, "prior_mean", "is empty; a fitter reads embeddings and gives coefficients")
        check_covariance(path, "prior_covariance", arrays["prior_covariance"], definite=True)
        k = len(arrays["prior_mean"])
        inputs = len(arrays["input_mean"])
        layers = load_layers(path, arrays, inputs, k + k * (k + 1) // 2 + ANGLES, "means, deviations and view")
        largest = np.r_[np.ones(own), np.full(len(arrays["input_mean"]) - own, FARTHEST)]
        check_reach(path, layers, (largest + np.abs(arrays["input_mean"])) / arrays["input_deviation"])
        texts = ("model_name", "model_checksum", "encoder_name", "encoder_checksum")
        values: dict[str, Any] = {name: metadata[name] for name in texts}
        values |= {name: arrays[name].astype(np.float32) for name in _FIELDS if name != "layer_count"}
        return cls(
            **values,
            layers=layers,
            caution=float(caution),
            reads_joints=reads_joints,
            spread=_spread(path, metadata.get("spread", {})),
            figures=metadata.get("figures", {}),
            provenance=metadata.get("provenance", {}),
        )


def joint_inputs(joints: Sequence[np.ndarray | None], mean: np.ndarray) -> np.ndarray:
    """(n, JOINT_INPUTS) float32: x and y of each point, and 1 where they were seen; else their mean, and 0.

    joints: as for `Fitter.estimate`. mean: (JOINT_INPUTS,) of what training saw.
    """
    rows = np.tile(np.asarray(mean, np.float32), (len(joints), 1))
    rows[:, -1] = 0.0
    for row, seen in zip(rows, joints, strict=True):
        if seen is not None:
            row[:-1], row[-1] = np.clip(seen, -FARTHEST, FARTHEST).ravel(), 1.0
    return rows


def _spread(path: str | Path, stored: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, tuple[float, float]]]:
    for kind, by_name in stored.items():
        for name, numbers in by_name.items():
            if len(numbers) != 2 or not all(0.0 <= number <= 1e3 for number in numbers):
                raise FileFormatError(path, f"metadata.spread.{kind}.{name}", "expected two numbers from 0 to 1000")
    return {kind: {name: (a, b) for name, (a, b) in by_name.items()} for kind, by_name in stored.items()}


def whitening_of(numbers: np.ndarray, k: int) -> np.ndarray:
    """A lower triangle (K, K) with a positive diagonal from K(K+1)/2 numbers, row by row, diagonal as logarithms."""
    lower = np.zeros((k, k))
    lower[np.tril_indices(k)] = numbers
    diagonal = np.arange(k)
    lower[diagonal, diagonal] = np.exp(np.clip(lower[diagonal, diagonal], *LOGS))
    return lower
