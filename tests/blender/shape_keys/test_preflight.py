"""What used to succeed at export and fail, or lie, later: right at once, or one sentence that names the way out."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.blender.shape_keys import preflight
from semantify_blender.blender.shape_keys.faces import sound
from semantify_blender.blender.shape_keys.model import KeysModel, model_of
from semantify_blender.blender.shape_keys.reading import read_keys
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.rendering.stage.scene import checked_mesh
from tests.blender.keyed_mesh import add_key, displacements, keyed_head
from tests.blender.tier import bpy


@pytest.fixture(autouse=True)
def _empty_file() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)


def names_of(made: KeysModel) -> list[str]:
    return made.model.metadata["shape_keys"]


def reopened(folder: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "saved.blend"))


def rigged_head() -> bpy.types.Object:
    """A head under a rig that scales it to a hundredth, unevenly, and with shear; parented with an inverse."""
    obj = keyed_head(size=12.0)
    rig = bpy.data.objects.new("rig", None)
    above = bpy.data.objects.new("above", None)
    for empty in (rig, above):
        bpy.context.scene.collection.objects.link(empty)
    above.scale, above.rotation_euler = (0.01, 0.02, 0.01), (0.1, 0.4, 0.2)
    rig.parent, rig.rotation_euler = above, (0.5, 0.0, 0.3)
    obj.parent, obj.rotation_euler, obj.delta_scale = rig, (0.2, 0.1, 0.7), (1.0, 1.5, 1.0)
    obj.matrix_parent_inverse = ((1, 0, 0.2, 3), (0, 1, 0, 4), (0, 0, 1.1, 5), (0, 0, 0, 1))
    bpy.context.view_layer.update()
    return obj


def hidden(obj: bpy.types.Object) -> None:
    for thing in (obj, obj.parent, obj.parent.parent):
        thing.hide_viewport = True


def excluded(obj: bpy.types.Object) -> None:
    collection = bpy.data.collections.new("put away")
    bpy.context.scene.collection.children.link(collection)
    for thing in (obj, obj.parent, obj.parent.parent):
        bpy.context.scene.collection.objects.unlink(thing)
        collection.objects.link(thing)
    bpy.context.view_layer.layer_collection.children["put away"].exclude = True


def elsewhere(obj: bpy.types.Object) -> None:
    scene = bpy.data.scenes.new("other")
    bpy.context.scene.unit_settings.scale_length = 7.0  # which says nothing about the other scene's objects
    for thing in (obj, obj.parent, obj.parent.parent):
        bpy.context.scene.collection.objects.unlink(thing)
        scene.collection.objects.link(thing)


@pytest.mark.parametrize("put_away", [hidden, excluded, elsewhere])
def test_what_blender_does_not_evaluate_stands_where_it_would(put_away, tmp_path: Path):
    obj = rigged_head()
    seen = model_of(obj).model
    put_away(obj)
    reopened(tmp_path)
    obj = bpy.data.objects["Head"]
    assert not obj.visible_get()
    model = model_of(obj).model
    assert np.abs(model.template - seen.template).max() < 1e-6
    assert np.abs(model.basis - seen.basis).max() < 1e-6


def test_a_hidden_object_on_a_posed_bone_stands_where_it_would(tmp_path: Path):
    obj = keyed_head()
    armature = bpy.data.armatures.new("rig")
    rig = bpy.data.objects.new("rig", armature)
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    bone = armature.edit_bones.new("head")
    bone.head, bone.tail = (0, 0, 0), (1, 1, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    rig.pose.bones["head"].scale, rig.scale = (3, 3, 2), (0.1, 0.1, 0.1)
    obj.parent, obj.parent_type, obj.parent_bone = rig, "BONE", "head"
    bpy.context.view_layer.update()
    seen = model_of(obj).model
    obj.hide_viewport = rig.hide_viewport = True
    reopened(tmp_path)
    assert np.abs(model_of(bpy.data.objects["Head"]).model.template - seen.template).max() < 1e-6


def test_a_hidden_object_that_only_blender_could_place_is_refused():
    obj = keyed_head()
    obj.constraints.new("COPY_SCALE").target = None
    model_of(obj)
    obj.hide_viewport = True
    with pytest.raises(SemantifyError, match="'Head' is not shown, and where it stands follows from constraints"):
        model_of(obj)


def test_scales_that_pictures_cannot_be_taken_of_are_refused():
    obj = keyed_head()
    for scale, match in ((1e-3, "check its scale"), (1e6, "check its scale"), (float("nan"), "is no number")):
        obj.scale = (scale,) * 3
        with pytest.raises(SemantifyError, match=f"'Head'.*{match}"):
            model_of(obj)
    obj.scale = (1, 1, 1e-9)
    with pytest.raises(SemantifyError, match="scaled to nothing"):
        model_of(obj)


def test_points_that_are_no_numbers():
    obj = keyed_head()
    blocks = obj.data.shape_keys.key_blocks
    blocks["brow_L"].points[3].co.x = float("nan")
    infinite = np.full(3 * len(obj.data.vertices), np.inf, np.float32)
    blocks["brow_R"].points.foreach_set("co", infinite)
    blocks["jawOpen"].points[5].co.z = 1e30
    blocks["brow_L"].value = 0.5
    made = model_of(obj)
    assert made.left_out["brow_L"] == made.left_out["brow_R"] == "holds points that are no numbers"
    assert made.left_out["jawOpen"] == "moves points by more than 10 km"
    assert "taken as 0, whatever their value is now: brow_L" in " ".join(made.notes)
    assert np.isfinite(made.model.template).all()
    blocks["Basis"].points[0].co.x = float("nan")
    with pytest.raises(SemantifyError, match="the Basis of 'Head' holds 1 points that are no numbers: delete"):
        model_of(obj)


def test_faces_that_the_renderer_refuses_are_left_out_and_counted(tmp_path: Path):
    head = keyed_head()
    co = [tuple(vertex.co) for vertex in head.data.vertices]
    faces = [tuple(polygon.vertices) for polygon in head.data.polygons]
    mesh = bpy.data.meshes.new("odd")
    mesh.from_pydata(co, [], [*faces, faces[0][::-1], faces[7], (1, 2, 2)])
    obj = bpy.data.objects.new("odd", mesh)
    bpy.context.scene.collection.objects.link(obj)
    obj.shape_key_add(name="Basis")
    for name, moved in displacements(np.array(co) / 0.12).items():
        add_key(obj, name, np.array(co) + 0.12 * moved)
    made = model_of(obj)
    assert "3 faces that lie on others or have a corner twice" in made.notes[0]
    made.model.save(tmp_path / "odd.model.npz")
    assert len(checked_mesh(MorphableModel.load(tmp_path / "odd.model.npz")).polygons) == len(faces)


def mesh_with(count: int, corners: np.ndarray, offsets: np.ndarray) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new("random")
    mesh.vertices.add(count)
    mesh.vertices.foreach_set("co", np.random.default_rng(1).normal(0, 1, 3 * count))
    mesh.loops.add(len(corners))
    mesh.loops.foreach_set("vertex_index", corners.astype(np.int32))
    mesh.polygons.add(len(offsets) - 1)
    mesh.polygons.foreach_set("loop_start", offsets[:-1].astype(np.int32))
    mesh.update(calc_edges=True)
    return mesh


@pytest.mark.parametrize("count", [5, 6, 9])
def test_faces_that_stay_are_those_that_blender_takes(count: int):
    rng = np.random.default_rng(count)
    sizes = rng.integers(3, 6, 60)
    corners = np.concatenate([rng.choice(count, size, replace=rng.random() < 0.3) for size in sizes]).astype(np.int32)
    offsets = np.append(0, np.cumsum(sizes)).astype(np.int32)
    kept = sound(corners, offsets)
    everything = mesh_with(count, corners, offsets)
    assert everything.validate()
    if bpy.app.version < (5, 0):  # later ones keep faces of the same vertices in another order
        assert len(everything.polygons) == kept.sum()
    assert len(everything.polygons) >= kept.sum() > 0
    stay = mesh_with(count, corners[np.repeat(kept, sizes)], np.append(0, np.cumsum(sizes[kept])))
    assert not stay.validate()
    assert len(stay.polygons) == kept.sum()


def driver_on(obj: bpy.types.Object, key: str, source: str | None = None) -> None:
    driver = obj.data.shape_keys.key_blocks[key].driver_add("value").driver
    if source is None:
        driver.expression = "0.25"
        return
    driver.type = "SUM"
    target = driver.variables.new().targets[0]
    target.id_type, target.id = "KEY", obj.data.shape_keys
    target.data_path = f'key_blocks["{source}"].value'


def test_keys_with_drivers_or_keyframes_are_left_out_unless_one_insists():
    obj = keyed_head()
    blocks = obj.data.shape_keys.key_blocks
    driver_on(obj, "brow_L")
    blocks["blink_L"].keyframe_insert("value", frame=1)
    blocks["smile_L"].value = 1.0
    driver_on(obj, "jawOpen", "smile_L")
    bpy.context.view_layer.update()
    assert blocks["jawOpen"].value == 1.0
    made = model_of(obj)
    assert made.left_out == {"blink_L": "has keyframes", "brow_L": "has a driver", "jawOpen": "has a driver"}
    assert "part of the template: brow_L" in made.notes[0]
    # a corrective belongs to the keys that drive it, and those rest in the template
    assert "taken as 0, whatever their value is now: jawOpen" in made.notes[1]
    assert np.abs(np.ptp(made.model.template[:, 2]) - 0.24) < 0.01
    assert {"brow_L", "blink_L", "jawOpen"} <= set(names_of(model_of(obj, include_driven=True)))
    with pytest.raises(SemantifyError, match=r"blink_L \(has keyframes\).*--include-driven"):
        model_of(obj, include="blink_L")


def test_one_key_that_hides_shoes_does_not_move_the_window_off_the_face():
    obj = keyed_head()
    count = len(obj.data.vertices)
    feet = [(0.1 * np.cos(a), 0.1 * np.sin(a), -1.6) for a in np.linspace(0, 6, 40)]
    obj.shape_key_clear()
    basis = np.array([*(tuple(vertex.co) for vertex in obj.data.vertices), *feet], np.float32)
    mesh = bpy.data.meshes.new("body")
    mesh.from_pydata(basis.tolist(), [], [tuple(polygon.vertices) for polygon in obj.data.polygons])
    obj.data = mesh
    obj.shape_key_add(name="Basis")
    for name, moved in displacements(basis[:count] / 0.12).items():
        add_key(obj, name, np.vstack([basis[:count] + 0.12 * moved, basis[count:]]))
    face = model_of(obj).model.metadata["framing"]
    hide = basis.copy()
    hide[count:, 2] -= 40.0
    add_key(obj, "hideShoes", hide)
    made = model_of(obj)
    assert made.model.metadata["framing"] == face
    assert face["height"] < 0.6
    assert "act outside the pictures, which show what most keys move: hideShoes" in made.notes[-1]
    assert not model_of(obj, include="hideShoes").notes


def test_names_with_commas_brackets_and_blanks_are_names_first():
    obj = keyed_head()
    blocks = obj.data.shape_keys.key_blocks
    renamed = {
        "smile_L": "A, I",
        "smile_R": "eye[0]",
        "brow_L": "  lead",
        "brow_R": "E",
        "blink_L": "smile",
        "jawLeft": "[x]",
    }
    for old, new in renamed.items():
        blocks[old].name = new
    assert names_of(model_of(obj, include="A, I")) == ["A, I"]
    assert names_of(model_of(obj, include="E, A, I, jaw*")) == ["A, I", "E", "jawRight", "jawOpen"]
    assert names_of(model_of(obj, include=["eye[0]", "lead"])) == ["  lead", "eye[0]"]
    assert names_of(model_of(obj, include="[x]")) == ["[x]"]
    blocks["jawRight"].name = "SMILE"
    assert names_of(model_of(obj, include="smile")) == ["smile"]
    assert set(names_of(model_of(obj, include="s*"))) == {"smile", "SMILE"}
    for key in obj.data.shape_keys.key_blocks[1:]:
        assert names_of(model_of(obj, include=[key.name])) == [key.name]


def test_names_that_are_no_valid_text(tmp_path: Path):
    obj = keyed_head()
    obj.data.materials.append(bpy.data.materials.new("Sk_in"))
    for key, name in (("jawLeft", "ja_LEFT"), ("jawRight", "ja_RIGHT")):
        obj.data.shape_keys.key_blocks[key].name = name
    obj.data.shape_keys.key_blocks["ja_RIGHT"].value = 0.5
    file = tmp_path / "old.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(file), compress=False)
    content = file.read_bytes()
    for text in (b"ja_LEFT", b"ja_RIGHT", b"Sk_in", b"OBHead"):
        assert text in content
        content = content.replace(text, text.replace(b"_", b"\xe9").replace(b"ea", b"\xe9a"))
    file.write_bytes(content)
    bpy.ops.wm.open_mainfile(filepath=str(file))
    made = model_of(next(iter(bpy.data.objects)))
    reason = "its name is no valid text, rename it"
    assert made.left_out == {"number 4": reason, "number 8": reason}
    assert len(names_of(made)) == 7
    assert list(made.model.regions) == ["material 1"]
    assert "part of the template: number 8" in made.notes[0]
    assert "an object whose name is no valid text" in made.model.metadata["source"]
    made.model.save(tmp_path / "old.model.npz")
    assert MorphableModel.load(tmp_path / "old.model.npz").component_count == 7


def test_a_mesh_that_another_object_has_in_edit_mode():
    obj = keyed_head()
    twin = bpy.data.objects.new("Twin", obj.data)
    bpy.context.scene.collection.objects.link(twin)
    bpy.context.view_layer.objects.active = twin
    bpy.ops.object.mode_set(mode="EDIT")
    assert obj.mode == "OBJECT"
    with pytest.raises(SemantifyError, match="'Head' is in Edit Mode, through 'Twin', which shares its mesh"):
        read_keys(obj)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert len(read_keys(obj).keys) == 9


def test_a_model_that_no_reader_would_take_is_refused_before_points_are_read(monkeypatch: pytest.MonkeyPatch):
    obj = keyed_head()
    monkeypatch.setattr(preflight, "MAXIMUM_BYTES", 20_000)
    with pytest.raises(SemantifyError, match=r"model of 9 shape keys of 'Head' with its 262 vertices.*use fewer keys"):
        model_of(obj)
    assert len(names_of(model_of(obj, include="smile*"))) == 2


def test_keys_of_equal_points_are_one():
    obj = keyed_head()
    points = np.array([tuple(point.co) for point in obj.data.shape_keys.key_blocks["jawOpen"].points])
    add_key(obj, "Aa", points)
    made = model_of(obj)
    assert made.left_out == {"Aa": "the same as jawOpen"}
    assert names_of(model_of(obj, exclude="jawOpen"))[-1] == "Aa"


def loose() -> bpy.types.Object:
    obj = keyed_head()
    mesh = bpy.data.meshes.new("points")
    mesh.from_pydata([tuple(vertex.co) for vertex in obj.data.vertices], [], [])
    obj.shape_key_clear()
    obj.data = mesh
    obj.shape_key_add(name="Basis")
    add_key(obj, "wide", np.array([2 * vertex.co for vertex in mesh.vertices]))
    return obj


def only_a_basis() -> bpy.types.Object:
    obj = keyed_head()
    obj.shape_key_clear()
    obj.shape_key_add(name="Basis")
    return obj


def without_vertices() -> bpy.types.Object:
    obj = bpy.data.objects.new("Head", bpy.data.meshes.new("nothing"))
    for name in ("Basis", "smile"):
        obj.shape_key_add(name=name)
    return obj


def other_vertices() -> bpy.types.Object:
    obj = keyed_head()
    obj.data.clear_geometry()
    obj.data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    return obj


def lattice() -> bpy.types.Object:
    obj = bpy.data.objects.new("Head", bpy.data.lattices.new("cage"))
    for name in ("Basis", "wide"):
        obj.shape_key_add(name=name)
    return obj


def one_face_without_area() -> bpy.types.Object:
    obj = loose()
    obj.data.loops.add(3)
    obj.data.loops.foreach_set("vertex_index", [1, 1, 2])
    obj.data.polygons.add(1)
    return obj


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (loose, "'Head' has no faces"),
        (only_a_basis, "'Head' has no shape keys: choose a mesh that has some beside its Basis"),
        (without_vertices, "'Head' has no vertices"),
        (other_vertices, "of 'Head' has .* points and the mesh 3 vertices"),
        (lattice, "'Head' is a lattice, not a mesh"),
        (one_face_without_area, "'Head' has only faces without area"),
    ],
)
def test_meshes_of_which_nothing_can_be_made(make, sentence: str):
    with pytest.raises(SemantifyError, match=sentence):
        model_of(make())


def test_modifiers_that_make_another_mesh_are_named():
    obj = keyed_head()
    obj.modifiers.new("Mask", "MASK")
    obj.modifiers.new("Array", "ARRAY")
    obj.modifiers.new("Smooth", "SMOOTH")
    (note,) = model_of(obj).notes
    assert note.startswith("not applied, so not in the pictures, are the modifiers of 'Head': Mask, Array")
