"""Rigs that models share: kept in a file, at points of each model's shapes, and refused where they do not fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.library import load_model
from semantify_blender.core.model.chains import LIMBS, chains_of
from semantify_blender.core.model.rig_set import WHOLE, RigSet, topology_of
from semantify_blender.core.model.skeleton import Skeleton
from semantify_blender.core.rig_sets import rigs_for
from tests.boned import boned_model, rig_set

BODIES = ("anny-body-neutral", "anny-body-male", "anny-body-female")


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    made = rig_set()
    made.save(tmp_path / "a.rigs.npz")
    found = RigSet.load(tmp_path / "a.rigs.npz")
    assert found.topology == made.topology
    assert found.interface == made.interface
    for kind, rig in made.rigs.items():
        other = found.rigs[kind]
        assert (other.names, other.groups, other.metarig) == (rig.names, rig.groups, rig.metarig)
        for name in ("parents", "heads", "tails", "weights"):
            assert np.array_equal(getattr(other, name), getattr(rig, name))


def test_bones_begin_and_end_at_sums_of_vertices_and_bones_in_any_shape() -> None:
    model, coefficients = boned_model(), np.array([1.5, -2.0, 0.5])
    own = Skeleton.of(model).at(coefficients)
    found = Skeleton.further(model, rig_set(), "full").at(coefficients)
    shape = model.vertices(coefficients)
    down = own[0, 0] - (
        model.extra["rig/joints"][0] + coefficients @ model.extra["rig/joint_basis"][:, 0].astype(float)
    )
    np.testing.assert_allclose(found[0, 0], own[0, 0], atol=1e-6)
    np.testing.assert_allclose(found[1, 0], shape[:2].mean(0) + down, atol=1e-5)
    np.testing.assert_allclose(found[1, 1], own[1, 0], atol=1e-6)
    np.testing.assert_allclose(found[1, 2], own[1, 1] + [0, 0, 0.1], atol=1e-6)


def test_a_model_with_other_faces_or_without_bones_gets_none() -> None:
    rigs, model = rig_set(), boned_model()
    assert Skeleton.further(model, rigs, "full") is not None
    assert Skeleton.further(model, rigs, "mixamo") is None
    assert Skeleton.further(replace(model, extra={}), rigs, "full") is None
    corners = model.corner_vertices.copy()
    corners[:2] = corners[1::-1]
    assert Skeleton.further(replace(model, corner_vertices=corners), rigs, "full") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full/parents", np.array([-1, 2, 1], np.int16)),
        ("full/ends", np.full((2, 3), 9, np.uint16)),
        ("full/counts", np.array([1, 2], np.uint32)),
        ("full/steps", None),
        ("points/starts", np.array([0, 1, 1, 4, 5], np.int32)),
        ("rigify/names", np.array(["hips", "x" * 64])),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, field: str, value: np.ndarray | None) -> None:
    path = tmp_path / "a.rigs.npz"
    rig_set().save(path)
    arrays = dict(np.load(path))
    arrays[field] = arrays[field] + np.uint16(9) if value is None else value
    np.savez(path, **arrays)
    with pytest.raises(FileFormatError, match=field):
        RigSet.load(path)


@pytest.mark.parametrize("name", BODIES)
def test_the_shipped_rigs_fit_the_shipped_bodies(name: str) -> None:
    model = load_model(name)
    rigs = rigs_for(model)
    assert rigs is not None
    assert rigs.topology == topology_of(model)
    own = Skeleton.of(model)
    rng = np.random.default_rng(0)
    for kind, bones, arm in (("full", 163, "lowerarm01"), ("rigify", 185, "forearm")):
        skeleton = Skeleton.further(model, rigs, kind)
        assert len(skeleton.names) == bones
        totals = rigs.rigs[kind].weights.astype(int).sum(1)
        assert abs(totals - WHOLE).max() <= 6
        np.testing.assert_allclose(skeleton.weights.sum(1), 1, atol=1e-5)
        ends = skeleton.at(rng.normal(size=model.component_count))
        assert np.linalg.norm(ends[1] - ends[0], axis=1).max() < 0.6
        at_rest = skeleton.at(np.zeros(model.component_count))[0]
        elbow = own.at(np.zeros(model.component_count))[0][own.names.index("lowerarm_l")]
        np.testing.assert_allclose(at_rest[skeleton.names.index(f"{arm}.L")], elbow, atol=1e-4)
        mirrored = at_rest[skeleton.names.index(f"{arm}.L")] * [-1, 1, 1]
        np.testing.assert_allclose(at_rest[skeleton.names.index(f"{arm}.R")], mirrored, atol=5e-3)


def test_the_full_rig_has_the_chains_that_poses_speak_of() -> None:
    chains = chains_of(Skeleton.further(load_model(BODIES[0]), rigs_for(load_model(BODIES[0])), "full").names)
    assert {*LIMBS, "spine", "neck", "hand.L", "fingers.R", "thumb.L", "foot.R", "toes.L"} <= chains.keys()
