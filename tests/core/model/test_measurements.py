"""Anthropometry: exact on shapes whose size is known, sensible on the embedded bodies."""

import dataclasses

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.library import available, load_model
from semantify_blender.core.model.measurements import measure, project, quadratic_terms, volume
from tests.synthetic import synthetic_model

BODIES = [name for name in available("models") if name.startswith("anny-body")]


def test_height_and_volume_of_a_box() -> None:
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 2) for z in (0, 3)], np.float32)
    faces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    model = dataclasses.replace(
        synthetic_model(components=1),
        template=corners,
        basis=np.zeros((1, 8, 3), np.float32),
        corner_vertices=np.concatenate(faces).astype(np.int32),
        face_offsets=4 * np.arange(7, dtype=np.int32),
        regions={},
    )
    assert measure(model, corners)["height"] == pytest.approx([3])
    assert volume(model, corners[None]) == pytest.approx([6])
    assert volume(model, 2 * corners[None]) == pytest.approx([48])


def test_a_girth_is_the_length_of_its_loop() -> None:
    model = synthetic_model(rings=12, segments=16)
    ring = np.arange(5 * 16, 6 * 16)
    model.extra["girth/middle/edges"] = np.stack([ring, ring + 16], 1)
    model.extra["girth/middle/weights"] = np.zeros(16, np.float32)
    radius = np.linalg.norm(model.template[ring[0], :2])
    assert measure(model, model.template)["middle girth"] == pytest.approx([32 * radius * np.sin(np.pi / 16)], rel=1e-5)


def test_a_span_lies_along_its_axis_and_an_action_is_linear_in_the_coefficients() -> None:
    model = synthetic_model(components=2)
    model.extra["span/reach/a"], model.extra["span/reach/b"] = np.array([3, 4]), np.array([0])
    model.extra["span/reach/axis"] = np.array([0, -1, 0], np.float32)
    model.extra["action/jawOpen"] = np.array([0.5, -1.0], np.float32)
    coefficients = np.array([[1.0, 0.25], [-2.0, 0.0]])
    shapes = model.vertices(coefficients)
    found = measure(model, shapes, coefficients)
    assert found["reach"] == pytest.approx(shapes[:, 0, 1] - shapes[:, [3, 4], 1].mean(1), abs=1e-6)
    assert found["jawOpen"] == pytest.approx([0.25, -1.0])
    assert measure(model, shapes)["jawOpen"] == pytest.approx([0.25, -1.0], abs=1e-3)


def test_coefficients_are_recovered_from_vertices() -> None:
    model = synthetic_model()
    coefficients = np.random.default_rng(0).uniform(-2, 2, (5, 4))
    assert np.abs(project(model, model.vertices(coefficients)) - coefficients).max() < 1e-3


def test_quadratic_terms_by_hand() -> None:
    assert quadratic_terms(np.array([[2.0, 3.0]])).tolist() == [[1, 2, 3, 4, 6, 9]]


def test_vertices_of_another_model_are_refused() -> None:
    with pytest.raises(SemantifyError, match="vertices have shape"):
        measure(synthetic_model(), np.zeros((5, 3)))


@pytest.mark.parametrize("name", BODIES)
def test_embedded_bodies_measure_like_people(name: str) -> None:
    model = load_model(name)
    found = {key: float(value[0]) for key, value in measure(model, model.template).items()}
    assert 1.6 < found["height"] < 1.9
    assert 17 < found["bmi"] < 28
    assert 0.6 < found["waist girth"] < 1.0
    assert 0.8 < found["hip girth"] < 1.25
    assert 0.75 < found["chest girth"] < 1.25
    assert 0.42 < found["leg ratio"] < 0.53
    assert 0.0 <= found["gender"] <= 1.0


@pytest.mark.parametrize("name", BODIES)
def test_embedded_bodies_are_whole(name: str) -> None:
    model = load_model(name)
    assert model.component_count == 40
    assert {"skin", "hair", "brows", "lips", "mouth", "eyes", "iris", "pupil"} == set(model.regions) - {"tongue"}
    garments = {"shorts", "trousers", "skirt", "t-shirt", "long-sleeves", "dress"}
    assert garments | {"teeth", "gums", "lashes"} == set(model.parts)
    assert len(model.extra["rig/names"]) == 53
    assert all(model.regions[region].any() for region in model.regions)
    assert np.abs(model.template.mean(0)).max() < 1e-3  # the centroid is the origin
    assert model.uv is not None
    assert model.template[:, 1].min() < -0.1  # toes point to −Y
    spread = np.linalg.norm(model.basis, axis=2).max(1)
    assert (spread[:10] > 1e-3).all()
    assert (spread > 1e-4).all()


def test_the_three_bodies_are_there() -> None:
    assert set(BODIES) == {"anny-body-female", "anny-body-male", "anny-body-neutral"}
