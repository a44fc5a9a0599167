"""What follows a model's coefficients: geometry regressed on them, in parts, so that samples need not be kept."""

import numpy as np


class Follower:
    """Least squares of vertices on coefficients. components: K."""

    def __init__(self, components: int) -> None:
        self._terms = np.zeros((components + 1, components + 1))
        self._products: np.ndarray | None = None
        self._found: np.ndarray | None = None
        self._shape: tuple[int, ...] = ()
        self.missed: list[np.ndarray] = []
        """Of what was tested, metres for each vertex."""

    def learn(self, coefficients: np.ndarray, vertices: np.ndarray) -> None:
        """Take in samples. coefficients: (N, K). vertices: (N, V, 3)."""
        terms = _with_one(coefficients)
        self._terms += terms.T @ terms
        product = terms.T @ vertices.reshape(len(vertices), -1)
        self._products = product if self._products is None else self._products + product
        self._shape, self._found = vertices.shape[1:], None

    def test(self, coefficients: np.ndarray, vertices: np.ndarray) -> None:
        """Note how far samples that were not learned are missed."""
        missed = (_with_one(coefficients) @ self._solution).reshape(vertices.shape) - vertices
        self.missed.append(np.linalg.norm(missed, axis=-1).ravel())

    @property
    def template(self) -> np.ndarray:
        """(V, 3), where all coefficients are zero."""
        return self._solution[0].reshape(self._shape)

    @property
    def basis(self) -> np.ndarray:
        """(K, V, 3)."""
        return self._solution[1:].reshape(-1, *self._shape)

    @property
    def _solution(self) -> np.ndarray:
        if self._found is None:
            assert self._products is not None, "nothing was learned"
            self._found = np.linalg.solve(self._terms, self._products)
        return self._found


def _with_one(coefficients: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(coefficients), 1)), coefficients], 1)
