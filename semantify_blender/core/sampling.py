"""Random coefficients (paper section 3.1): sample i depends only on (seed, i), so any shard can be made anywhere."""

import numpy as np

from .errors import SemantifyError

SAMPLERS = ("uniform", "normal", "authors")
COEFFICIENTS, LOOK = 0, 1
"""Independent random streams of one sample, so that a change of looks leaves the shapes as they were."""


def generator(seed: int, index: int, stream: int) -> np.random.Generator:
    """The random generator of one stream of one sample."""
    return np.random.default_rng([seed, index, stream])


def sample_coefficients(
    sampler: str, seed: int, index: int, count: int, k: float, components: int | None = None
) -> np.ndarray:
    """Coefficients of sample `index`.

    sampler: "uniform" in ±k; "normal" redrawn until inside ±k; "authors", their code's randn · randint(−2, 1).
    count: number of coefficients the model has. components: draw only the first so many, the rest are zero
    (the paper uses 10). Returns (count,) float32 in standard deviations, within ±k.
    Raises SemantifyError for an unknown sampler.
    """
    rng = generator(seed, index, COEFFICIENTS)
    drawn = count if components is None else min(components, count)
    if sampler == "uniform":
        values = rng.uniform(-k, k, drawn)
    elif sampler == "normal":
        values = rng.standard_normal(drawn)
        while (outside := np.abs(values) > k).any():
            values[outside] = rng.standard_normal(int(outside.sum()))
    elif sampler == "authors":
        # randint(-2, 1) of the published code excludes its upper end
        values = np.clip(rng.standard_normal(drawn) * rng.integers(-2, 1), -k, k)
    else:
        raise SemantifyError(f"unknown sampler {sampler!r}: choose one of {', '.join(SAMPLERS)}")
    coefficients = np.zeros(count, np.float32)
    coefficients[:drawn] = values
    return coefficients
