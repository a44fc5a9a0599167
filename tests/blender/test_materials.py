"""Materials of a figure for people to look at."""

from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.blender.materials import face_materials, figure_group, figure_material, recolour
from semantify_blender.blender.paint import PaintNodes, paint_images
from semantify_blender.core.colour import linear_rgba
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.palette import MONK, PALETTE, skin_colours
from tests.blender.tier import bpy
from tests.synthetic import dressed_model, synthetic_model


@pytest.fixture(autouse=True)
def fresh() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture
def model() -> MorphableModel:
    body = dressed_model()
    size = 64
    paint = {name: np.zeros((size, size), np.uint8) for name in ("hair", "brows", "lips", "iris", "pupil", "flush")}
    paint["hair"][:24] = 255
    paint["iris"][2:4, 2:4] = 200
    return replace(body, paint=paint, regions={"eyes": np.arange(body.face_count) < 4}).dressed().model


def figure_materials(model: MorphableModel, colours: dict | None = None) -> tuple[list, np.ndarray]:
    regions, slots = face_materials(model)
    group = figure_group(model, PALETTE | (colours or {})) if model.paint else None
    return [figure_material(name, group, colours) for name in regions], slots


def names(materials: list) -> list[str]:
    return [material.name.split(".")[0] for material in materials]


def test_every_region_that_shows_has_a_material(model: MorphableModel) -> None:
    materials, slots = figure_materials(model)
    assert slots.shape == (model.face_count,)
    assert set(names(materials)) >= {"Skin", "Hair", "Eyes", "Top", "Shorts", "Mouth"}
    assert set(slots.tolist()) == set(range(len(materials)))
    for material in materials:
        output = next(node for node in material.node_tree.nodes if node.type == "OUTPUT_MATERIAL")
        assert output.inputs["Surface"].is_linked, material.name
        assert material.diffuse_color[:3] != (0.8, 0.8, 0.8), "solid view shows the region's colour"


def test_skin_and_hair_are_one_shader_so_that_no_line_between_them_shows(model: MorphableModel) -> None:
    materials, _ = figure_materials(model)
    by_name = dict(zip(names(materials), materials, strict=True))
    trees = {
        name: {node.node_tree for node in by_name[name].node_tree.nodes if node.type == "GROUP"}
        for name in ("Skin", "Hair", "Eyes")
    }
    assert trees["Skin"] == trees["Hair"] == trees["Eyes"]
    assert len(trees["Skin"]) == 1


def test_colours_are_chosen_and_changed(model: MorphableModel) -> None:
    green = (0.1, 0.8, 0.2)
    materials, _ = figure_materials(model, {"top": green})
    by_name = dict(zip(names(materials), materials, strict=True))
    assert tuple(by_name["Top"].diffuse_color) == pytest.approx(linear_rgba(green))
    dark = MONK[8]
    recolour(materials, {"skin": dark, "hair": green})
    (group,) = {node.node_tree for node in by_name["Skin"].node_tree.nodes if node.type == "GROUP"}
    colours = {name: tuple(group.nodes[name].outputs[0].default_value) for name in ("Skin", "Lips", "Flush", "Brows")}
    expected = skin_colours(dark) | {"brows": green}
    for name, colour in colours.items():
        assert colour == pytest.approx(linear_rgba(expected[name.lower()]), abs=1e-5)
    assert tuple(by_name["Skin"].diffuse_color) == pytest.approx(linear_rgba(dark), abs=1e-5)
    assert tuple(by_name["Top"].diffuse_color) == pytest.approx(linear_rgba(green)), "clothes stay as they were"


def test_a_model_without_paint_has_plain_materials() -> None:
    plain = synthetic_model()
    materials, slots = figure_materials(plain)
    assert set(slots.tolist()) == set(range(len(materials)))
    assert all(node.type != "GROUP" for material in materials for node in material.node_tree.nodes)


def test_paint_is_in_the_file_and_says_what_it_said(model: MorphableModel) -> None:
    images = paint_images("model", model.paint)
    assert [channels for _, channels in images] == [("hair", "brows", "lips", "iris"), ("pupil", "flush")]
    for image, channels in images:
        assert image.packed_file is not None
        assert image.colorspace_settings.name == "Non-Color"
        values = np.empty(64 * 64 * 4, np.float32)
        image.pixels.foreach_get(values)
        levels = np.rint(values.reshape(64, 64, 4) * 255).astype(np.uint8)
        for channel, name in enumerate(channels):
            np.testing.assert_array_equal(levels[..., channel], model.paint[name])
    tree = bpy.data.node_groups.new("t", "ShaderNodeTree")
    nodes = PaintNodes(tree, images)
    assert "pupil" in nodes
    assert "nails" not in nodes


def test_skin_tones_go_from_light_to_dark() -> None:
    assert len(MONK) == 10
    lightness = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in MONK]
    assert lightness[0] > 0.9
    assert lightness[-1] < 0.2
    assert np.argsort(lightness)[0] == 9
    for tone in MONK:
        assert all(0 <= part <= 1 for colour in skin_colours(tone).values() for part in colour)


def test_a_dark_skin_is_dark_wherever_blood_shows(model: MorphableModel) -> None:
    materials, _ = figure_materials(model)
    recolour(materials, {"skin": MONK[9]})
    (group,) = {node.node_tree for material in materials for node in material.node_tree.nodes if node.type == "GROUP"}
    colours = [node for node in group.nodes if node.type == "RGB"]
    shown = {node.label: max(node.outputs[0].default_value[:3]) for node in colours}
    assert len(shown) == len(colours), "each colour once"
    assert shown["Flush"] < 0.05
