"""Adding a character: the mesh, its looks and place, and nothing left behind when it fails."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core import library
from tests.blender.addon_helpers import add, error_of, evaluated, load, set_slider
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def test_character_is_complete(synthetic_data: Path):
    mapper, model = load(synthetic_data)
    obj = add()
    mesh, state = obj.data, obj.data.semantify
    assert obj.name == "Synthetic"
    assert bpy.context.object == obj
    assert bpy.context.selected_objects == [obj]
    assert [slider.name for slider in state.sliders] == list(mapper.descriptors)
    assert len(mesh.vertices) == model.vertex_count
    assert len(mesh.polygons) == model.face_count
    assert [key.name for key in mesh.shape_keys.key_blocks] == ["Basis", "Semantify"]
    assert obj.active_shape_key_index == 0
    assert all(polygon.use_smooth for polygon in mesh.polygons)
    uv = np.empty(2 * len(mesh.loops), np.float32)
    mesh.uv_layers[0].data.foreach_get("uv", uv)
    assert np.allclose(uv.reshape(-1, 2), model.uv)


def test_each_face_shows_the_material_of_its_region(synthetic_data: Path):
    _, model = load(synthetic_data)
    mesh = add().data
    regions = list(model.regions)
    shown = [mesh.materials[polygon.material_index].name.lower() for polygon in mesh.polygons]
    assert shown == [regions[i] for i in model.face_regions]
    for material in mesh.materials:
        shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
        assert tuple(shader.inputs["Base Color"].default_value) == pytest.approx(tuple(material.diffuse_color))
    assert len({tuple(material.diffuse_color) for material in mesh.materials}) == len(mesh.materials)


def test_stands_on_the_floor_at_the_cursor_whatever_the_sliders(synthetic_data: Path):
    bpy.context.scene.cursor.location = (1.0, 2.0, 3.0)
    obj = add()
    assert tuple(obj.location) == (1.0, 2.0, 3.0)
    for value in (-1.0, 0.0, 1.0):
        for i in range(len(obj.data.semantify.sliders)):
            set_slider(obj, i, value)
        assert abs(evaluated(obj)[:, 2].min()) < 0.02
    assert error_of(obj, synthetic_data) < 1e-5


@pytest.mark.parametrize("values", [(0, 0, 0), (1, -1, 0.5), (-0.37, 0.81, -1)])
def test_sliders_move_the_mesh_as_mapper_and_model_say(synthetic_data: Path, values: tuple[float, ...]):
    obj = add()
    for i, value in enumerate(values):
        set_slider(obj, i, value)
    assert error_of(obj, synthetic_data) <= 1e-5


@pytest.mark.parametrize("name", sorted(path.name[:-11] for path in (library.DATA / "mappers").glob("*.mapper.npz")))
def test_embedded_mappers_make_exact_characters(name: str):
    obj = add(name)
    rng = np.random.default_rng(0)
    for _ in range(3):
        for i in range(len(obj.data.semantify.sliders)):
            set_slider(obj, i, float(rng.uniform(-1, 1)))
        mapper, model = library.load_mapper(name), library.load_model(library.load_mapper(name).model_name)
        values = np.array([slider.value for slider in obj.data.semantify.sliders])
        z = evaluated(obj)
        shown = model.dressed(obj.data.semantify.outfit or None).model
        wanted = shown.vertices(mapper.coefficients(mapper.scores_from_sliders(values)))
        # the character is the model's shape but for its place above the floor; keys nearly at rest are put at rest
        exact = 1e-5 if model.ranges is None else 5e-5
        assert np.ptp((z - wanted)[:, 2]) < exact
        assert np.abs((z - wanted)[:, :2]).max() < exact
        if model.framing.floor:
            assert abs(z[:, 2].min()) < 0.03
        else:  # a head's place is its template's
            assert (z - wanted)[0, 2] == pytest.approx(-model.template[:, 2].min(), abs=exact)


def test_real_size_in_a_scene_that_counts_in_centimetres():
    bpy.context.scene.unit_settings.scale_length = 0.01
    obj = add()
    bpy.context.view_layer.update()
    assert obj.dimensions.z * 0.01 == pytest.approx(np.ptp(evaluated(obj)[:, 2]), rel=1e-4)


def test_height_is_that_of_the_vertices_in_the_units_of_the_scene():
    from semantify_blender.addon.character import shape
    from semantify_blender.addon.ui.lengths import height_text

    obj = add()
    for value in (0.0, 1.0, -1.0):
        set_slider(obj, 0, value)
        assert shape.height(obj.data) == pytest.approx(float(np.ptp(evaluated(obj)[:, 2])), abs=1e-5)
    metres = shape.height(obj.data)
    assert height_text(bpy.context, obj) == f"Height {metres:.2f} m"
    bpy.context.scene.unit_settings.length_unit = "CENTIMETERS"
    assert height_text(bpy.context, obj) == f"Height {metres * 100:.1f} cm"
    bpy.context.scene.unit_settings.system = "IMPERIAL"
    assert "'" in height_text(bpy.context, obj)


def test_found_from_armature_child_and_sibling():
    from semantify_blender.addon.selection import find_character

    obj = add()
    rig, child, sibling, stranger = (bpy.data.objects.new(name, None) for name in ("rig", "child", "sibling", "other"))
    for other in (rig, child, sibling, stranger):
        bpy.context.scene.collection.objects.link(other)
    obj.parent = sibling.parent = rig
    child.parent = obj
    assert {find_character(o) for o in (obj, rig, child, sibling)} == {obj}
    assert find_character(stranger) is None
    assert find_character(None) is None


def datablocks() -> dict[str, int]:
    names = ("objects", "meshes", "materials", "texts", "shape_keys", "actions")
    return {name: len(getattr(bpy.data, name)) for name in names}


def test_unknown_mapper_is_one_sentence_and_leaves_nothing():
    with pytest.raises(RuntimeError, match=r"No mapper 'nobody': open a mapper file or choose one of: .*synthetic"):
        bpy.ops.semantify.add_character(mapper="nobody")
    assert not any(datablocks().values())


def test_missing_model_names_the_file_and_can_be_located(synthetic_data: Path, tmp_path: Path):
    from semantify_blender.addon import catalogue

    alone = tmp_path / "elsewhere" / "mappers" / "alone.mapper.npz"
    alone.parent.mkdir(parents=True)
    mapper, model = load(synthetic_data)
    from dataclasses import replace

    other = replace(model, name="far", template=model.template * np.float32(1.01))
    other.save(tmp_path / "hidden" / "far-away.model.npz")
    other = type(other).load(tmp_path / "hidden" / "far-away.model.npz")
    replace(mapper, model_name="far", model_checksum=other.checksum).save(alone)
    assert bpy.ops.semantify.open_mapper(filepath=str(alone)) == {"FINISHED"}
    assert bpy.context.window_manager.semantify.mapper == "alone"
    assert "far.model.npz" in catalogue.problem("alone")
    with pytest.raises(RuntimeError, match=r"The morphable model 'far' of mapper alone\.mapper\.npz was not found"):
        bpy.ops.semantify.add_character()
    assert not any(datablocks().values())
    with pytest.raises(RuntimeError, match="checksum"):
        bpy.ops.semantify.locate_model(filepath=str(synthetic_data / "models" / "synthetic.model.npz"))
    assert bpy.ops.semantify.locate_model(filepath=str(tmp_path / "hidden" / "far-away.model.npz")) == {"FINISHED"}
    assert catalogue.problem("alone") is None
    assert bpy.ops.semantify.add_character() == {"FINISHED"}


def test_half_made_character_is_removed_on_failure(monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon.character import shape
    from semantify_blender.core.errors import SemantifyError

    def fail(*_: object) -> None:
        raise SemantifyError("the last step failed")

    monkeypatch.setattr(shape, "apply", fail)
    with pytest.raises(RuntimeError, match="The last step failed"):
        bpy.ops.semantify.add_character(mapper="synthetic")
    assert not any(datablocks().values())


def test_a_file_that_is_no_mapper_is_refused(tmp_path: Path):
    wrong = tmp_path / "wrong.mapper.npz"
    wrong.write_bytes(b"not a zip")
    with pytest.raises(RuntimeError, match=r"wrong\.mapper\.npz"):
        bpy.ops.semantify.open_mapper(filepath=str(wrong))
    with pytest.raises(RuntimeError, match="choose one in the file browser"):
        bpy.ops.semantify.open_mapper(filepath=str(tmp_path))


def test_a_collection_of_another_file_takes_no_character_and_the_scene_does(tmp_path: Path):
    collection = bpy.data.collections.new("Set")
    collection.objects.link(bpy.data.objects.new("Empty", None))
    bpy.context.scene.collection.children.link(collection)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "set.blend"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "set.blend"), link=True) as (_, here):
        here.collections = ["Set"]
    bpy.context.scene.collection.children.link(here.collections[0])
    scene, view_layer = bpy.context.scene, bpy.context.view_layer
    overridden = here.collections[0].override_hierarchy_create(scene, view_layer)
    for chosen in (here.collections[0], overridden):
        layer = next(layer for layer in view_layer.layer_collection.children if layer.collection == chosen)
        view_layer.active_layer_collection = layer
        assert bpy.context.collection == chosen
        assert add().users_collection == (scene.collection,)


def test_added_in_a_local_view():
    bpy.ops.wm.read_factory_settings(use_empty=False)
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.view3d.localview()
        assert bpy.context.space_data.local_view is not None
        assert add().select_get()
