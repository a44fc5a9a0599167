"""A mesh's shape keys -> MorphableModel: the same vertices as Blender evaluates, and clear refusals."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.blender.shape_keys.model import model_of, model_path
from semantify_blender.blender.shape_keys.reading import read_keys
from semantify_blender.blender.textures import texture_image
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.key_set import KeySet
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.addon_helpers import evaluated
from tests.blender.keyed_mesh import add_key, keyed_head
from tests.blender.tier import bpy


@pytest.fixture(autouse=True)
def _empty_file() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)


def in_the_world(obj: bpy.types.Object) -> np.ndarray:
    """(V, 3) evaluated vertices, rotated and scaled as the object is, in metres."""
    matrix = np.array(obj.matrix_world.to_3x3()) * bpy.context.scene.unit_settings.scale_length
    return evaluated(obj) @ matrix.T


def error_of(obj: bpy.types.Object, model: MorphableModel, values: dict[str, float]) -> float:
    """Largest difference in metres between Blender's displacement for key values and the model's."""
    blocks = obj.data.shape_keys.key_blocks
    before = {name: blocks[name].value for name in values}
    rest = in_the_world(obj)
    for name, value in values.items():
        blocks[name].value = value
    moved = in_the_world(obj) - rest
    for name, value in before.items():
        blocks[name].value = value
    names = model.metadata["shape_keys"]
    coefficients = np.array([values.get(name, 0.0) for name in names], np.float32)
    return float(np.abs(moved - (model.vertices(coefficients) - model.template)).max())


def test_values_of_keys_move_the_model_as_they_move_the_mesh():
    obj = keyed_head()
    obj.scale, obj.rotation_euler = (2.0, 1.0, 0.5), (0.3, -0.8, 1.9)
    obj.location = (5.0, 6.0, 7.0)
    bpy.context.scene.unit_settings.scale_length = 0.5
    bpy.context.view_layer.update()
    model = model_of(obj).model
    assert np.abs(model.template.max(0) + model.template.min(0)).max() < 1e-6
    shape = in_the_world(obj)
    assert np.abs((shape - shape[0]) - (model.template - model.template[0])).max() < 1e-6
    assert error_of(obj, model, {"smile_L": 0.7, "jawOpen": 1.0, "brow_R": 0.25}) < 1e-6


def test_a_parents_scale_counts():
    obj = keyed_head()
    rig = bpy.data.objects.new("rig", None)
    bpy.context.scene.collection.objects.link(rig)
    rig.scale, obj.parent = (3.0, 3.0, 3.0), rig
    bpy.context.view_layer.update()
    assert np.ptp(model_of(obj).model.template[:, 2]) == pytest.approx(0.72, abs=1e-5)


def test_relative_to_another_key_and_masked_by_a_vertex_group():
    obj = keyed_head()
    blocks = obj.data.shape_keys.key_blocks
    wide = add_key(obj, "wide", read_keys(obj).basis * np.float32(1.5))
    wide.relative_key = blocks["jawOpen"]
    group = obj.vertex_groups.new(name="left half")
    for vertex in obj.data.vertices:
        if vertex.co.x > 0:
            group.add([vertex.index], min(1.0, vertex.co.x * 9), "REPLACE")
    blocks["brow_R"].vertex_group = blocks["smile_L"].vertex_group = "left half"
    blocks["jawOpen"].vertex_group = "there is no such group"
    made = model_of(obj)
    for values in ({"wide": 0.8}, {"smile_L": 1.0}, {"wide": 1.0, "jawOpen": 0.5, "smile_L": 0.3}):
        assert error_of(obj, made.model, values) < 1e-6
    assert made.left_out == {"brow_R": "moves nothing"}


def test_a_group_without_any_weight_masks_all():
    obj = keyed_head()
    obj.vertex_groups.new(name="empty")
    obj.data.shape_keys.key_blocks["jawOpen"].vertex_group = "empty"
    made = model_of(obj)
    assert error_of(obj, made.model, {"jawOpen": 1.0}) < 1e-6
    assert made.left_out == {"jawOpen": "moves nothing"}


def test_muted_still_and_closed_keys_are_left_out_by_name():
    obj = keyed_head()
    blocks = obj.data.shape_keys.key_blocks
    blocks["jawLeft"].mute = True
    add_key(obj, "nothing", read_keys(obj).basis)
    blocks["brow_L"].slider_min, blocks["brow_L"].slider_max = -0.5, 2.0
    made = model_of(obj)
    assert made.left_out == {"jawLeft": "muted", "nothing": "moves nothing"}
    model = made.model
    assert model.metadata["family"] == "shape-keys"
    ranges = dict(zip(model.metadata["shape_keys"], model.ranges.tolist(), strict=True))
    assert ranges["brow_L"] == [-0.5, 2.0]
    assert ranges["smile_L"] == [0.0, 1.0]
    assert "jawLeft (muted)" in " ".join(made.summary())


def test_patterns_choose_keys():
    obj = keyed_head()
    assert model_of(obj, include="SMILE*, jawOpen").model.metadata["shape_keys"] == ["smile_L", "smile_R", "jawOpen"]
    left = model_of(obj, exclude=["*_l", "jaw*,brow_R"])
    assert left.model.metadata["shape_keys"] == ["smile_R", "blink_R"]
    assert left.left_out["jawOpen"] == "excluded"
    with pytest.raises(SemantifyError, match=r"exclude 'tongue\*' matches no shape key of 'Head', which has smile_L"):
        model_of(obj, exclude="tongue*")
    with pytest.raises(SemantifyError, match="no shape key of 'Head' is left to use"):
        model_of(obj, exclude="*")


def test_keys_left_out_keep_their_value_in_the_template():
    obj = keyed_head()
    obj.data.shape_keys.key_blocks["jawOpen"].value = 0.6
    made = model_of(obj, exclude="jawOpen")
    shape = in_the_world(obj)
    assert np.abs((shape - shape[0]) - (made.model.template - made.model.template[0])).max() < 1e-6
    assert "part of the template: jawOpen" in made.notes[0]
    # a key that sliders will move counts from rest, wherever it is now
    assert np.abs(model_of(obj).model.template - made.model.template).max() > 0.01


def test_twins_are_named_alike_and_move_apart():
    model = model_of(keyed_head()).model
    names = model.metadata["shape_keys"]
    twin = {name: names[k] for name, k in zip(names, model.extra["twins"], strict=True)}
    assert twin["smile_L"] == "smile_R"
    assert twin["blink_R"] == "blink_L"
    assert twin["jawLeft"] == "jawLeft"  # they move the same jaw to opposite sides
    assert twin["jawOpen"] == "jawOpen"


def test_materials_become_regions_in_their_own_colours():
    obj = keyed_head()
    for name, colour in (("Haut", (0.5, 0.25, 0.1, 1)), ("Unused", (1, 1, 1, 1)), ("Eye", (0, 0, 1, 1))):
        material = bpy.data.materials.new(name)
        if not material.node_tree:
            material.use_nodes = True
        material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = colour
        obj.data.materials.append(material)
    obj.data.materials.append(None)
    for polygon in obj.data.polygons:
        polygon.material_index = {0: 0, 1: 2, 2: 3}[polygon.index % 3]
    model = model_of(obj).model
    assert list(model.regions) == ["Haut", "Eye"]
    assert model.regions["Haut"].sum() == pytest.approx(model.face_count / 3, abs=1)
    assert model.metadata["region_colours"]["Haut"] == pytest.approx([0.735, 0.537, 0.349], abs=2e-3)
    assert model.metadata["region_colours"]["Eye"] == pytest.approx([0, 0, 1])
    assert (model.face_regions == -1).sum() == pytest.approx(model.face_count / 3, abs=1)


def test_a_colour_texture_is_taken_along_with_its_mean():
    obj = keyed_head()
    image = bpy.data.images.new("skin", 16, 16)
    image.pixels.foreach_set(np.tile(np.array([0.8, 0.6, 0.4, 1], np.float32), 256))
    material = bpy.data.materials.new("Skin")
    if not material.node_tree:
        material.use_nodes = True
    tree = material.node_tree
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.image = image
    tree.links.new(texture.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    obj.data.materials.append(material)
    model = model_of(obj).model
    assert model.metadata["region_colours"]["Skin"] == pytest.approx([0.8, 0.6, 0.4], abs=0.01)
    assert "texture" not in model.extra  # there is no UV map to lay it on by
    obj.data.uv_layers.new(name="UVMap")
    model = model_of(obj).model
    assert bytes(model.extra["texture"][:4]) == b"\x89PNG"
    assert len(bpy.data.images) == 1
    shown = texture_image(model)
    assert tuple(shown.size) == (16, 16)
    assert list(shown.pixels[:4]) == pytest.approx([0.8, 0.6, 0.4, 1], abs=0.01)
    obj.data.materials.append(bpy.data.materials.new("Plain"))
    obj.data.polygons[0].material_index = 1
    assert "texture" not in model_of(obj).model.extra


def outward(model: MorphableModel) -> bool:
    """True when most triangles look away from the middle."""
    corners = model.template[model.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float((normals * corners.mean(1)).sum(1).mean()) > 0


def test_faces_of_a_mirrored_object_still_look_outwards_and_keep_their_uvs():
    obj = keyed_head()
    layer = obj.data.uv_layers.new(name="UVMap")
    # each corner's UV names its vertex, so that turned faces can be told from scrambled ones
    layer.data.foreach_set("uv", np.array([[loop.vertex_index, 0] for loop in obj.data.loops], np.float32).ravel())
    for scale in ((1, 1, 1), (-1, 1, 1)):
        obj.scale = scale
        bpy.context.view_layer.update()
        model = model_of(obj).model
        assert outward(model)
        assert np.array_equal(model.uv[:, 0], model.corner_vertices)


def test_framing_shows_a_standing_figure_whole_and_of_a_face_the_part_that_moves():
    obj = keyed_head()
    head = model_of(obj).model
    assert not head.framing.floor
    assert head.framing.height == pytest.approx(1.3 * 0.24, rel=0.05)
    obj.scale = (1, 1, 8)
    bpy.context.view_layer.update()
    body = model_of(obj).model
    assert body.framing.floor
    assert body.framing.height > np.ptp(body.template[:, 2])
    obj.scale = (1, 1, 1)
    bpy.context.view_layer.update()
    eye = model_of(obj, include="blink_L").model.framing
    assert eye.height < 0.8 * head.framing.height
    assert eye.centre[0] == pytest.approx(0.35 * 0.12, abs=0.02)


def test_key_set_does_not_depend_on_the_objects_placement_but_on_its_keys():
    obj = keyed_head()
    first = KeySet.of(model_of(obj).model.metadata)
    obj.scale, obj.location = (3, 3, 3), (1, 2, 3)
    bpy.context.view_layer.update()
    assert KeySet.of(model_of(obj).model.metadata) == first
    obj.data.shape_keys.key_blocks["brow_L"].points[3].co.z += 0.01
    second = KeySet.of(model_of(obj).model.metadata)
    differing = {name for name, a, b in zip(first.names, first.checksums, second.checksums, strict=True) if a != b}
    assert differing == {"brow_L"}
    assert second.basis == first.basis


def test_nothing_of_the_object_is_changed(tmp_path: Path):
    obj = keyed_head()
    obj.data.shape_keys.key_blocks["jawOpen"].value = 0.4
    before = evaluated(obj).copy()
    counts = {name: len(getattr(bpy.data, name)) for name in ("meshes", "objects", "images", "materials")}
    model_of(obj).model.save(tmp_path / "head.model.npz")
    assert np.array_equal(evaluated(obj), before)
    assert {name: len(getattr(bpy.data, name)) for name in counts} == counts


def test_saved_and_loaded(tmp_path: Path):
    obj = keyed_head()
    obj.data.shape_keys.key_blocks["jawOpen"].slider_min = -1.0
    model = model_of(obj, name="head").model
    model.save(tmp_path / "head.model.npz")
    again = MorphableModel.load(tmp_path / "head.model.npz")
    assert again.checksum == model.checksum
    assert np.array_equal(again.ranges, model.ranges)
    assert np.array_equal(again.extra["twins"], model.extra["twins"])
    assert KeySet.of(again.metadata) == KeySet.of(model.metadata)
    assert again.metadata["framing"] == model.metadata["framing"]


@pytest.mark.parametrize("given", ["head", "head.npz", "head.model", "head.model.npz"])
def test_model_path_always_ends_alike(given: str):
    assert model_path(Path("a") / given) == Path("a/head.model.npz")


def test_what_cannot_be_used_is_refused_in_one_sentence():
    plain = bpy.data.objects.new("plain", bpy.data.meshes.new("plain"))
    with pytest.raises(SemantifyError, match="'plain' has no shape keys"):
        model_of(plain)
    obj = keyed_head()
    obj.data.shape_keys.use_relative = False
    with pytest.raises(SemantifyError, match=r"'Head' are absolute.*switch on Relative"):
        model_of(obj)
    obj.data.shape_keys.use_relative = True
    obj.scale = (0, 1, 1)
    bpy.context.view_layer.update()
    with pytest.raises(SemantifyError, match="scaled to nothing"):
        model_of(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(SemantifyError, match="Edit Mode"):
        model_of(obj)
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_mirror_modifier_is_noted():
    obj = keyed_head()
    obj.modifiers.new("Mirror", "MIRROR")
    assert "Mirror modifier" in model_of(obj).notes[0]
