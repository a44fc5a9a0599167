"""The embedded face models: what the builder promises of them."""

import numpy as np
import pytest
import scipy.sparse
from scipy.sparse.csgraph import connected_components

from semantify_blender.core.library import load_model
from semantify_blender.core.model.measurements import measure
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.sampling import default_sampler, sample_shape
from semantify_blender.core.model.separation import interpenetrates

COMPONENTS = {"anny-face-expression": 19, "anny-face-shape": 28}
"""As many as hold 95 % of every motion: of expressions, one for each facial action."""


@pytest.fixture(scope="module", params=COMPONENTS)
def model(request: pytest.FixtureRequest) -> MorphableModel:
    return load_model(request.param)


def test_a_face_has_its_components_regions_and_parts_that_a_portrait_needs(model: MorphableModel) -> None:
    assert model.component_count == COMPONENTS[model.name]
    assert {"teeth", "gums", "lashes", "bust base"} == set(model.parts)
    assert model.people is not None
    assert {"skin", "hair", "brows", "lips", "mouth", "tongue", "eyes", "iris", "pupil"} == set(model.regions)
    assert all(mask.any() for mask in model.regions.values())
    assert "CC0" in model.metadata["licence"]


def test_the_window_holds_the_face_and_random_faces_do_not_stand_on_a_floor(model: MorphableModel) -> None:
    framing = model.framing
    assert not framing.floor
    eyes = model.template[np.unique(model.corner_vertices.reshape(-1, 4)[model.regions["eyes"]])]
    assert (np.abs(eyes - framing.centre)[:, [0, 2]] < 0.3 * framing.height).all()


def test_left_and_right_move_alike(model: MorphableModel) -> None:
    mirror = model.template * [-1, 1, 1]
    # the twin of each vertex: nearest to its mirror image; nearly all have one
    rows = np.random.default_rng(0).choice(model.vertex_count, 300, replace=False)
    away = np.linalg.norm(model.template[None] - mirror[rows][:, None], axis=2)
    twins = away.argmin(1)
    paired = away.min(1) < 1e-3
    assert paired.mean() > 0.9
    difference = model.basis[:, rows[paired]] * [-1, 1, 1] - model.basis[:, twins[paired]]
    assert np.abs(difference).max() < 1e-3


def test_random_faces_keep_their_lips_and_lids_apart(model: MorphableModel) -> None:
    drawn = np.stack([sample_shape(model, "uniform", 5, i, 2.0) for i in range(40)])
    assert not interpenetrates(model, drawn).any()
    assert not interpenetrates(model, np.zeros(model.component_count))[0]
    assert default_sampler(model) == "population"
    if model.ranges is not None:
        assert (drawn >= model.ranges[:, 0]).all()
        assert (drawn <= model.ranges[:, 1]).all()


def seen_from_the_front(model: MorphableModel, coefficients: np.ndarray) -> np.ndarray:
    """(Vp,) bool: vertices of the teeth that no face of the head lies before, looking along +Y."""
    part = model.parts["teeth"]
    teeth = part.template + np.tensordot(coefficients, part.basis, 1)
    quads = model.vertices(coefficients[None])[0][model.corner_vertices.reshape(-1, 4)]
    low, high = teeth.min(0), teeth.max(0)
    near = (quads.max(1) > low)[:, [0, 2]].all(1) & (quads.min(1) < high)[:, [0, 2]].all(1)
    triangles = np.concatenate([quads[near][:, [0, 1, 2]], quads[near][:, [0, 2, 3]]])
    seen = np.ones(len(teeth), bool)
    for i, tooth in enumerate(teeth):
        a = triangles[:, :, [0, 2]] - tooth[[0, 2]]
        b = np.roll(a, -1, 1)
        turns = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
        covers = (turns >= 0).all(1) | (turns <= 0).all(1)
        seen[i] = not (covers & (triangles[:, :, 1].mean(1) < tooth[1])).any()
    return seen


def test_a_head_has_twenty_eight_teeth_alike_on_both_sides(model: MorphableModel) -> None:
    part = model.parts["teeth"]
    edges = np.concatenate([part.corner_vertices.reshape(-1, 4)[:, pair] for pair in ([0, 1], [1, 2], [2, 3])])
    graph = scipy.sparse.coo_matrix((np.ones(len(edges)), edges.T), (part.vertex_count,) * 2)
    assert connected_components(graph)[0] == 28
    mirrored = part.template * [-1, 1, 1]
    away = np.linalg.norm(part.template[:, None] - mirrored[None], axis=2).min(1)
    assert away.max() < 5e-4


def test_closed_lips_hide_all_teeth_and_an_open_mouth_shows_those_of_both_rows() -> None:
    model = load_model("anny-face-expression")
    # lips at rest leave a slit at the corners of the mouth
    assert seen_from_the_front(model, np.zeros(model.component_count)).sum() <= 6
    row = model.extra["action/jawOpen"].astype(np.float64)
    seen = seen_from_the_front(model, np.clip(row / (row @ row), *model.ranges.T))
    upper, lower = np.split(seen, 2)
    assert upper.sum() > 80
    assert lower.sum() > 5


def test_expressions_are_told_from_geometry() -> None:
    model = load_model("anny-face-expression")
    rest = measure(model, model.template, np.zeros((1, model.component_count)))
    for action, span, sign in (
        ("jawOpen", "mouth opening", 1),
        ("mouthSmile", "corner lift", 1),
        ("mouthFrown", "corner lift", -1),
        ("browOuterUp", "brow height", 1),
        ("browDown", "inner brow height", -1),
        ("eyeBlink", "eye opening", -1),
        ("eyeWide", "eye opening", 1),
    ):
        row = model.extra[f"action/{action}"].astype(np.float64)
        coefficients = np.clip(row / (row @ row), *model.ranges.T)[None]
        moved = measure(model, model.vertices(coefficients), coefficients)
        assert sign * (moved[span] - rest[span])[0] > 0.0005, action


def test_shapes_are_of_human_size() -> None:
    model = load_model("anny-face-shape")
    found = measure(model, model.template)
    assert 0.2 < found["head length"][0] < 0.28
    assert 0.12 < found["head width"][0] < 0.2
    assert found["ear span"][0] > found["head width"][0]
    assert 0.01 < found["nose protrusion"][0] < 0.06
