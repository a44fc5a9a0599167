"""Where joints are in training pictures, against the renderer's own figures, and a fitter that reads them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.finders.mirror import SWAPPED
from semantify_blender.core.fitting.fitter import JOINT_INPUTS, Fitter, joint_inputs
from semantify_blender.core.library import load_model
from semantify_blender.core.model.body_points import BodyPoints
from semantify_blender.core.model.posing import Rig
from semantify_blender.core.model.random_poses import KINDS, lively_pose
from semantify_blender.training.fitter.data import FitterData
from semantify_blender.training.fitter.train import FitterRecipe, train_fitter
from semantify_blender.training.fitter.wild_points import WildPoints
from tests.synthetic import synthetic_model


def test_points_are_where_the_whole_figure_has_them() -> None:
    model = load_model("anny-body-neutral")
    points, rig = BodyPoints.of(model), Rig.of(model)
    assert points is not None
    assert rig is not None
    place = WildPoints(model, points, rig)
    rng = np.random.default_rng(0)
    for kind in KINDS:
        coefficients = rng.uniform(-1, 1, model.component_count).astype(np.float32)
        pose = lively_pose(rng, kind)
        whole = model.framing.place(rig.pose(model.vertices(coefficients), pose).copy())
        np.testing.assert_allclose(place(coefficients, pose), points.at(whole), atol=2e-3, err_msg=kind)


class Named:
    """An encoder of which only the name is asked."""

    name, checksum, size, batch = "named", "e" * 64, 32, 64


def drawn(seed: int, count: int = 900, seen: float = 0.6) -> FitterData:
    """Embeddings that tell the first coefficient, joints that tell the second."""
    rng = np.random.default_rng(seed)
    model = synthetic_model()
    coefficients = rng.normal(size=(count, model.component_count)).astype(np.float32)
    embeddings = rng.normal(size=(1, count, 6)).astype(np.float32)
    embeddings[0, :, 0] = coefficients[:, 0]
    joints = 0.1 * rng.normal(size=(1, count, 33, 2)).astype(np.float32)
    joints[0, :, :, 1] += 0.4 * coefficients[:, 1, None]
    joints[0, rng.random(count) > seen] = np.nan
    angles = np.zeros((1, count, 2), np.float32)
    return FitterData(embeddings, coefficients, angles, np.arange(count), joints)


@pytest.fixture(scope="module")
def fitter() -> Fitter:
    return train_fitter(drawn(0), synthetic_model(), Named(), FitterRecipe(epochs=30, dropout=0.0))


def test_joints_tell_what_the_embedding_does_not_and_their_absence_makes_unsure(fitter: Fitter) -> None:
    fresh = drawn(1, 200, seen=1.0)
    told, untold, deviations = [], [], []
    for i in range(200):
        with_joints = fitter.estimate(fresh.embeddings[0, i], [fresh.joints[0, i]])
        without = fitter.estimate(fresh.embeddings[0, i])
        for found, kept in ((with_joints, told), (without, untold)):
            kept.append(found.coefficients[:2] - fresh.coefficients[i, :2])
        deviations.append([found.covariance[1, 1] ** 0.5 for found in (with_joints, without)])
    errors, blind = np.abs(told).mean(0), np.abs(untold).mean(0)
    assert errors[0] < 0.35
    assert blind[0] < 0.35
    assert errors[1] < 0.4 < 0.6 < blind[1]
    with_joints, without = np.mean(deviations, 0)
    assert without > 1.5 * with_joints


def test_a_fitter_that_reads_joints_is_kept_and_a_wrong_width_is_refused(fitter: Fitter, tmp_path: Path) -> None:
    path = tmp_path / "joints.fitter.npz"
    fitter.save(path)
    again = Fitter.load(path)
    assert again.reads_joints
    row = drawn(2, 1, seen=1.0)
    one, other = (each.estimate(row.embeddings[0, 0], [row.joints[0, 0]]) for each in (fitter, again))
    np.testing.assert_allclose(one.coefficients, other.coefficients, atol=0.02)
    replace(fitter, reads_joints=False).save(path)
    with pytest.raises(FileFormatError, match="input_mean: has 73 numbers, expected 6"):
        Fitter.load(path)


def test_far_points_are_held_and_unseen_ones_are_the_mean() -> None:
    mean = np.full(JOINT_INPUTS, 0.25)
    seen = np.zeros((33, 2))
    seen[3] = (50, -50)
    rows = joint_inputs([seen, None], mean)
    assert rows.shape == (2, JOINT_INPUTS)
    assert rows[0, -1] == 1
    assert rows[1, -1] == 0
    assert list(rows[0, 6:8]) == [3.0, -3.0]
    assert (rows[1, :-1] == 0.25).all()
    assert (SWAPPED[SWAPPED] == np.arange(33)).all()
