"""Training the mapper M: Ω → ξ (paper section 3.4), by the paper's recipe or the project's own.

The own recipe adds what makes a slider do what it says: a cycle-consistency term. Besides real pairs (Ω, ξ), the mapper
sees slider settings no sample ever had (one slider moved, the others at rest) and is asked for shapes which the learned
score surrogate S rates as the sliders demand: S(M(Ω)) = Ω.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import torch

from ...core.errors import SemantifyError
from ...core.mapper import Mapper
from ...core.model.key_set import KeySet
from ...core.model.limits import rest_of
from ...core.model.morphable_model import MorphableModel
from ...core.progress import StepProgress
from .network import MapperNetwork, one_thread
from .recipe import DEFAULT, Recipe
from .surrogate import Surrogate, train_surrogate

_HALF_LIMIT = float(np.finfo(np.float16).max)


@dataclass(frozen=True, eq=False)
class TrainedMapper:
    """mapper: the trained mapper. held_out: (N,) bool, samples it never saw. surrogate: when the cycle term used one.

    history: per epoch (training loss, validation MSE). kept: which of them the mapper is of, from 0.
    test: (N,) bool, held-out samples that chose nothing; those that its figures are of.
    """

    mapper: Mapper
    held_out: np.ndarray
    surrogate: Surrogate | None
    history: list[tuple[float, float]]
    kept: int
    test: np.ndarray


def split(count: int, validation: float, seed: int) -> np.ndarray:
    """(count,) bool, True for the held-out share; depends on count and seed only."""
    held_out = np.zeros(count, bool)
    held_out[np.random.default_rng([seed, count]).permutation(count)[: max(1, round(validation * count))]] = True
    return held_out


def test_rows(held_out: np.ndarray, share: float, seed: int) -> np.ndarray:
    """(N,) bool: the share of held-out samples that choose nothing; all but one of them at most.

    held_out: (N,) bool, of `split`. Where the share is 0 nothing needs choosing, and it is all of them; so it is where
    the share would be a single sample, which has no variance to compare an error with.
    """
    rows = np.flatnonzero(held_out)
    count = min(round(share * len(rows)), len(rows) - 1)
    if count < 2:
        return held_out.copy()
    test = np.zeros(len(held_out), bool)
    test[np.random.default_rng([seed, len(held_out), 1]).permutation(rows)[:count]] = True
    return test


def train_mapper(
    scores: np.ndarray,
    coefficients: np.ndarray,
    descriptors: Sequence[str],
    model: MorphableModel,
    recipe: Recipe = DEFAULT,
    provenance: dict[str, Any] | None = None,
    progress: StepProgress | None = None,
) -> TrainedMapper:
    """Train a mapper. Seeded: the same inputs give the same mapper on the same machine.

    scores: (N, d) Ω of the samples for the descriptors. coefficients: (N, K) of `model`, standard deviations.
    Raises SemantifyError when shapes disagree, there are too few samples, numbers are not finite or training runs away.
    """
    scores = np.asarray(scores, np.float32)
    coefficients = np.asarray(coefficients, np.float32)
    if scores.shape != (len(coefficients), len(descriptors)) or coefficients.shape[1] != model.component_count:
        raise SemantifyError(
            f"scores {scores.shape} and coefficients {coefficients.shape} do not fit {len(descriptors)} descriptors "
            f"and model {model.name!r} with {model.component_count} components; score and train on the same dataset"
        )
    if len(scores) < 10:
        raise SemantifyError(f"{len(scores)} samples are too few to train a mapper: render at least a few hundred")
    for name, values in (("scores", scores), ("coefficients", coefficients)):
        bad = ~np.isfinite(values).all(1)
        if bad.any():
            raise SemantifyError(f"sample {int(bad.argmax())}: its {name} are not finite numbers; make it again")
    held_out = split(len(scores), recipe.validation, recipe.seed)
    test = test_rows(held_out, recipe.test, recipe.seed)
    # where nothing is left to choose by, everything that is held out does: only in recipes that do not choose
    chooses = held_out & ~test if (held_out & ~test).any() else held_out
    low, rest, high = recipe.slider_ends(descriptors, scores)
    with one_thread(), torch.random.fork_rng(devices=[]):
        surrogate = (
            train_surrogate(coefficients, scores, held_out, recipe.seed, test=held_out & ~chooses)
            if recipe.cycle
            else None
        )
        if surrogate and model.ranges is not None:
            # shapes of shape keys have a rest, the mesh as it was modelled, and the median sample is not it
            margin = 0.05 * (high - low)
            modelled = np.clip(surrogate.scores(rest_of(model.ranges)[None])[0], low + margin, high - margin)
            rest = np.where(recipe.gives_rest(descriptors), rest, modelled).astype(np.float32)
        torch.manual_seed(recipe.seed)
        people = model.people if recipe.inside else None
        network = MapperNetwork(scores[~held_out], coefficients[~held_out], recipe, model.ranges, people)
        trainer = _Trainer(network, recipe, surrogate, np.stack([low, rest, high]))
        history = trainer.run(scores, coefficients, ~held_out, chooses, progress)
    _check_trained(network, history)
    figures = {"fit": _figures_of(network, scores, coefficients, test, recipe, surrogate)}
    figures["fit"]["samples"] = {"train": int((~held_out).sum()), "choose": int(chooses.sum()), "test": int(test.sum())}
    mapper = Mapper(
        descriptors=tuple(descriptors),
        low=low,
        high=high,
        default=rest,
        score_covariance=np.atleast_2d(np.cov(scores.T)).astype(np.float32),
        layers=network.layers(),
        model_name=model.name,
        model_checksum=model.checksum,
        bound=network.bound,
        limits=model.ranges,
        inside=None if people is None else people.inside,
        keys=KeySet.of(model.metadata),
        figures=figures,
        provenance={
            "recipe": asdict(recipe),
            "samples": len(scores),
            "date": datetime.now(UTC).date().isoformat(),
            **(provenance or {}),
        },
        **network.statistics(),
    )
    return TrainedMapper(mapper, held_out, surrogate, history, trainer.kept, test)


def _check_trained(network: MapperNetwork, history: Sequence[tuple[float, float]]) -> None:
    """Raise SemantifyError when training ran away: weights that are not finite, or beyond the float16 of the file."""
    arrays = [part for layer in network.layers() for part in layer]
    last = history[-1] if history else (0.0, 0.0)
    if not (np.isfinite(last).all() and all((np.abs(array) <= _HALF_LIMIT).all() for array in arrays)):
        raise SemantifyError(
            f"training ran away (validation MSE {last[1]:g}): give a lower --learning-rate, or check the scores"
        )


class _Trainer:
    """One training run: the data term on real pairs and the cycle term on slider settings."""

    def __init__(self, network: MapperNetwork, recipe: Recipe, surrogate: Surrogate | None, ranges: np.ndarray) -> None:
        self.network, self.recipe, self.surrogate = network, recipe, surrogate
        self.kept = 0
        self.low, self.rest, self.high = torch.as_tensor(ranges)
        # one unit of each coefficient in the data term: its spread among the samples where coefficients are key values
        self.unit = torch.ones(len(network.coefficient_scale))
        if network.limits is not None:
            self.at_rest = torch.as_tensor(rest_of(network.limits.numpy()))
            self.width = network.limits[:, 1] - network.limits[:, 0]
            still = network.coefficient_scale < 1e-3 * self.width
            self.unit = torch.where(still, torch.inf, network.coefficient_scale)
        if surrogate:
            self.score_mean, self.score_deviation = (
                torch.as_tensor(surrogate.mean),
                torch.as_tensor(surrogate.deviation),
            )

    def run(
        self,
        scores: np.ndarray,
        coefficients: np.ndarray,
        learns: np.ndarray,
        chooses: np.ndarray,
        progress: StepProgress | None,
    ) -> list[tuple[float, float]]:
        """Train in place and return the history; `kept` is the epoch that stays.

        learns, chooses: (N,) bool, samples to train on, and to choose the epoch by.
        """
        recipe, network = self.recipe, self.network
        inputs, targets = torch.as_tensor(scores), torch.as_tensor(coefficients)
        seen, unseen = torch.as_tensor(np.flatnonzero(learns)), torch.as_tensor(np.flatnonzero(chooses))
        noise = recipe.input_noise * torch.as_tensor(scores[learns].std(0))
        optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
        steps = recipe.epochs * -(-len(seen) // recipe.batch)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps) if recipe.cosine else None
        checks = self._slider_settings(1024) if self.surrogate else None
        history: list[tuple[float, float]] = []
        best, best_value, best_epoch = None, float("inf"), 0
        for epoch in range(recipe.epochs):
            total = 0.0
            for rows in seen[torch.randperm(len(seen))].split(recipe.batch):
                batch = inputs[rows] + noise * torch.randn(len(rows), inputs.shape[1])
                loss = self._data_loss(network(batch), targets[rows])
                if self.surrogate:
                    loss = loss + self._cycle_loss(*self._slider_settings(recipe.cycle_batch))
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                if schedule:
                    schedule.step()
                total += float(loss.detach()) * len(rows)
            with torch.inference_mode():
                error = float(self._data_loss(network(inputs[unseen]), targets[unseen]))
                value = error + (float(self._cycle_loss(*checks)) if checks else 0.0)
            history.append((total / len(seen), error))
            if value < best_value:
                best_value, best_epoch = value, epoch
                best = {name: tensor.clone() for name, tensor in network.state_dict().items()}
            if progress:
                progress(epoch + 1, recipe.epochs, f"validation MSE {error:.3f}")
            if recipe.patience is not None and epoch - best_epoch >= recipe.patience:
                break
        if recipe.keep_best and best:
            network.load_state_dict(best)
        self.kept = best_epoch if recipe.keep_best else len(history) - 1
        return history

    def _data_loss(self, predicted: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        return (((predicted - target) / self.unit) ** 2).mean()

    def _cycle_loss(self, asked: torch.Tensor, moved: torch.Tensor) -> torch.Tensor:
        """Weighted squared error between the scores asked for and those the surrogate gives the predicted shape."""
        assert self.surrogate is not None
        coefficients = self.network(asked)
        got = self.surrogate.network(coefficients)
        error = (got - (asked - self.score_mean) / self.score_deviation) ** 2
        weight = torch.where(moved, 1.0, self.recipe.hold)
        return self.recipe.cycle * (error * weight).mean() + self._price(coefficients)

    def _price(self, coefficients: torch.Tensor) -> torch.Tensor:
        """What shapes cost for being unlikely: far from the mean or, with shape keys, moving many keys, or any at rest.

        coefficients: (B, K). The absolute value, not the square, is what leaves the keys that do not matter at rest.
        In a population far is what is farther out than its members usually are, whose mean square distance is K: one
        coefficient may well go beyond two standard deviations when it is the only one.
        """
        recipe = self.recipe
        if self.network.inside is not None:
            excess = (self.network.inside.distance(coefficients) - coefficients.shape[1] ** 0.5).clamp(min=0.0)
            return recipe.hinge * (excess**2).mean()
        if self.network.limits is None:
            excess = (coefficients.abs() - recipe.hinge_at).clamp(min=0.0)
            return recipe.hinge * (excess**2).sum(1).mean()
        moved = ((coefficients - self.at_rest) / self.width).abs()
        still = ((self.network(self.rest) - self.at_rest) / self.width).abs()
        return recipe.quiet * moved.sum(1).mean() + recipe.still * still.sum()

    def _slider_settings(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores (count, d) of random slider settings and which sliders were moved (count, d) bool.

        Half the settings move a single slider, the commonest thing a user does; the others a random subset.
        """
        d = len(self.low)
        moved = torch.rand(count, d) < 0.5
        single = torch.zeros(count // 2, d, dtype=torch.bool)
        single[torch.arange(count // 2), torch.randint(d, (count // 2,))] = True
        moved[: count // 2] = single
        values = self.low + torch.rand(count, d) * (self.high - self.low)
        return torch.where(moved, values, self.rest), moved


def _figures_of(
    network: MapperNetwork,
    scores: np.ndarray,
    coefficients: np.ndarray,
    test: np.ndarray,
    recipe: Recipe,
    surrogate: Surrogate | None,
) -> dict[str, Any]:
    with torch.inference_mode():
        predicted = network(torch.as_tensor(scores[test])).numpy()
    error = ((predicted - coefficients[test]) ** 2).mean(0)
    variance = np.maximum(coefficients[test].var(0), 1e-12)
    figures: dict[str, Any] = {
        "validation_mse": float(error.mean()),
        "relative_mse": float(error.mean() / variance.mean()),
        "r2": [float(value) for value in 1 - error / variance],
        "cycle": recipe.cycle > 0,
    }
    if surrogate:
        figures["surrogate_r2"] = [float(value) for value in surrogate.r2]
    return figures
