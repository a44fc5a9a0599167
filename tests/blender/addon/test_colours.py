"""Each character has colours of its own, in materials that it shares with others only as long as they are alike."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.colour import linear_rgba
from semantify_blender.core.palette import MONK, PALETTE
from tests.blender.addon_helpers import add
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def colour(obj: bpy.types.Object, region: str) -> list[float]:
    return list(obj.data.semantify.regions[region].colour)


def materials(obj: bpy.types.Object) -> dict[str, bpy.types.Material]:
    return {material.name.partition(".")[0]: material for material in obj.data.materials}


@pytest.mark.parametrize("mapper", ["dressed", "synthetic"])
def test_characters_share_materials_until_one_gets_a_colour(mapper: str) -> None:
    first, second = add(mapper), add(mapper)
    assert list(first.data.materials) == list(second.data.materials)
    assert colour(first, "skin") == pytest.approx(linear_rgba(PALETTE["skin"])[:3], abs=1e-6)
    assert bpy.ops.semantify.skin_tone(step=8) == {"FINISHED"}
    dark = linear_rgba(MONK[7])[:3]
    assert colour(second, "skin") == pytest.approx(dark, abs=1e-6)
    assert materials(second)["Skin"].diffuse_color[:3] == pytest.approx(dark, abs=1e-6)
    assert colour(first, "skin") == pytest.approx(linear_rgba(PALETTE["skin"])[:3], abs=1e-6)
    # cloth is shared on
    assert materials(first)["Shorts"] == materials(second)["Shorts"]
    third = add(mapper)
    assert list(third.data.materials) == list(first.data.materials)


def test_of_a_lone_character_nothing_is_copied_and_a_new_one_is_as_ever() -> None:
    first = add("dressed")
    before = list(first.data.materials)
    first.data.semantify.regions["hair"].colour = (0.5, 0.1, 0.1)
    first.data.semantify.regions["skin"].colour = (0.4, 0.3, 0.2)
    first.data.semantify.regions["top"].colour = (0.0, 0.5, 0.0)
    assert list(first.data.materials) == before
    assert colour(first, "hair") == pytest.approx([0.5, 0.1, 0.1], abs=1e-6)
    second = add("dressed")
    assert colour(second, "hair") == pytest.approx(linear_rgba(PALETTE["hair"])[:3], abs=1e-6)
    assert colour(second, "top") == pytest.approx(linear_rgba(PALETTE["top"])[:3], abs=1e-6)


def test_what_is_painted_is_in_the_file_once() -> None:
    for red in (0.1, 0.2, 0.3):
        add("dressed").data.semantify.regions["skin"].colour = (red, 0.2, 0.2)
    assert len(bpy.data.images) == 1


def test_a_duplicate_gets_its_own_copy_with_the_changed_colour_alone() -> None:
    first = add("dressed")
    first.data.semantify.regions["hair"].colour = (0.5, 0.1, 0.1)
    second = first.copy()
    second.data = first.data.copy()
    bpy.context.scene.collection.objects.link(second)
    second.data.semantify.regions["skin"].colour = (0.1, 0.2, 0.3)
    assert colour(second, "hair") == pytest.approx([0.5, 0.1, 0.1], abs=1e-6)
    assert colour(first, "skin") == pytest.approx(linear_rgba(PALETTE["skin"])[:3], abs=1e-6)


def test_own_colours_stay_through_a_change_of_clothes() -> None:
    add("dressed")
    obj = add("dressed")
    for region, value in (("skin", (0.1, 0.2, 0.3)), ("top", (0.6, 0.0, 0.0))):
        obj.data.semantify.regions[region].colour = value
    bpy.ops.semantify.change_clothes(outfit="bare")
    bpy.ops.semantify.change_clothes(outfit="day")
    assert colour(obj, "top") == pytest.approx([0.6, 0.0, 0.0], abs=1e-6)
    faces = np.empty(len(obj.data.polygons), np.int32)
    obj.data.polygons.foreach_get("material_index", faces)
    shown = {obj.data.materials[slot] for slot in np.unique(faces)}
    assert all(any(m.diffuse_color[0] == pytest.approx(red) for m in shown) for red in (0.6, 0.1))


def test_what_is_not_worn_is_not_offered() -> None:
    from semantify_blender.addon.character import colours

    mesh = add("dressed").data
    assert colours.offered(mesh)[:2] == ["skin", "hair"]
    assert set(colours.offered(mesh)) >= {"top", "shorts"}
    bpy.ops.semantify.change_clothes(outfit="bare")
    assert "top" not in colours.offered(mesh)


def test_one_step_of_undo_brings_the_colour_back() -> None:
    bpy.context.preferences.edit.use_global_undo = True
    add("dressed")
    name = add("dressed").name
    bpy.ops.ed.undo_push(message="start")
    bpy.ops.semantify.skin_tone(step=10)
    bpy.ops.ed.undo_push(message="tone")
    bpy.ops.ed.undo()
    assert colour(bpy.data.objects[name], "skin") == pytest.approx(linear_rgba(PALETTE["skin"])[:3], abs=1e-6)


def test_a_removed_characters_materials_are_plain_ones_with_its_colours() -> None:
    obj = add("dressed")
    bpy.ops.semantify.skin_tone(step=2)
    bpy.ops.semantify.remove()
    assert not [key for material in bpy.data.materials for key in material.keys() if key.startswith("semantify")]  # noqa: SIM118
    assert not [key for group in bpy.data.node_groups for key in group.keys() if key.startswith("semantify")]  # noqa: SIM118
    assert materials(obj)["Skin"].diffuse_color[:3] == pytest.approx(linear_rgba(MONK[1])[:3], abs=1e-6)


def test_what_the_user_put_there_is_left_alone_and_not_offered() -> None:
    from semantify_blender.addon.character import colours

    obj = add("dressed")
    mine = bpy.data.materials.new("Mine")
    slot = next(i for i, material in enumerate(obj.data.materials) if material.name.startswith("Top"))
    obj.data.materials[slot] = mine
    before = list(mine.diffuse_color)
    assert "top" not in colours.offered(obj.data)
    obj.data.semantify.regions["top"].colour = (1.0, 0.0, 0.0)
    assert list(mine.diffuse_color) == before


def test_linked_materials_are_refused_in_a_sentence(tmp_path: Path) -> None:
    add("dressed").name = "Lead"
    library = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=library)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(library, link=True) as (_, here):
        here.objects = ["Lead"]
    obj = here.objects[0]
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    assert not bpy.ops.semantify.skin_tone.poll()
    assert not bpy.ops.semantify.change_clothes.poll()
    made = obj.override_create(remap_local_usages=True)
    bpy.context.view_layer.objects.active = made
    bpy.ops.semantify.override_mesh()
    assert not bpy.ops.semantify.skin_tone.poll()
    with pytest.raises(RuntimeError, match="change its clothes there"):
        bpy.ops.semantify.change_clothes(outfit="bare")


def test_materials_of_another_file_on_a_mesh_of_this_one_become_its_own(tmp_path: Path) -> None:
    """As Make Local > Selected Objects and Data leaves them: changes of linked ones would be gone at the next start."""
    add("dressed").name = "Lead"
    library = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=library)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(library, link=True) as (_, here):
        here.objects = ["Lead"]
    bpy.context.scene.collection.objects.link(here.objects[0])
    bpy.context.view_layer.objects.active = here.objects[0]
    here.objects[0].make_local().data.make_local()
    mesh = bpy.data.objects["Lead"].data
    assert mesh.library is None
    linked = list(mesh.materials)
    assert all(material.library for material in linked)
    assert bpy.ops.semantify.skin_tone(step=10) == {"FINISHED"}
    assert bpy.ops.semantify.draw_colours() == {"FINISHED"}
    drawn = [material for material in mesh.materials if "Export picture" in material.node_tree.nodes]
    assert len(drawn) == 2
    assert all(material.library is None for material in drawn)
    # cloth has the library's colour still
    assert [material.library is None for material in mesh.materials] == [
        material in drawn for material in mesh.materials
    ]
    assert all("Export picture" not in material.node_tree.nodes for material in linked)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert colour(bpy.data.objects["Lead"], "skin") == pytest.approx(linear_rgba(MONK[9])[:3], abs=1e-6)
    bpy.context.view_layer.objects.active = bpy.data.objects["Lead"]
    assert bpy.ops.semantify.remove() == {"FINISHED"}


def test_removing_one_character_leaves_the_colours_of_its_duplicate() -> None:
    from semantify_blender.addon.character import colours

    first = add("dressed")
    first.data.semantify.regions["skin"].colour = (0.1, 0.2, 0.3)
    first.data.semantify.regions["top"].colour = (0.6, 0.2, 0.3)
    second = first.copy()
    second.data = first.data.copy()
    bpy.context.scene.collection.objects.link(second)
    offered = colours.offered(second.data)
    assert bpy.ops.semantify.remove() == {"FINISHED"}
    assert colours.offered(second.data) == offered
    bpy.context.view_layer.objects.active = second
    assert bpy.ops.semantify.remove() == {"FINISHED"}
    assert not [key for material in bpy.data.materials for key in material.keys() if key.startswith("semantify")]  # noqa: SIM118


def test_groups_of_the_users_own_are_left_alone() -> None:
    from semantify_blender.addon.character import colours

    obj, prop = add("dressed"), bpy.data.materials.new("Prop")
    prop.use_nodes = True
    dirt = bpy.data.node_groups.new("Dirt", "ShaderNodeTree")
    ours = materials(obj)
    for material in (prop, ours["Skin"], ours["Top"]):
        material.node_tree.nodes.new("ShaderNodeGroup").node_tree = dirt
    before = list(obj.data.materials)
    bpy.ops.semantify.skin_tone(step=3)
    obj.data.semantify.regions["top"].colour = (0.6, 0.2, 0.3)
    assert list(obj.data.materials) == before
    assert dirt.users == 3
    # a region that is seen for the first time is drawn by the figure's group, and by no other
    obj.data.materials.clear()
    obj.data.materials.append(ours["Top"])
    bpy.ops.semantify.change_clothes(outfit="bare")
    bpy.ops.semantify.change_clothes(outfit="day")
    assert "Dirt" not in [node.node_tree.name for m in obj.data.materials if m != ours["Top"]
                          for node in m.node_tree.nodes if node.type == "GROUP"]  # fmt: skip
    mesh = add("synthetic").data
    mesh.materials[0].node_tree.nodes.new("ShaderNodeGroup").node_tree = dirt
    assert not colours.painted(mesh)


def test_an_outfit_that_the_model_has_not_takes_no_panel_away() -> None:
    """As when the stored model is lost, and that of the same name on disk has other clothes."""
    from semantify_blender.addon.character import colours

    mesh = add("dressed").data
    mesh.semantify.outfit = "ballgown"
    assert "skin" in colours.offered(mesh)


def test_a_coat_colours_an_animal_whole_and_alone() -> None:
    from semantify_blender.addon.character import colours
    from semantify_blender.core.looks.coats import COATS

    other, animal = add("quadruped"), add("quadruped")
    before = colour(other, "fur")
    for name, coat in COATS.items():
        assert bpy.ops.semantify.coat(coat=name) == {"FINISHED"}
        assert colours.coat(animal.data) == name
        for region, wanted in coat.items():
            if region in animal.data.semantify.regions:
                assert colour(animal, region) == pytest.approx(linear_rgba(wanted)[:3], abs=1e-6)
    assert colour(other, "fur") == before
    assert colours.coat(other.data) is None
    with pytest.raises(RuntimeError, match='no coat "tartan"; the coats are: bay, '):
        bpy.ops.semantify.coat(coat="tartan")


def test_a_person_has_no_coat() -> None:
    add("dressed")
    assert not bpy.ops.semantify.coat.poll()


def test_every_region_of_an_animal_has_a_finish_of_its_own() -> None:
    from semantify_blender.addon.character.plain_materials import FINISHES
    from semantify_blender.core.looks.coats import COATS

    assert {"nostrils", "mouth line", *(region for coat in COATS.values() for region in coat)} <= set(FINISHES)


def test_textures_for_export_are_taken_off_by_a_change_of_colour() -> None:
    obj = add("dressed")
    assert bpy.ops.semantify.draw_colours() == {"FINISHED"}
    surface = materials(obj)["Hair"].node_tree.nodes["Export"].inputs["Base Color"]
    image = surface.links[0].from_node.image
    assert image.packed_file is not None
    pixels = np.array(image.pixels[:], np.float32).reshape(*image.size, 4)
    # the paint rises from the lowest row to the highest
    assert pixels[-1, 0, :3] == pytest.approx(PALETTE["hair"], abs=0.01)
    assert pixels[0, 0, :3] == pytest.approx(PALETTE["skin"], abs=0.01)
    assert bpy.ops.semantify.draw_colours() == {"FINISHED"}
    assert len(surface.links) == 1
    obj.data.semantify.regions["hair"].colour = (0.5, 0.1, 0.1)
    assert not surface.is_linked
    assert surface.default_value[:3] == pytest.approx([0.5, 0.1, 0.1], abs=1e-6)
    # the skin's shows hair, too
    assert not materials(obj)["Skin"].node_tree.nodes["Export"].inputs["Base Color"].is_linked


def test_drawing_again_and_taking_off_leaves_no_nodes_behind_and_the_users_alone() -> None:
    obj = add("dressed")
    tree = materials(obj)["Hair"].node_tree
    before = {node.name for node in tree.nodes}
    for _ in range(3):
        assert bpy.ops.semantify.draw_colours() == {"FINISHED"}
        assert len(tree.nodes) == len(before) + 2
    obj.data.semantify.regions["hair"].colour = (0.5, 0.1, 0.1)
    assert {node.name for node in tree.nodes} == before
    mine = tree.nodes.new("ShaderNodeTexImage")
    tree.links.new(mine.outputs["Color"], tree.nodes["Export"].inputs["Base Color"])
    obj.data.semantify.regions["hair"].colour = (0.1, 0.1, 0.1)
    assert tree.nodes["Export"].inputs["Base Color"].links[0].from_node == mine


def test_without_painted_lines_there_is_nothing_to_draw() -> None:
    add("synthetic")
    with pytest.raises(RuntimeError, match="Nothing is painted"):
        bpy.ops.semantify.draw_colours()
