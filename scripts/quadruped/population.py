"""Random animals: the seven prototypes, varied within the species, and blends of two."""

import numpy as np

from scripts.quadruped.anatomy import build_cage
from scripts.quadruped.cage import Cage, Skin
from scripts.quadruped.species import PROTOTYPES, SPECIES

VARIATION = 0.16
"""Standard deviation of a parameter within a species, as a share of its standard deviation between species."""
RELATIVE = 0.10
"""… and at most this share of the prototype's own value: what a species does not have, none of its animals has."""

_SPREAD = np.std([PROTOTYPES[animal] for animal in SPECIES], axis=0)


class Population:
    """A pool of varied animals per species; draws from it are single animals or blends of two, as a linear model makes.

    skin: the surface over the cage. prototypes: (7, V, 3) float64 metres, in the order of SPECIES.
    """

    def __init__(self, pool: int, seed: int) -> None:
        """pool: varied animals built for each species; 0 for the prototypes alone. seed: of everything drawn."""
        self._rng = np.random.default_rng(seed)
        first = build_cage(PROTOTYPES[SPECIES[0]])
        self.skin, self.cage = Skin.of(first), first
        self.prototypes = np.stack([self.stand(build_cage(PROTOTYPES[animal])) for animal in SPECIES])
        self._pool = np.stack([[self._varied(animal) for _ in range(pool)] for animal in SPECIES])

    def stand(self, cage: Cage) -> np.ndarray:
        """(V, 3) skin of a cage with its soles on the floor."""
        vertices = self.skin.vertices(cage)
        vertices[:, 2] -= vertices[:, 2].min()
        return vertices

    def _varied(self, animal: str) -> np.ndarray:
        noise = np.clip(self._rng.standard_normal(len(_SPREAD)), -2.5, 2.5)
        prototype = PROTOTYPES[animal]
        deviation = np.minimum(VARIATION * _SPREAD, RELATIVE * np.abs(prototype))
        return self.stand(build_cage(prototype + deviation * noise)).astype(np.float32)

    def draw(self, count: int, blended: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
        """(count, V, 3) float32 animals and (count, 7) float64 shares of the species, each row adding up to 1.

        blended: probability of a blend of two species with a uniform share; else one species.
        """
        rng, pool = self._rng, self._pool
        animals = np.empty((count, *pool.shape[2:]), np.float32)
        shares = np.zeros((count, len(SPECIES)))
        for i in range(count):
            first, second = rng.choice(len(SPECIES), 2, replace=False)
            share = rng.random() if rng.random() < blended else 1.0
            one, other = (pool[species, rng.integers(pool.shape[1])] for species in (first, second))
            animals[i] = share * one + (1 - share) * other
            shares[i, [first, second]] = share, 1 - share
        return animals, shares
