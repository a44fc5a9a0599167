"""How fits are measured: errors of a shape, the pictures of subjects, the simpler ways to compare with."""

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.crop import cut_figure
from semantify_blender.training.fitter.image_to_shape import errors, ridge_of, table
from semantify_blender.training.fitter.measured import views_of
from semantify_blender.training.fitter.unseen_pictures import BEHIND, FOUND, before, pictured_shapes
from tests.training.helpers import wild_dataset

XI = np.array([0.5, -1.0, 1.5, 0.2], np.float32)


def test_equal_shapes_have_no_error(model: MorphableModel) -> None:
    found = errors(model, XI, model.vertices(XI))
    assert set(found) == {"raw", "height-aligned", "centroid-aligned", "height cm"}
    assert max(found.values()) < 1e-3


def test_aligning_takes_out_what_it_should_and_no_more(model: MorphableModel) -> None:
    shape = model.vertices(XI)
    scaled = errors(model, XI, (1.1 * shape).astype(np.float32))
    assert scaled["height-aligned"] < 0.01
    away = 100 * np.linalg.norm(shape - shape.mean(0), axis=1).mean()
    assert scaled["centroid-aligned"] == pytest.approx(away, rel=1e-3)  # a tenth, in mm
    assert scaled["height cm"] == pytest.approx(10 * np.ptp(shape[:, 2]), rel=1e-3)
    assert scaled["raw"] > scaled["centroid-aligned"], "both stand on the floor, so the head is off by more"
    shifted = errors(model, XI, shape + np.float32([0.3, -0.2, 0.5]))
    assert shifted["centroid-aligned"] < 1e-3
    assert shifted["raw"] < 1e-3  # the floor is where its feet are
    wider = errors(model, XI, shape * np.float32([1.2, 1, 1]))
    assert wider["height-aligned"] == pytest.approx(wider["centroid-aligned"])
    assert wider["height-aligned"] > 5


def test_errors_of_a_face_know_no_floor_and_those_of_a_body_have_girths() -> None:
    face = load_model("anny-face-shape")
    rest = np.zeros(face.component_count, np.float32)
    shift = np.float32([0.003, 0, -0.004])
    found = errors(face, rest, face.vertices(rest) + shift)
    assert set(found) == {"raw", "height-aligned", "centroid-aligned"}
    assert found["raw"] == pytest.approx(5, rel=1e-3)
    assert found["centroid-aligned"] < 1e-3
    body = load_model("anny-body-neutral")
    rest = np.zeros(body.component_count, np.float32)
    broad = body.vertices(rest) * np.float32([1.1, 1.1, 1])
    found = errors(body, rest, broad)
    assert found["height cm"] < 0.01
    assert 5 < found["waist girth cm"] < 15  # a tenth of a waist
    assert {"chest girth cm", "hip girth cm"} <= set(found)


def test_ridge_recovers_a_linear_map_and_a_penalty_shrinks_it() -> None:
    rng = np.random.default_rng(0)
    slope, constant = rng.standard_normal((6, 3)), np.array([1.0, -2.0, 0.5])
    x = rng.standard_normal((400, 6))
    y = constant + x @ slope
    for strength, atol in ((1e-9, 1e-6), (1e-3, 0.02)):
        found = ridge_of(x, y, strength)
        np.testing.assert_allclose(
            np.vstack([found.intercept_, found.coef_.T]), np.vstack([constant, slope]), atol=atol
        )
    shrunk = ridge_of(x, y, 10.0)
    assert np.abs(shrunk.coef_).sum() < 0.3 * np.abs(slope).sum()
    np.testing.assert_allclose(shrunk.intercept_, y.mean(0), atol=0.3)  # the constant is free


def test_subjects_are_cut_out_before_a_wall_and_before_a_room(model: MorphableModel, tmp_path) -> None:
    folders = [
        wild_dataset(tmp_path / name, model, count, seed, "unseen", size=128).folder
        for name, count, seed in (("cycles", 2, 1), ("workbench", 1, 2))
    ]
    found = pictured_shapes(folders)
    assert [subject.number for subject in found] == [0, 1, 2]
    assert all(set(subject.pictures) == set(BEHIND) for subject in found)
    assert found[2].pictures["busy"][1].name == "workbench 000 side busy"
    assert all(subject.boxes[kind] == [None, None] for subject in found for kind in ("alpha", "plain", FOUND))
    told = 0
    for subject in found:
        for cut_out, wall, room, same in zip(*(subject.pictures[kind] for kind in BEHIND), strict=True):
            assert same.pixels is room.pixels
            alpha = cut_out.pixels[..., 3]
            assert alpha.min() == 0
            for picture in (wall, room):
                assert (picture.pixels[..., 3] == 255).all()
                np.testing.assert_array_equal(picture.pixels[alpha == 255], cut_out.pixels[alpha == 255])
            assert wall.pixels[alpha == 0, :3].std(0).max() < room.pixels[alpha == 0, :3].std(0).max()
            by_alpha = cut_figure(cut_out, 64)
            assert by_alpha.source == "alpha"
            by_wall = cut_figure(wall, 64)
            if by_wall.source == "background":
                told += 1
                np.testing.assert_allclose(by_wall.crop.box, by_alpha.crop.box, atol=4)
            assert cut_figure(room, 64).mask is None
        for picture, box in zip(subject.pictures["alpha"], subject.boxes["busy"], strict=True):
            rows, columns = (np.flatnonzero((picture.pixels[..., 3] > 127).any(axis)) for axis in (1, 0))
            edges = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
            outside = (edges - np.array(box)) * [1, 1, -1, -1] / (edges[3] - edges[1])
            assert (np.abs(outside - 0.04) <= 0.061).all(), "about as a hand draws it"
    assert told >= 5  # colours are drawn at random: now and then a figure has its wall's
    assert set(pictured_shapes(folders[1:], ["busy"])[0].pictures) == {"busy"}
    for one, other in zip(pictured_shapes(folders), found, strict=True):
        for kind in BEHIND:
            for first, second in zip(one.pictures[kind], other.pictures[kind], strict=True):
                np.testing.assert_array_equal(first.pixels, second.pixels)


def test_half_transparent_edges_are_mixed_with_what_is_behind() -> None:
    figure = np.zeros((8, 8, 4), np.uint8)
    figure[:, :4] = (200, 100, 0, 255)
    figure[:, 4] = (200, 100, 0, 128)
    assert before(figure, "alpha", np.random.default_rng(0)) is figure
    shown = before(figure, "plain", np.random.default_rng(0)).astype(float)
    wall = shown[:, 5:, :3].mean((0, 1))
    np.testing.assert_allclose(shown[:, 4, :3].mean(0), (np.array([200, 100, 0]) + wall) / 2, atol=5)


def test_each_subject_is_seen_twice(model: MorphableModel) -> None:
    assert views_of(model) == views_of(load_model("quadruped")) == ("front", "side")
    assert views_of(load_model("anny-face-expression")) == ("front", "az:45")


def test_the_table_has_a_part_for_each_case_and_a_row_for_each_method() -> None:
    row = {"raw": 12.34, "centroid-aligned": 5.67, "each": [5.6, 5.74]}
    text = table({"cases": {"alpha, 1 picture": {"mean shape": row, "ours": row}, "busy, 1 picture": {"ours": row}}})
    first, second = text.split("**busy, 1 picture**")
    assert first.startswith("**alpha, 1 picture**")
    assert "| ours | 12.3 | 5.7 |" in first
    assert "| mean shape |" not in second
    assert "each" not in text
    told = table({"cases": {"alpha, 1 picture": {"mean shape": row, "ours": row | {"waist inside": 0.675}}}})
    assert told.splitlines()[-2:] == ["| mean shape | 12.3 | 5.7 |  |", "| ours | 12.3 | 5.7 | 68 % |"]
