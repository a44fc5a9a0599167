"""Random coefficients (paper section 3.1): sample i depends only on (seed, i), so any shard can be made anywhere."""

import numpy as np

from ..errors import SemantifyError
from .morphable_model import MorphableModel
from .population import Population
from .separation import interpenetrates
from .sparse import check_twins, sparse_coefficients

POPULATION = "population"
SAMPLERS = ("uniform", "normal", "authors", "sparse", POPULATION)
SHAPE_KEYS = "shape-keys"
"""Family of the models made from a mesh's own shape keys."""
NO_POPULATION = "sampler 'population' draws from a model's population and this one has none: choose another sampler"
COEFFICIENTS, LOOK, POSE, OUTFIT, LAYERS = 0, 1, 2, 3, 5
"""Independent random streams of one sample, so that a change of looks leaves the shapes as they were."""
ATTEMPTS = 1000
"""Shapes drawn for one sample before giving up on a model whose lips nearly always pass through each other."""
EXPRESSIONS = ("flame-expression", "anny-face-expression")
"""Families of the models that the paper samples within ±4 standard deviations instead of ±2."""


def default_k(model: MorphableModel) -> float:
    """The paper's limit of the coefficients, standard deviations: 4 for face expressions, 2 for all else."""
    return 4.0 if model.metadata.get("family") in EXPRESSIONS else 2.0


def generator(seed: int, index: int, stream: int) -> np.random.Generator:
    """The random generator of one stream of one sample."""
    return np.random.default_rng([seed, index, stream])


def view_generator(seed: int, index: int, stream: int, view: int) -> np.random.Generator:
    """The random generator of one view of a sample: its own, so that adding a view leaves the others as they were."""
    return np.random.default_rng(generator(seed, index, stream).integers(0, 2**63, view + 1)[view])


def default_sampler(model: MorphableModel) -> str:
    """The sampler for a model when none is asked for: its own (metadata "sampler"), else one that suits it.

    Where there is a population, that is drawn from; a mesh's own shape keys are drawn "sparse", all else "uniform".
    """
    usual = "sparse" if model.metadata.get("family") == SHAPE_KEYS else "uniform"
    if model.population is not None:
        usual = POPULATION
    wanted = model.metadata.get("sampler", usual)
    return usual if wanted not in SAMPLERS or (wanted == POPULATION and model.population is None) else wanted


def sample_coefficients(
    sampler: str,
    seed: int,
    index: int,
    count: int,
    k: float,
    components: int | None = None,
    ranges: np.ndarray | None = None,
    twins: np.ndarray | None = None,
    family: str = "",
    attempt: int = 0,
    population: Population | None = None,
) -> np.ndarray:
    """Coefficients of sample `index`.

    sampler: "uniform" in ±k; "normal" redrawn until inside ±k; "authors", their code's randn · randint(−2..1) for each
    coefficient, of expressions randn alone, of animals rand · randint(−2..1), all cut at ±k;
    "sparse", one to six coefficients or pairs anywhere in ±k and the others at rest (core.model.sparse);
    "population", shapes like the members of `population`, whatever k (core.model.population).
    count: number of coefficients the model has. components: draw only the first so many, the rest are zero
    (the paper uses 10), of a member of the population too. ranges: (count, 2) lowest and highest value of each, in
    place of ±k; the end farther from rest is then k standard deviations away. twins: (count,) each one's partner on the
    other side, for "sparse". family: of the model, for "authors". attempt: another number is another draw of the same
    sample.
    Returns (count,) float32 in standard deviations, or in the ranges' units. Raises SemantifyError for an unknown
    sampler, one that has no population to draw from, or twins that are no pairs.
    """
    rng = generator(seed, index, COEFFICIENTS)
    if attempt:
        rng = np.random.default_rng([seed, index, COEFFICIENTS, attempt])
    drawn = count if components is None else min(components, count)
    limits = np.tile(np.array([-k, k]), (count, 1)) if ranges is None else np.asarray(ranges, np.float64)
    low, high = limits[:drawn].T
    rest = np.clip(0.0, limits[:, 0], limits[:, 1])
    deviation = np.maximum(high - rest[:drawn], rest[:drawn] - low) / k
    if sampler == "uniform":
        values = rng.uniform(low, high)
    elif sampler == "normal":
        values = rest[:drawn] + deviation * rng.standard_normal(drawn)
        while (outside := (values < low) | (values > high)).any():
            again = deviation[outside] * rng.standard_normal(int(outside.sum()))
            values[outside] = rest[:drawn][outside] + again
    elif sampler == "authors":
        values = np.clip(rest[:drawn] + deviation * _as_the_authors(rng, drawn, family), low, high)
    elif sampler == "sparse":
        pairs = np.arange(count) if twins is None else check_twins(twins, count)
        pairs = np.where(pairs < drawn, pairs, np.arange(count))[:drawn]
        values = sparse_coefficients(rng, limits[:drawn], rest[:drawn], pairs)
    elif sampler == POPULATION:
        if population is None:
            raise SemantifyError(NO_POPULATION)
        values = population.draw(rng)[:drawn]
        low, high = limits[:drawn].T if ranges is not None else (-np.inf, np.inf)
    else:
        raise SemantifyError(f"unknown sampler {sampler!r}: choose one of {', '.join(SAMPLERS)}")
    coefficients = rest.astype(np.float32)
    coefficients[:drawn] = np.clip(values, low, high)
    return coefficients


def _as_the_authors(rng: np.random.Generator, count: int, family: str) -> np.ndarray:
    if family in EXPRESSIONS:
        return rng.standard_normal(count)
    spread = rng.random(count) if family == "smal" else rng.standard_normal(count)
    return spread * rng.integers(-2, 2, count)


def sample_shape(
    model: MorphableModel, sampler: str, seed: int, index: int, k: float, components: int | None = None
) -> np.ndarray:
    """Coefficients of sample `index` of a model, drawn again while its lips or lids pass through each other.

    Parameters as in `sample_coefficients`. Depends on the model, (seed, index) and the other parameters only.
    Returns (K,) float32. Raises SemantifyError when no acceptable shape is found.
    """
    for attempt in range(ATTEMPTS):
        coefficients = sample_coefficients(
            sampler,
            seed,
            index,
            model.component_count,
            k,
            components,
            model.ranges,
            model.extra.get("twins"),
            str(model.metadata.get("family", "")),
            attempt,
            model.people,
        )
        if not interpenetrates(model, coefficients)[0]:
            return coefficients
    raise SemantifyError(
        f"model {model.name!r}: {ATTEMPTS} random shapes in a row pass through themselves; lower k ({k:g})"
    )
