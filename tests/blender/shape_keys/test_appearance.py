"""What pictures of a mesh's own materials show: not what is seen through, and of odd images what can be known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.blender.shape_keys.model import KeysModel, model_of
from semantify_blender.blender.shape_keys.shaders import opacity
from semantify_blender.blender.shape_keys.shells import CLEAR, seen_through
from tests.blender.keyed_mesh import add_key, keyed_head
from tests.blender.tier import bpy


@pytest.fixture(autouse=True)
def _empty_file() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)


def material(name: str, colour: tuple[float, float, float] = (0.8, 0.8, 0.8)) -> bpy.types.Material:
    made = bpy.data.materials.new(name)
    if not made.node_tree:
        made.use_nodes = True
    made.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*colour, 1)
    return made


def image(name: str, rgba: np.ndarray) -> bpy.types.Image:
    """rgba: (height, width, 4), bottom row first."""
    made = bpy.data.images.new(name, rgba.shape[1], rgba.shape[0], alpha=True)
    made.pixels.foreach_set(np.ascontiguousarray(rgba, np.float32).ravel())
    return made


def plain(*rgba: float) -> np.ndarray:
    return np.tile(np.array(rgba, np.float32), (8, 8, 1))


def texture(owner: bpy.types.Material, shown: bpy.types.Image, *sockets: str) -> bpy.types.Node:
    """Put an image on sockets of the Principled node: its colour on Base Color, its alpha on Alpha."""
    tree = owner.node_tree
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = shown
    for socket in sockets:
        output = "Alpha" if socket == "Alpha" else "Color"
        tree.links.new(node.outputs[output], tree.nodes["Principled BSDF"].inputs[socket])
    return node


def surface(owner: bpy.types.Material, *kinds: str, factor: float | None = None) -> bpy.types.Node:
    """Make the surface one shader, or two that are mixed (with a factor) or added."""
    tree = owner.node_tree
    nodes = [tree.nodes["Principled BSDF"] if kind == "Principled" else tree.nodes.new(kind) for kind in kinds]
    shown = nodes[0]
    if len(nodes) > 1:
        shown = tree.nodes.new("ShaderNodeAddShader" if factor is None else "ShaderNodeMixShader")
        places = [socket for socket in shown.inputs if socket.type == "SHADER"]
        for node, place in zip(nodes, places, strict=True):
            tree.links.new(node.outputs[0], place)
        if factor is not None:
            shown.inputs[0].default_value = factor
    tree.links.new(shown.outputs[0], tree.get_output_node("ALL").inputs["Surface"])
    return shown


def head_with_shell(shell: bpy.types.Material) -> tuple[bpy.types.Object, np.ndarray]:
    """A head in skin whose upper front faces show another material; also those faces (F,) bool."""
    obj = keyed_head()
    layer = obj.data.uv_layers.new(name="UVMap")
    uv = np.array([obj.data.vertices[loop.vertex_index].co.xz for loop in obj.data.loops], np.float32) / 0.26 + 0.5
    layer.data.foreach_set("uv", uv.ravel())
    obj.data.materials.append(material("Skin", (0.6, 0.3, 0.2)))
    obj.data.materials.append(shell)
    over = np.array([polygon.center.z > 0.02 and polygon.center.y < 0 for polygon in obj.data.polygons])
    obj.data.polygons.foreach_set("material_index", over.astype(np.int32))
    return obj, over


def low_alpha(owner: bpy.types.Material) -> None:
    owner.node_tree.nodes["Principled BSDF"].inputs["Alpha"].default_value = 0.05


def image_alpha(owner: bpy.types.Material) -> None:
    texture(owner, image("wet", plain(1, 1, 1, 0.02)), "Base Color", "Alpha")


def multiplied(owner: bpy.types.Material) -> None:
    """glTF's baseColorFactor times the texture's alpha."""
    node, tree = texture(owner, image("wet", plain(1, 1, 1, 0.5)), "Base Color"), owner.node_tree
    times = tree.nodes.new("ShaderNodeMath")
    times.operation = "MULTIPLY"
    times.inputs[1].default_value = 0.1
    tree.links.new(node.outputs["Alpha"], times.inputs[0])
    tree.links.new(times.outputs[0], tree.nodes["Principled BSDF"].inputs["Alpha"])


CLEAR_ONES: dict[str, Callable[[bpy.types.Material], object]] = {
    "alpha": low_alpha,
    "transparent": lambda owner: surface(owner, "ShaderNodeBsdfTransparent"),
    "glass": lambda owner: surface(owner, "ShaderNodeBsdfGlass"),
    "transmission": lambda owner: setattr(
        owner.node_tree.nodes["Principled BSDF"].inputs["Transmission Weight"], "default_value", 1.0
    ),
    "mixed": lambda owner: surface(owner, "ShaderNodeBsdfTransparent", "Principled", factor=0.05),
    "added": lambda owner: surface(owner, "ShaderNodeBsdfTransparent", "ShaderNodeBsdfGlossy"),
    "image alpha": image_alpha,
    "multiplied": multiplied,
}


@pytest.mark.parametrize("kind", CLEAR_ONES)
def test_a_shell_that_is_seen_through_is_no_part_of_pictures_but_of_the_mesh(kind: str):
    shell = material("Cornea")
    CLEAR_ONES[kind](shell)
    obj, over = head_with_shell(shell)
    assert np.array_equal(seen_through(obj), over)
    made = model_of(obj)
    assert made.model.vertex_count == 262
    assert made.model.face_count == (~over).sum()
    assert list(made.model.regions) == ["Skin"]
    assert list(made.model.metadata["region_colours"]) == ["Skin"]
    assert f"{over.sum()} faces of Cornea" in made.notes[0]
    assert len(made.model.uv) == len(made.model.corner_vertices)


OPAQUE_ONES: dict[str, Callable[[bpy.types.Material], object]] = {
    "plain": lambda owner: None,
    "mostly": lambda owner: surface(owner, "ShaderNodeBsdfTransparent", "Principled", factor=0.7),
    "glTF unlit": lambda owner: unlit(owner),
    "alpha of an unlinked image": lambda owner: texture(owner, image("skin", plain(1, 1, 1, 0)), "Base Color"),
    "nothing": lambda owner: owner.node_tree.nodes.clear(),
}


def unlit(owner: bpy.types.Material) -> None:
    """As Blender imports KHR_materials_unlit: clear for all but the camera's own rays."""
    mix = surface(owner, "ShaderNodeBsdfTransparent", "ShaderNodeEmission", factor=0.0)
    path = owner.node_tree.nodes.new("ShaderNodeLightPath")
    owner.node_tree.links.new(path.outputs["Is Camera Ray"], mix.inputs[0])


@pytest.mark.parametrize("kind", OPAQUE_ONES)
def test_what_hides_or_cannot_be_told_stays(kind: str):
    shell = material("Shell")
    OPAQUE_ONES[kind](shell)
    assert opacity(shell).amount >= CLEAR
    obj, over = head_with_shell(shell)
    assert not seen_through(obj).any()
    assert model_of(obj).model.face_count == len(over)


def test_of_a_lash_card_only_the_painted_part_stays():
    shell = material("Lashes")
    rgba = plain(0.1, 0.1, 0.1, 0.0)
    rgba[:, 4:, 3] = 1.0
    texture(shell, image("lashes", rgba), "Base Color", "Alpha")
    obj, over = head_with_shell(shell)
    clear = seen_through(obj)
    side = np.array([polygon.center.x for polygon in obj.data.polygons])
    assert clear[over & (side < -0.03)].all()
    assert not clear[over & (side > 0.03)].any()
    assert not clear[~over].any()


def test_a_mesh_that_is_clear_all_over_is_shown_all_the_same():
    obj = keyed_head()
    ghost = material("Ghost")
    low_alpha(ghost)
    obj.data.materials.append(ghost)
    assert model_of(obj).model.face_count == len(obj.data.polygons)


def test_clear_faces_stay_when_keys_move_nothing_else():
    shell = material("Tears")
    low_alpha(shell)
    obj, over = head_with_shell(shell)
    points = np.array([tuple(vertex.co) for vertex in obj.data.vertices])
    inside = set(range(len(points))) - {v for p in obj.data.polygons if not over[p.index] for v in p.vertices}
    points[sorted(inside)] *= 1.1
    add_key(obj, "well up", points)
    assert model_of(obj, include="well up").model.face_count == len(over)
    assert model_of(obj).model.face_count == (~over).sum()


def udim(folder: Path, name: str, colours: dict[int, tuple[float, float, float]], packed: bool) -> bpy.types.Image:
    """A tiled image whose tiles have one colour each."""
    for number, colour in colours.items():
        tile = image(f"tile {number}", plain(*colour, 1))
        tile.filepath_raw, tile.file_format = str(folder / f"{name}.{number}.png"), "PNG"
        tile.save()
        bpy.data.images.remove(tile)
    made = bpy.data.images.load(str(folder / f"{name}.1001.png"))
    made.source = "TILED"
    made.filepath_raw = str(folder / f"{name}.<UDIM>.png")
    for number in colours:
        if number != 1001:
            made.tiles.new(number)
    made.reload()
    if packed:
        made.pack()
        for number in colours:
            (folder / f"{name}.{number}.png").unlink()
    return made


@pytest.mark.parametrize("packed", [False, True])
def test_udim_tiles_become_a_region_each_in_its_own_colour(packed: bool, tmp_path: Path):
    skin = material("Skin")
    tiled = udim(tmp_path, "skin", {1001: (0.8, 0.6, 0.4), 1002: (0.2, 0.3, 0.9), 1011: (0.1, 0.9, 0.1)}, packed)
    texture(skin, tiled, "Base Color")
    obj = keyed_head()
    obj.data.materials.append(skin)
    layer = obj.data.uv_layers.new(name="UVMap")
    middle = {p.index: p.center for p in obj.data.polygons}
    faces = np.array([p.index for p in obj.data.polygons for _ in p.loop_indices])
    tile = np.array([[middle[f].x > 0, middle[f].x <= 0 and middle[f].z > 0] for f in faces], np.float32)
    layer.data.foreach_set("uv", (tile + 0.5).ravel())
    made = model_of(obj)
    assert "texture" not in made.model.extra
    assert list(made.model.regions) == ["Skin 1001", "Skin 1002", "Skin 1011"]
    colours = made.model.metadata["region_colours"]
    assert colours["Skin 1001"] == pytest.approx([0.8, 0.6, 0.4], abs=0.02)
    assert colours["Skin 1002"] == pytest.approx([0.2, 0.3, 0.9], abs=0.02)
    assert colours["Skin 1011"] == pytest.approx([0.1, 0.9, 0.1], abs=0.02)
    assert np.sum([*made.model.regions.values()], axis=0).tolist() == [1] * made.model.face_count
    assert made.notes == (f"shown in plain colours: {tiled.name} of Skin has UDIM tiles",)
    # nothing is left behind
    assert [one.name for one in bpy.data.images] == [tiled.name]


def with_image(shown: bpy.types.Image) -> KeysModel:
    skin = material("Skin")
    skin.diffuse_color = (0.0, 1.0, 0.0, 1.0)
    texture(skin, shown, "Base Color")
    obj = keyed_head()
    obj.data.materials.append(skin)
    obj.data.uv_layers.new(name="UVMap")
    return model_of(obj)


def file_of(folder: Path, name: str = "skin.0001.png") -> bpy.types.Image:
    made = image("painted", plain(0.9, 0.1, 0.1, 1))
    made.filepath_raw, made.file_format = str(folder / name), "PNG"
    made.save()
    bpy.data.images.remove(made)
    return bpy.data.images.load(str(folder / name))


@pytest.mark.parametrize(("source", "reason"), [("SEQUENCE", "is a sequence of pictures"), ("MOVIE", "is a movie")])
def test_images_that_are_no_single_picture_give_a_plain_colour(source: str, reason: str, tmp_path: Path):
    shown = file_of(tmp_path)
    shown.source = source
    made = with_image(shown)
    assert "texture" not in made.model.extra
    assert made.model.metadata["region_colours"]["Skin"] == pytest.approx([0, 1, 0])
    assert made.notes == (f"shown in plain colours: skin.0001.png of Skin {reason}",)


def test_a_render_result_and_a_lost_file_give_a_plain_colour(tmp_path: Path):
    scene = bpy.context.scene
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(scene.camera)
    bpy.ops.render.render()
    result = bpy.data.images["Render Result"]
    lost = file_of(tmp_path)
    (tmp_path / "skin.0001.png").unlink()
    lost.reload()
    for shown, reason in ((result, "is a render result"), (lost, "cannot be read, its file is missing or damaged")):
        made = with_image(shown)
        assert "texture" not in made.model.extra
        assert reason in made.notes[0]


def test_a_float_texture_is_shown_as_it_looks():
    shown = bpy.data.images.new("exr", 8, 8, float_buffer=True)
    shown.pixels.foreach_set(plain(0.2, 0.2, np.nan, 1).ravel())
    made = with_image(shown)
    from semantify_blender.blender.textures import texture_image

    assert list(texture_image(made.model).pixels[:3]) == pytest.approx([0.485, 0.485, 0.0], abs=0.01)
    assert np.isfinite(made.model.metadata["region_colours"]["Skin"]).all()


def test_the_uv_map_is_the_one_that_the_texture_uses():
    skin = material("Skin")
    node = texture(skin, image("skin", plain(1, 0, 0, 1)), "Base Color")
    obj = keyed_head()
    obj.data.materials.append(skin)
    for name, value in (("first", 0.25), ("second", 0.75)):
        layer = obj.data.uv_layers.new(name=name)
        layer.data.foreach_set("uv", np.full(2 * len(obj.data.loops), value, np.float32))
    obj.data.uv_layers.active_index = 0
    obj.data.uv_layers["second"].active_render = True
    assert model_of(obj).model.uv[0, 0] == 0.75
    chosen = skin.node_tree.nodes.new("ShaderNodeUVMap")
    chosen.uv_map = "first"
    skin.node_tree.links.new(chosen.outputs[0], node.inputs["Vector"])
    made = model_of(obj).model
    assert made.uv[0, 0] == 0.25
    assert "texture" in made.extra
    other = skin.node_tree.nodes.new("ShaderNodeMapping")
    skin.node_tree.links.new(other.outputs[0], node.inputs["Vector"])
    assert "texture" not in model_of(obj).model.extra


def test_the_colour_of_a_group_and_of_an_inner_shader_is_found():
    tree = bpy.data.node_groups.new("MToon", "ShaderNodeTree")
    tree.interface.new_socket("Lit Color", in_out="INPUT", socket_type="NodeSocketColor")
    tree.interface.new_socket("Alpha", in_out="INPUT", socket_type="NodeSocketFloat")
    tree.interface.new_socket("Surface", in_out="OUTPUT", socket_type="NodeSocketShader")
    owner = material("Toon")
    nodes = owner.node_tree.nodes
    nodes.clear()
    group, output = nodes.new("ShaderNodeGroup"), nodes.new("ShaderNodeOutputMaterial")
    group.node_tree = tree
    owner.node_tree.links.new(group.outputs[0], output.inputs["Surface"])
    group.inputs["Lit Color"].default_value = (0.0, 0.0, 1.0, 1.0)
    group.inputs["Alpha"].default_value = 1.0
    obj = keyed_head()
    obj.data.materials.append(owner)
    assert model_of(obj).model.metadata["region_colours"]["Toon"] == pytest.approx([0, 0, 1])
    group.inputs["Alpha"].default_value = 0.0
    assert seen_through(obj).all()
