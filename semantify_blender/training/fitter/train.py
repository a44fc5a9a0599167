"""Training a fitter: from an embedding to a Gaussian over ξ, its covariance made honest on shapes it never saw."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from ...core.errors import SemantifyError
from ...core.fitting.conditions import conditioned
from ...core.fitting.fitter import ANGLES, JOINT_INPUTS, LOGS, Fitter, joint_inputs
from ...core.fitting.gaussian import Gaussian, fused
from ...core.fitting.known import Known
from ...core.fitting.sizes import FITTED
from ...core.model.body_points import BodyPoints
from ...core.model.gradients import HEIGHT
from ...core.model.measurements import quadratic_terms
from ...core.model.morphable_model import MorphableModel
from ...core.pictures.landmarks import BODY_POINTS
from .data import FitterData
from .picture_encoder import PictureEncoder
from .spread import Errors, sizes_measured

HELD_OUT = 0.1
"""Share of the shapes that calibrate the covariance."""
LEAST_SHAPES = 10
SPREAD_PICTURES = 400
"""Held-out pictures by which the deviations of sizes are measured."""
UNTOLD = 999.0
"""Deviation of an input that counts for nothing."""
TRAITS = 0.2
"""Share of the loss that is about what traits the means have: sex, fat and muscle are small motions of the surface."""
UNLIMITED = np.array([[-np.inf, np.inf]])


@dataclass(frozen=True)
class FitterRecipe:
    """hidden: layer widths. noise: on standardised inputs. The rest as usual.

    joint_noise: how far finders' joints are off, half pictures. They stray by half of that (1.4 % of a figure that
    fills 88 % of the picture: docs/image_to_shape.md, "Pose"), but together.
    """

    hidden: tuple[int, ...] = (256, 256)
    epochs: int = 20
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    noise: float = 0.03
    joint_noise: float = 0.05
    dropout: float = 0.1
    seed: int = 0


def train_fitter(
    data: FitterData,
    model: MorphableModel,
    encoder: PictureEncoder,
    recipe: FitterRecipe = FitterRecipe(),
    provenance: dict[str, Any] | None = None,
) -> Fitter:
    """Train on nine tenths of the shapes, calibrate on the rest."""
    rng = np.random.default_rng(recipe.seed)
    shapes = np.unique(data.shape)
    if len(shapes) < LEAST_SHAPES:
        raise SemantifyError(
            f"{len(shapes)} shapes are left for model {model.name!r}: a fitter needs {LEAST_SHAPES} at the "
            "least, some thousands to be of use; render more with --samples"
        )
    held = np.isin(data.shape, rng.permutation(shapes)[: max(2, int(HELD_OUT * len(shapes)))])
    passes = len(data.embeddings)
    inputs = data.embeddings[:, ~held].reshape(-1, data.embeddings.shape[-1])
    if data.joints is not None:
        points = data.joints[:, ~held].reshape(len(inputs), -1)
        seen = ~np.isnan(points).any(1)
        inputs = np.concatenate([inputs, joint_inputs(_listed(data.joints[:, ~held]), _joint_mean(points[seen]))], 1)
    truth = np.tile(data.coefficients[~held], (passes, 1)).astype(np.float64)
    angles = data.angles[:, ~held].reshape(-1, 2)
    first = np.unique(data.shape[~held], return_index=True)[1]
    population = data.coefficients[~held][first].astype(np.float64)
    k = model.component_count
    covariance = np.cov(population.T).reshape(k, k) + 1e-4 * np.eye(k)
    mean, unit = population.mean(0), np.sqrt(np.diag(covariance))
    input_mean, input_deviation = inputs.mean(0), inputs.std(0) + 1e-6
    if data.joints is not None:
        # finders tell of points that the model does not have, too
        input_deviation[-JOINT_INPUTS:-1][np.repeat(_unknown(model), 2)] = UNTOLD
    x = torch.from_numpy((inputs - input_mean) / input_deviation)
    y = torch.from_numpy(((truth - mean) / unit).astype(np.float32))
    radians = np.radians(angles)
    view = torch.from_numpy(
        np.stack([np.sin(radians[:, 0]), np.cos(radians[:, 0]), angles[:, 1] / 10], 1).astype(np.float32)
    )
    weight = model.standard_deviations * unit
    weight = torch.from_numpy(((weight / weight.max()) ** 0.8).astype(np.float32))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        network = _network(inputs.shape[1], k, recipe)
        traits = Traits.of(model, mean, unit, population)
        joint_noise = np.zeros(x.shape[1])
        if data.joints is not None:
            # of what a finder says, in half pictures; nothing to what nobody saw
            joint_noise[-JOINT_INPUTS:-1] = recipe.joint_noise / input_deviation[-JOINT_INPUTS:-1]
        noise = torch.from_numpy(joint_noise.astype(np.float32))
        _descend(network, x, y, view, weight / weight.mean(), k, recipe, traits, noise)
    embedded = inputs[:, : data.embeddings.shape[-1]]
    slope = np.linalg.lstsq(np.c_[np.ones(len(truth)), truth], embedded, rcond=None)[0]
    linears = [part for part in network if isinstance(part, nn.Linear)]
    fitter = Fitter(
        model_name=model.name,
        model_checksum=model.checksum,
        encoder_name=encoder.name,
        encoder_checksum=encoder.checksum,
        input_mean=input_mean,
        input_deviation=input_deviation,
        layers=tuple((part.weight.detach().numpy(), part.bias.detach().numpy()) for part in linears),
        prior_mean=mean.astype(np.float32),
        prior_covariance=covariance.astype(np.float32),
        embedding_mean=slope[0].astype(np.float32),
        embedding_slope=slope[1:].T.astype(np.float32),
        angle_deviations=np.array([5.0, 3.0], np.float32),
        reads_joints=data.joints is not None,
        provenance=provenance or {},
    )
    calibrated = _calibrated(fitter, data, held)
    return replace(calibrated, spread=_spread(calibrated, model, data, held))


@dataclass(frozen=True, eq=False)
class Traits:
    """A model's traits of coefficients in units of the prior: weights (1 + K + K(K+1)/2, T), deviation (T,)."""

    mean: torch.Tensor
    unit: torch.Tensor
    weights: torch.Tensor
    deviation: torch.Tensor

    @classmethod
    def of(cls, model: MorphableModel, mean: np.ndarray, unit: np.ndarray, population: np.ndarray) -> "Traits | None":
        """None where the model has none. mean, unit (K,): of the prior. population: (N, K)."""
        found = [model.extra[key].astype(np.float64) for key in model.extra if key.startswith("trait/")]
        if not found:
            return None
        weights = np.stack(found, 1)
        deviation = (quadratic_terms(population) @ weights).std(0) + 1e-6
        return cls(*(torch.from_numpy(part.astype(np.float32)) for part in (mean, unit, weights, deviation)))

    def __call__(self, y: torch.Tensor) -> torch.Tensor:
        """(N, T) in deviations. y: (N, K) in units of the prior."""
        xi = self.mean + self.unit * y
        rows, columns = torch.triu_indices(xi.shape[1], xi.shape[1])
        terms = torch.cat([torch.ones(len(xi), 1), xi, xi[:, rows] * xi[:, columns]], 1)
        return terms @ self.weights / self.deviation


def _network(inputs: int, k: int, recipe: FitterRecipe) -> nn.Sequential:
    parts: list[nn.Module] = []
    for width in recipe.hidden:
        parts += [nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(recipe.dropout)]
        inputs = width
    last = nn.Linear(inputs, k + k * (k + 1) // 2 + ANGLES)
    nn.init.zeros_(last.bias)
    nn.init.normal_(last.weight, std=0.01)
    return nn.Sequential(*parts, last)


def _descend(
    network: nn.Sequential,
    x: torch.Tensor,
    y: torch.Tensor,
    view: torch.Tensor,
    weight: torch.Tensor,
    k: int,
    recipe: FitterRecipe,
    traits: Traits | None,
    joint_noise: torch.Tensor,
) -> None:
    """Squared error for the means; likelihood for the covariance, which must not pull at the means."""
    generator = torch.Generator().manual_seed(recipe.seed)
    optimiser = torch.optim.AdamW(network.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    steps = recipe.epochs * max(1, len(x) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.learning_rate, total_steps=steps)
    rows, columns = torch.tril_indices(k, k)
    diagonal = torch.arange(k)
    network.train()
    for step in range(steps):
        at = (step * recipe.batch) % max(1, len(x) - recipe.batch + 1)
        if at < recipe.batch:
            order = torch.randperm(len(x), generator=generator)
        chosen = order[at : at + recipe.batch]
        noisy = x[chosen] + recipe.noise * torch.randn(len(chosen), x.shape[1], generator=generator)
        if joint_noise.any():
            # some pictures are read better than others
            off = joint_noise * (0.4 + 1.2 * torch.rand(len(chosen), 1, generator=generator))
            noisy = noisy + off * (x[chosen, -1:] > 0) * torch.randn(x[chosen].shape, generator=generator)
        out = network(noisy)
        means, lower_numbers, angle = out[:, :k], out[:, k:-ANGLES], out[:, -ANGLES:]
        lower = torch.zeros(len(out), k, k)
        lower[:, rows, columns] = lower_numbers
        logs = lower[:, diagonal, diagonal].clamp(*LOGS)
        lower = lower.tril(-1) + torch.diag_embed(logs.exp())
        white = (lower @ (y[chosen] - means.detach())[..., None])[..., 0]
        likelihood = (0.5 * white**2).clamp(max=25).mean() - logs.mean()
        errors = (weight * (means - y[chosen]) ** 2).mean() + 0.3 * ((angle - view[chosen]) ** 2).mean()
        if traits is not None:
            errors = errors + TRAITS * (traits(means) - traits(y[chosen])).square().clamp(max=9).mean()
        loss = errors + 0.3 * likelihood
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        schedule.step()
    network.eval()


def _calibrated(fitter: Fitter, data: FitterData, held: np.ndarray) -> Fitter:
    """Scale the covariance so that it tells the errors on held-out shapes, of one picture and of two fused."""
    inputs, truth = _inputs_of(fitter, data, np.flatnonzero(held)), data.coefficients[held].astype(np.float64)
    each, views = fitter._each(inputs)
    k = fitter.component_count
    spread = np.mean([_distance(one, wanted) for one, wanted in zip(each, truth, strict=True)]) / k
    # the triangle is scaled as a whole: the logarithms of its diagonal move, the rest is multiplied
    factor = 1.0 / float(np.sqrt(spread))
    weight, bias = (part.copy() for part in fitter.layers[-1])
    rows, columns = np.tril_indices(k)
    numbers = k + np.arange(len(rows))
    below = rows != columns
    weight[numbers[below]] *= factor
    bias[numbers[below]] *= factor
    bias[numbers[~below]] += np.log(factor)
    turned = np.array([view.yaw for view in views]) - data.angles[0][held, 0]
    yaw = np.abs((turned + 180) % 360 - 180)
    pitch = np.abs(np.array([view.pitch for view in views]) - data.angles[0][held, 1])
    # 1.48 × the median absolute error: a picture taken for one from behind must not widen all
    deviations = 1.4826 * np.array([np.median(yaw), np.median(pitch)])
    scaled = replace(
        fitter, layers=(*fitter.layers[:-1], (weight, bias)), angle_deviations=deviations.astype(np.float32)
    )
    return replace(scaled, caution=_caution(scaled, inputs, truth, data.shape[held]))


def _inputs_of(fitter: Fitter, data: FitterData, rows: np.ndarray) -> np.ndarray:
    """(n, I) what a fitter takes of the first variation of some pictures, joints as exact as a finder has them."""
    joints: list[np.ndarray | None] = []
    if data.joints is not None:
        rng = np.random.default_rng(0)
        off = FitterRecipe.joint_noise * rng.normal(size=data.joints[0][rows].shape)
        joints = _listed(data.joints[0][rows] + off)
    return fitter.inputs(data.embeddings[0][rows], joints)


def _unknown(model: MorphableModel) -> np.ndarray:
    """(33,) bool: points of a body that the model does not have."""
    points = BodyPoints.of(model)
    return np.zeros(len(BODY_POINTS), bool) if points is None else ~points.known


def _listed(joints: np.ndarray) -> list[np.ndarray | None]:
    """Joints (..., 33, 2) one by one, None for those that nobody saw."""
    return [None if np.isnan(one).any() else one for one in joints.reshape(-1, *joints.shape[-2:])]


def _joint_mean(points: np.ndarray) -> np.ndarray:
    """(JOINT_INPUTS,) mean of what was seen. points: (n, 66)."""
    return np.r_[points.mean(0) if len(points) else np.zeros(JOINT_INPUTS - 1), 0.0]


def _spread(
    fitter: Fitter, model: MorphableModel, data: FitterData, held: np.ndarray
) -> dict[str, dict[str, tuple[float, float]]]:
    """How far sizes of held-out shapes are off, as far as the model can make them; see `measure_spread` for more."""
    measurements = sizes_measured(model)
    errors = Errors()
    for row in np.flatnonzero(held)[: SPREAD_PICTURES if measurements else 0]:
        truth = {name: one(data.coefficients[row])[0] for name, one in measurements.items()}
        joints = () if data.joints is None else _listed(data.joints[0][row])
        found = fitter.estimate(data.embeddings[0][row], joints)
        for known in (Known(), Known(height=truth.get(HEIGHT))):
            shape = Gaussian(found.coefficients.astype(np.float64), found.covariance.astype(np.float64))
            if known.sizes:
                shape = conditioned(shape, known.conditions(model), UNLIMITED.repeat(len(shape.mean), 0))
            errors.add(measurements, shape.mean, shape.covariance, truth, known)
    return {FITTED: errors.spread()} if errors.off else {}


def _caution(fitter: Fitter, inputs: np.ndarray, truth: np.ndarray, shape: np.ndarray) -> float:
    """The factor for which two fused pictures are as sure as they are right. 1 when no shape has two pictures."""
    pairs = [np.flatnonzero(shape == number)[:2] for number in np.unique(shape)]
    pairs = [pair for pair in pairs if len(pair) == 2][:300]
    if not pairs:
        return 1.0
    each, _ = fitter._each(inputs)
    best, chosen = np.inf, 1.0
    for caution in (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0):
        errors = [_distance(fused([each[i] for i in pair], caution), truth[pair[0]]) for pair in pairs]
        gap = abs(np.log(np.mean(errors) / fitter.component_count))
        if gap < best:
            best, chosen = gap, caution
    return chosen


def _distance(one: Any, wanted: np.ndarray) -> float:
    """Squared Mahalanobis distance; its mean is K when the covariance is honest."""
    offset = wanted - one.mean
    return float(offset @ np.linalg.solve(one.covariance, offset))
