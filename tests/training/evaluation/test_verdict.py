"""The plain sentence on a mapper that says nothing, and millimetres beside coverage."""

import numpy as np
import pytest

from semantify_blender.core.influence import influence
from semantify_blender.training.evaluation.quality import coverage, moved_figures
from semantify_blender.training.evaluation.verdict import verdict
from tests.training.evaluation.test_quality import linear_mapper


@pytest.mark.parametrize(
    ("mse", "rho", "said"),
    [
        (1.16, [0.2, -0.7], "these scores do not follow the shape: MSE 1.16, ρ −0.70; give other --words"),
        (1.16, None, "these scores do not follow the shape: MSE 1.16; give other --words"),
        (0.4, [0.9, -0.7], "not all sliders do as they say: fat (ρ −0.70); leave those words out, or"),
        (1.3, [0.95, 0.9], None),
        (0.4, [0.9, 0.8], None),
        (0.4, None, None),
    ],
)
def test_what_a_mapper_says_is_put_plainly(mse, rho, said):
    figures = {"descriptors": ["tall", "fat"], "fit": {"relative_mse": mse}}
    found = verdict(figures if rho is None else {**figures, "sliders": {"rho": rho}})
    assert (found or "").startswith(said or "")
    assert bool(found) == bool(said)


def test_millimetres_are_of_what_the_sliders_move(model):
    """Words that are components over ±2: each end to end is four of its basis vectors."""
    mapper = linear_mapper(model, np.eye(model.component_count, 2))
    found = moved_figures(mapper, model)
    expected = 4000 * np.linalg.norm(model.basis[:2], axis=-1).max(1)
    np.testing.assert_allclose(found["largest_mm"], expected, rtol=1e-3)
    delta = influence(mapper, model)
    covered = [float(row[row > coverage(delta)["threshold"]].mean()) for row in delta]
    np.testing.assert_allclose(found["mean_mm"], np.multiply(covered, expected), rtol=1e-3)
