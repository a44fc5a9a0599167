"""Lashes: spikes from the root of a strip to its tip, whatever way the strip is numbered."""

import numpy as np

from scripts.anny.lashes import EACH, lash_weights

COLUMNS, ROWS = 6, 5


def test_lashes_taper_from_root_to_tip() -> None:
    rng = np.random.default_rng(0)
    # along X, tips forward (−Y) and up, in shuffled numbers
    x, row = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    where = np.stack([x, -row, 0.5 * row], -1).reshape(-1, 3).astype(float)
    faces = np.array(
        [
            [r * COLUMNS + c, r * COLUMNS + c + 1, (r + 1) * COLUMNS + c + 1, (r + 1) * COLUMNS + c]
            for r in range(ROWS - 1)
            for c in range(COLUMNS - 1)
        ]
    )
    shuffled = rng.permutation(len(where))
    placed = np.empty_like(where)
    placed[shuffled] = where
    weights, made = lash_weights(rng.permutation(shuffled[faces]), placed)
    lashes = (weights @ placed).reshape(-1, 5, 3)
    assert len(lashes) == EACH * (COLUMNS - 1)
    assert np.abs(np.asarray(weights.sum(1)) - 1).max() < 1e-12
    assert np.allclose(lashes[:, :2, 1], 0)
    assert np.allclose(lashes[:, 4, 1], -(ROWS - 1))
    roots, halfway = np.abs(lashes[:, 1, 0] - lashes[:, 0, 0]), np.abs(lashes[:, 3, 0] - lashes[:, 2, 0])
    assert (roots > 0.2).all()
    assert np.allclose(halfway, roots / 2)
    # none crosses its neighbour
    order = np.argsort(lashes[:, 4, 0])
    edges = np.sort(lashes[order, :2, 0], 1)
    assert (edges[1:, 0] >= edges[:-1, 1]).all()
    assert sorted({v for face in made for v in face}) == list(range(5 * len(lashes)))
    short = (lash_weights(rng.permutation(shuffled[faces]), placed, 0.5)[0] @ placed).reshape(-1, 5, 3)
    assert np.allclose(short[:, 4, 1], -(ROWS - 1) / 2)
    assert np.allclose(np.sort(short[:, 0, 0]), np.sort(lashes[:, 0, 0]))
