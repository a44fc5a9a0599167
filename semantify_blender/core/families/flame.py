"""FLAME heads: shape and expression as two models, the jaw as a further component of expressions."""

import numpy as np

from .research_model import ResearchModel, z_up
from .skinning import Posed

SHAPES = 300
"""Columns of `shapedirs` that are shape; expression follows."""
JAW = 2
"""Joint number of the jaw."""
JAW_UNIT = 0.1
"""Radians of one unit of the jaw's coefficient: the authors draw max(0, randn) · 0.1."""
JAW_EXACT = 0.2
"""Radians at which the straight line that stands for the jaw's arc meets the arc again."""
JAW_RANGE = (0.0, 4.0)
EXPRESSION_RANGE = (-4.0, 4.0)
"""Of every coefficient of a model with a jaw, the paper's k = 4 (section 3.1)."""
UPPER_LIP, LOWER_LIP = 3531, 3504
"""Vertices in the middle of the lips, those that the authors' code compares."""
NEAR = 0.006
"""Metres between two vertices of touching lips."""
FAR = 5
"""Edges between them along the surface, at least."""


def read_shape(model: ResearchModel, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Template (V, 3) and shape basis (components, V, 3), float64, metres, Z up, facing −Y; origin the file's.

    The coefficients are standard deviations already (Li et al. 2017, "FLAME", section 4).
    Raises SemantifyError when the file has fewer components.
    """
    return z_up(model.template), z_up(model.columns(0, _shape_columns(model), components))


def read_expression(model: ResearchModel, components: int, jaw: bool) -> tuple[np.ndarray, np.ndarray]:
    """The same for expressions; with `jaw` the last component, number `components`, opens the mouth.

    That component is the jaw's rotation drawn straight: one unit is 0.1 rad, exact at rest and at 0.2 rad (pose blend
    shapes included). It is one-sided, see `ranges`.
    """
    first = _shape_columns(model)
    basis = model.columns(first, model.directions.shape[2] - first, components)
    if jaw:
        posed = Posed(model.skeleton(), {JAW: np.array([JAW_EXACT, 0.0, 0.0])})
        opening = (posed.shape(model.template) - model.template) * (JAW_UNIT / JAW_EXACT)
        basis = np.concatenate([basis, opening[None]])
    return z_up(model.template), z_up(basis)


def ranges(components: int) -> np.ndarray:
    """(components + 1, 2) float32: limits of an expression model with a jaw."""
    return np.array([EXPRESSION_RANGE] * components + [JAW_RANGE], np.float32)


def lip_pairs(template: np.ndarray, faces: np.ndarray, lips: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of the upper and the lower lip that touch or nearly touch: close in space, far along the surface.

    template: (V, 3) Z up. faces: (F, 3). lips: vertex numbers of a mask, by default those within 4 cm of the mouth.
    A vertex belongs to the lip whose middle (`UPPER_LIP`, `LOWER_LIP`) is fewer edges away. The authors' own pair is
    always the first. Returns (n,), (n,) int32.
    """
    middle = (template[UPPER_LIP] + template[LOWER_LIP]) / 2
    near = np.linalg.norm(template - middle, axis=1) < 0.04 if lips is None else np.isin(np.arange(len(template)), lips)
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges = edges[near[edges].all(1)]
    candidates = np.flatnonzero(near)
    from_upper, from_lower = (_rings(edges, seed, len(template)) for seed in (UPPER_LIP, LOWER_LIP))
    sides = [candidates[(a < b)[candidates]] for a, b in ((from_upper, from_lower), (from_lower, from_upper))]
    upper, lower = [UPPER_LIP], [LOWER_LIP]
    if len(sides[0]) and len(sides[1]):
        distance = np.linalg.norm(template[sides[0]][:, None] - template[sides[1]][None], axis=2)
        best_lower, best_upper = distance.argmin(1), distance.argmin(0)
        for i, j in enumerate(best_lower):
            a, b = sides[0][i], sides[1][j]
            mutual = best_upper[j] == i and distance[i, j] < NEAR and a != UPPER_LIP and b != LOWER_LIP
            above = template[a, 2] >= template[b, 2] and 2 * (template[a, 2] - template[b, 2]) >= distance[i, j]
            if mutual and above and _rings(edges, a, len(template), FAR)[b] > FAR:
                upper.append(int(a))
                lower.append(int(b))
    return np.array(upper, np.int32), np.array(lower, np.int32)


def _shape_columns(model: ResearchModel) -> int:
    # smaller files hold 10 and 10, as SMPL-X's do
    return SHAPES if model.directions.shape[2] > SHAPES else model.directions.shape[2] // 2


def _rings(edges: np.ndarray, seed: int, count: int, limit: int | None = None) -> np.ndarray:
    """(count,) int: edges from a vertex to each one, `count` where there is no way or it is longer than `limit`."""
    far = np.full(count, count)
    far[seed] = 0
    for step in range(1, count if limit is None else limit + 1):
        before = far.copy()
        for a, b in ((0, 1), (1, 0)):
            reached = edges[before[edges[:, a]] == step - 1, b]
            far[reached] = np.minimum(far[reached], step)
        if (far == before).all():
            break
    return far
