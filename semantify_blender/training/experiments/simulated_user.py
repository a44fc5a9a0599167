"""A simulated user who shapes a character by trial and error, seeing only which of two shapes is nearer to the target.

It moves one slider at a time, keeps what looks nearer and takes back what does not: a pattern search by coordinates.
It cannot read: that a slider is called "tall" tells it nothing.
"""

from collections.abc import Callable

import numpy as np

from ...core.model.morphable_model import MorphableModel

Shape = Callable[[np.ndarray], np.ndarray]
"""Slider positions (N, d) in −1..1 to coefficients (N, K)."""
FIRST_STEP = 0.5
"""Of a slider whose ends are −1 and 1."""
SMALLEST_STEP = 0.01


class Distance:
    """Mean vertex distance in metres between shapes of a model and fixed targets."""

    def __init__(self, model: MorphableModel, targets: np.ndarray) -> None:
        """targets: (N, V, 3) vertices, metres."""
        self.basis = model.basis.reshape(model.component_count, -1)
        # the template is taken off once, so that every later distance needs the basis only
        self.offsets = (targets - model.template).reshape(len(targets), -1).astype(np.float32)

    def __call__(self, coefficients: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """coefficients: (n, K), for the targets `rows` (n,) or all. Returns (n,)."""
        rows = np.arange(len(self.offsets)) if rows is None else rows
        found = np.empty(len(rows))
        for start in range(0, len(rows), 50):
            part = slice(start, start + 50)
            apart = coefficients[part].astype(np.float32) @ self.basis - self.offsets[rows[part]]
            found[part] = np.linalg.norm(apart.reshape(len(apart), -1, 3), axis=-1).mean(1)
        return found


def move_sliders(shape: Shape, sliders: int, distance: Distance, moves: int, noticeable: float = 0.0) -> np.ndarray:
    """Let one user per target move sliders, all starting at rest.

    shape: what the sliders do. noticeable: metres; of two shapes whose distances to the target differ by less the user
    cannot tell the nearer one, and takes the move back. moves: every trial counts, also those that are taken back.
    Returns (N, moves + 1): the true distance of the shape that the user holds after each move, in metres.
    """
    count = len(distance.offsets)
    every = np.arange(count)
    position = np.zeros((count, sliders))
    step = np.full((count, sliders), FIRST_STEP)
    sign = np.ones((count, sliders))  # the way a slider was last moved with success
    current = np.zeros(count, int)
    moved = np.zeros(count, bool)  # the current slider has been moved with success in this visit
    turned = np.zeros(count, bool)  # and its other way is being tried
    held = distance(shape(position))
    curve = [held]
    for _ in range(moves):
        _skip_ends(position, sign, step, current, moved, turned)
        tried = position.copy()
        tried[every, current] = np.clip(tried[every, current] + (sign * step)[every, current], -1, 1)
        reached = distance(shape(tried))
        better = reached < held - noticeable
        position[better] = tried[better]
        held = np.where(better, reached, held)
        curve.append(held)
        moved |= better
        turn = ~better & ~moved & ~turned
        sign[every[turn], current[turn]] *= -1
        turned |= turn
        _next_slider(~better & ~turn, step, current, moved, turned)
    return np.stack(curve, 1)


def _skip_ends(
    position: np.ndarray, sign: np.ndarray, step: np.ndarray, current: np.ndarray, moved: np.ndarray, turned: np.ndarray
) -> None:
    """A slider at its end cannot go farther that way: turn it or go to the next one, which is no move. In place."""
    every = np.arange(len(position))
    for _ in range(2 * position.shape[1]):
        stuck = np.abs(position[every, current] + 1e-9 * sign[every, current]) > 1
        if not stuck.any():
            return
        turn = stuck & ~moved & ~turned
        sign[every[turn], current[turn]] *= -1
        turned |= turn
        _next_slider(stuck & ~turn, step, current, moved, turned)


def _next_slider(
    done: np.ndarray, step: np.ndarray, current: np.ndarray, moved: np.ndarray, turned: np.ndarray
) -> None:
    """Users that are `done` (N,) with their slider halve its step and take the next one. In place."""
    every = np.flatnonzero(done)
    step[every, current[every]] = np.maximum(step[every, current[every]] / 2, SMALLEST_STEP)
    current[every] = (current[every] + 1) % step.shape[1]
    moved[every] = turned[every] = False
