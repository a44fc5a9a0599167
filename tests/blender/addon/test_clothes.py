"""What a character wears: chosen in place, with all that the user has on the mesh."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.addon_helpers import add, evaluated, on_the_floor, set_slider
from tests.blender.tier import bpy
from tests.synthetic import TRAINED, dressed_model, synthetic_mapper

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def model(synthetic_data: Path) -> MorphableModel:
    return MorphableModel.load(synthetic_data / "models" / "dressed.model.npz")


def wear(outfit: str) -> None:
    assert bpy.ops.semantify.change_clothes(outfit=outfit) == {"FINISHED"}


def rows_of(mesh: bpy.types.Mesh) -> np.ndarray:
    rows = np.empty(len(mesh.vertices), np.int32)
    mesh.attributes[".semantify_row"].data.foreach_get("value", rows)
    return rows - 1


def corners_of(mesh: bpy.types.Mesh) -> np.ndarray:
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    return corners


def wanted(model: MorphableModel, obj: bpy.types.Object, outfit: str) -> np.ndarray:
    """(V, 3) that the character must have in an outfit, by mapper and model alone."""
    mapper = synthetic_mapper(model, provenance=TRAINED)
    sliders = np.array([slider.value for slider in obj.data.semantify.sliders])
    coefficients = mapper.coefficients(mapper.scores_from_sliders(sliders))
    body = on_the_floor(model, coefficients)
    sunk = body[0] - model.vertices(coefficients)[0]
    return model.dressed(outfit).model.vertices(coefficients) + sunk


def region_at(mesh: bpy.types.Mesh, face: int) -> str:
    return mesh.materials[mesh.polygons[face].material_index].name.partition(".")[0]


def test_a_new_character_wears_the_models_default(model: MorphableModel) -> None:
    obj = add("dressed")
    assert obj.data.semantify.outfit == "day"
    assert len(obj.data.vertices) == model.dressed("day").model.vertex_count
    assert {material.name for material in obj.data.materials} >= {"Top", "Shorts"}


@pytest.mark.parametrize("way", [("bare",), ("bare", "day"), ("day",), ("bare", "day", "bare")])
def test_changed_clothes_are_as_new_ones_and_have_the_shape(model: MorphableModel, way: tuple[str, ...]) -> None:
    obj = add("dressed")
    set_slider(obj, 0, 0.7)
    set_slider(obj, 2, -0.6)
    for outfit in way:
        wear(outfit)
    dressed = model.dressed(way[-1])
    mesh = obj.data
    np.testing.assert_array_equal(rows_of(mesh), dressed.rows)
    np.testing.assert_array_equal(corners_of(mesh), dressed.model.corner_vertices)
    uv = np.empty((len(mesh.loops), 2), np.float32)
    mesh.uv_layers["UVMap"].data.foreach_get("uv", uv.ravel())
    np.testing.assert_allclose(uv, dressed.model.uv, atol=1e-6)
    assert np.abs(evaluated(obj) - wanted(model, obj, way[-1])).max() < 1e-5
    set_slider(obj, 1, 0.9)
    assert np.abs(evaluated(obj) - wanted(model, obj, way[-1])).max() < 1e-5
    assert [slider.value for slider in mesh.semantify.sliders] == pytest.approx([0.7, 0.9, -0.6])
    regions = {name: mask for name, mask in dressed.model.regions.items() if mask.any()}
    for name in set(regions) & {"top", "shorts"}:
        shown = {region_at(mesh, int(face)) for face in np.flatnonzero(regions[name])}
        assert shown == {name.capitalize()}


def test_what_is_on_vertices_that_stay_stays(model: MorphableModel) -> None:
    obj = add("dressed")
    mesh = obj.data
    count = len(mesh.vertices)
    group = obj.vertex_groups.new(name="Mine")
    for index in range(count):
        group.add([index], (index % 7 + 1) / 10, "REPLACE")
    colour = mesh.color_attributes.new("Tint", "FLOAT_COLOR", "POINT")
    colour.data.foreach_set("color", np.linspace(0, 1, 4 * count, dtype=np.float32))
    key = obj.shape_key_add(name="Bump", from_mix=False)
    bumped = np.empty((count, 3), np.float32)
    mesh.shape_keys.reference_key.points.foreach_get("co", bumped.ravel())
    bumped[::3, 0] += 0.05
    key.points.foreach_set("co", bumped.ravel())
    key.value = 0.5
    uv = mesh.uv_layers["UVMap"].data
    mine = np.linspace(0, 1, 2 * len(uv), dtype=np.float32)
    uv.foreach_set("uv", mine)
    obj.modifiers.new("Subsurf", "SUBSURF").levels = 0
    before = {
        row: (group.weight(i), tuple(colour.data[i].color), tuple(key.points[i].co))
        for i, row in enumerate(rows_of(mesh))
    }
    faces = {tuple(row): i for i, row in enumerate(faces_by_rows(mesh))}
    starts = [polygon.loop_start for polygon in mesh.polygons]
    wear("bare")
    group, colour, key = obj.vertex_groups["Mine"], mesh.color_attributes["Tint"], mesh.shape_keys.key_blocks["Bump"]
    stayed = 0
    for i, row in enumerate(rows_of(mesh)):
        if row in before:
            stayed += 1
            assert (group.weight(i), tuple(colour.data[i].color), tuple(key.points[i].co)) == before[row]
        else:
            # as the nearest vertex that there was
            assert group.weight(i) > 0
    assert stayed > 50
    uv = mesh.uv_layers["UVMap"].data
    for polygon, face in zip(mesh.polygons, faces_by_rows(mesh), strict=True):
        if tuple(face) in faces:
            start = 2 * starts[faces[tuple(face)]]
            assert tuple(uv[polygon.loop_start].uv) == pytest.approx(tuple(mine[start : start + 2]))
    assert key.value == 0.5
    assert obj.modifiers.keys() == ["Subsurf"]


def faces_by_rows(mesh: bpy.types.Mesh) -> list[list[int]]:
    rows = rows_of(mesh)
    return [[int(rows[vertex]) for vertex in polygon.vertices] for polygon in mesh.polygons]


def test_a_material_of_the_users_own_is_there_again_when_the_garment_is(model: MorphableModel) -> None:
    obj = add("dressed")
    mesh = obj.data
    top = next(i for i, material in enumerate(mesh.materials) if material.name.startswith("Top"))
    mesh.materials[top] = bpy.data.materials.new("Denim")
    wear("bare")
    wear("day")
    assert len([material for material in mesh.materials if material.name.startswith("Top")]) == 0
    shown = {region_at(mesh, int(face)) for face in np.flatnonzero(model.dressed("day").model.regions["top"])}
    assert shown == {"Denim"}


def test_an_edited_mesh_is_refused_in_a_sentence() -> None:
    obj = add("dressed")
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.subdivide()
    bpy.ops.object.mode_set(mode="OBJECT")
    count = len(obj.data.vertices)
    with pytest.raises(RuntimeError, match="were added, deleted or reordered"):
        wear("bare")
    assert len(obj.data.vertices) == count
    assert obj.data.semantify.outfit == "day"


def test_an_unknown_outfit_is_refused_with_the_choice() -> None:
    obj = add("dressed")
    with pytest.raises(RuntimeError, match=r"has no outfit 'crown'; choose from bare, day"):
        wear("crown")
    assert obj.data.semantify.outfit == "day"


def test_without_clothes_nothing_is_offered() -> None:
    add()
    assert not bpy.ops.semantify.change_clothes.poll()


def test_a_baked_character_keeps_its_clothes_until_the_bake_is_freed(model: MorphableModel) -> None:
    obj = add("dressed")
    set_slider(obj, 0, 0.5)
    bpy.ops.semantify.bake(frame_start=1, frame_end=3)
    assert not bpy.ops.semantify.change_clothes.poll()
    bpy.ops.semantify.free_bake()
    wear("bare")
    assert np.abs(evaluated(obj) - wanted(model, obj, "bare")).max() < 1e-5
    bpy.ops.semantify.bake(frame_start=1, frame_end=3)
    assert np.abs(evaluated(obj) - wanted(model, obj, "bare")).max() < 1e-5


def test_what_was_sculpted_on_the_basis_stays_and_cloth_follows_it(model: MorphableModel) -> None:
    obj = add("dressed")
    reference = obj.data.shape_keys.reference_key
    for point in reference.points:
        point.co.x += 0.25
    wear("bare")
    assert np.abs(evaluated(obj) - wanted(model, obj, "bare") - [0.25, 0, 0]).max() < 1e-5
    wear("day")
    assert np.abs(evaluated(obj) - wanted(model, obj, "day") - [0.25, 0, 0]).max() < 1e-5


def test_undo_and_redo_are_one_step(model: MorphableModel) -> None:
    obj = add("dressed")
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="start")
    name = obj.name
    wear("bare")
    bpy.ops.ed.undo_push(message="clothes")
    bpy.ops.ed.undo()
    obj = bpy.data.objects[name]
    assert obj.data.semantify.outfit == "day"
    assert np.abs(evaluated(obj) - wanted(model, obj, "day")).max() < 1e-5
    bpy.ops.ed.redo()
    obj = bpy.data.objects[name]
    assert obj.data.semantify.outfit == "bare"
    assert np.abs(evaluated(obj) - wanted(model, obj, "bare")).max() < 1e-5


def test_linked_duplicates_change_together_and_full_ones_do_not(model: MorphableModel) -> None:
    obj = add("dressed")
    linked, full = obj.copy(), obj.copy()
    full.data = obj.data.copy()
    for other in (linked, full):
        bpy.context.scene.collection.objects.link(other)
    wear("bare")
    assert len(linked.data.vertices) == model.dressed("bare").model.vertex_count
    assert len(full.data.vertices) == model.dressed("day").model.vertex_count
    assert np.abs(evaluated(full) - wanted(model, full, "day")).max() < 1e-5


def test_the_mapper_of_the_dressed_model_is_as_the_test_thinks(synthetic_data: Path, model: MorphableModel) -> None:
    mapper = Mapper.load(synthetic_data / "mappers" / "dressed.mapper.npz")
    assert mapper.model_checksum == model.checksum == dressed_model().checksum


def test_a_baked_glb_read_back_has_the_shape_and_the_cloths_materials(model: MorphableModel, tmp_path: Path) -> None:
    import addon_utils

    addon_utils.enable("io_scene_gltf2")
    obj = add("dressed")
    set_slider(obj, 0, 0.8)
    set_slider(obj, 1, -0.7)
    obj.data.semantify.regions["top"].colour = (0.5, 0.1, 0.1)
    shape = evaluated(obj)
    stood = np.array([tuple(point.co) for point in obj.data.shape_keys.reference_key.points])
    assert bpy.ops.semantify.draw_colours() == {"FINISHED"}
    bpy.ops.semantify.bake(frame_start=1, frame_end=2)
    path = str(tmp_path / "dressed.glb")
    bpy.ops.export_scene.gltf(filepath=path, export_format="GLB")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("io_scene_gltf2")
    bpy.ops.import_scene.gltf(filepath=path)
    obj = next(obj for obj in bpy.data.objects if obj.type == "MESH")
    for key in list(obj.data.shape_keys.key_blocks)[1:]:
        key.slider_min, key.slider_max = -10, 10
    bpy.context.scene.frame_set(1)
    rest = np.array([tuple(point.co) for point in obj.data.shape_keys.reference_key.points])
    away = np.linalg.norm(rest[:, None] - stood[None], axis=2)
    assert away.min(1).max() < 1e-5
    # skin and cloth may rest at one place: of those that do, one is where it must be
    near = away < 1e-5
    found = np.linalg.norm(evaluated(obj)[:, None] - shape[None], axis=2)
    assert np.where(near, found, np.inf).min(1).max() < 1e-4
    colours = {}
    for material in obj.data.materials:
        shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
        colours[material.name.partition(".")[0]] = shader.inputs["Base Color"]
    assert list(colours["Top"].default_value)[:3] == pytest.approx([0.5, 0.1, 0.1], abs=1e-3)
    assert set(colours) >= {"Top", "Shorts", "Skin"}
    assert colours["Skin"].is_linked, "the painted hair is a texture"


def test_every_exporter_finds_the_colours(tmp_path: Path) -> None:
    obj = add("dressed")
    obj.data.semantify.regions["top"].colour = (0.5, 0.1, 0.1)
    path = tmp_path / "dressed.obj"
    bpy.ops.wm.obj_export(filepath=str(path))
    words = [line.split() for line in path.with_suffix(".mtl").read_text().splitlines() if line]
    name, colours = "", {}
    for first, *rest in words:
        if first == "newmtl":
            name = rest[0]
        elif first == "Kd":
            colours[name] = [float(part) for part in rest]
    assert colours["Top"] == pytest.approx([0.5, 0.1, 0.1], abs=1e-3)
    for region in ("Skin", "Hair", "Shorts"):
        material = next(material for material in obj.data.materials if material.name == region)
        assert colours[region] == pytest.approx(list(material.diffuse_color)[:3], abs=1e-3)
