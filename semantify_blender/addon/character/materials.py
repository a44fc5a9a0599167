"""A character's materials: those of one model are shared until a colour is chosen for one character (`colours`)."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np

from ...blender.materials import REGION, face_materials, figure_group, figure_material, groups_of
from ...blender.paint import Images, paint_images
from ...blender.textures import TEXTURE, has_texture, texture_image
from ...core.model.dressed import Dressed
from ...core.model.morphable_model import MorphableModel
from ...core.palette import PALETTE
from ..state import memory
from . import plain_materials

MARK = "semantify_material"
"""Custom property of a material, or a group of nodes, that characters share: the model's file and the region."""
_GROUP = "figure"


def put_on(mesh: bpy.types.Mesh, model: MorphableModel, dressed: Dressed[MorphableModel], fresh: np.ndarray) -> None:
    """Give faces that came their materials, by the regions that they show.

    They go where other faces of the region are, or were when it was last seen, whatever material the user has put
    there; a region that is new gets a slot. model: as the character has it, with its paint.
    fresh: (F,) bool, the faces that came; the others keep their slots.
    """
    names, shown = regions_of_faces(mesh, model, dressed)
    slots = np.empty(len(shown), np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    for number, name in enumerate(names):
        here = shown == number
        if (here & fresh).any():
            most = _most(slots[here & ~fresh])
            slots[here & fresh] = _slot(mesh, model, name) if most is None else most
    mesh.polygons.foreach_set("material_index", slots)
    remember(mesh, model, dressed)


def remember(mesh: bpy.types.Mesh, model: MorphableModel, dressed: Dressed[MorphableModel]) -> None:
    """Note which material each region that shows has now, so that it has it again after it was away."""
    names, shown = regions_of_faces(mesh, model, dressed)
    slots = np.empty(len(shown), np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    regions = mesh.semantify.regions
    for name in [*names, *(name for name in model.paint if name not in names)]:
        if name not in regions:
            regions.add().name = name
    for number, name in enumerate(names):
        slot = _most(slots[shown == number])
        material = None if slot is None or slot >= len(mesh.materials) else mesh.materials[slot]
        regions[name].material = "" if material is None else material.name


def regions_of_faces(
    mesh: bpy.types.Mesh, model: MorphableModel, dressed: Dressed[MorphableModel]
) -> tuple[list[str], np.ndarray]:
    """The names of regions that materials are made for, and (F,) int32 numbers of them; found once a session."""
    known = (mesh.semantify.model_content, mesh.semantify.outfit)
    found = memory.face_regions.get(known)
    if found is None or len(found[1]) != dressed.model.face_count:
        found = memory.face_regions[known] = _regions_of_faces(model, dressed.model)
    return found


def _regions_of_faces(model: MorphableModel, dressed: MorphableModel) -> tuple[list[str], np.ndarray]:
    if has_texture(model):
        return [TEXTURE], np.zeros(dressed.face_count, np.int32)
    if model.paint:
        return face_materials(dressed)
    names = [*dressed.regions, plain_materials.BODY]
    used, shown = np.unique(dressed.face_regions, return_inverse=True)
    return [names[number] for number in used], shown.ravel().astype(np.int32)


def _most(slots: np.ndarray) -> int | None:
    return int(np.bincount(slots).argmax()) if len(slots) else None


def _slot(mesh: bpy.types.Mesh, model: MorphableModel, name: str) -> int:
    """The slot of a region that no face shows now."""
    remembered = mesh.semantify.regions.get(name)
    for fits in (
        lambda material: remembered is not None and material.name == remembered.material,
        lambda material: material.get(REGION) == name,
    ):
        for number, material in enumerate(mesh.materials):
            if material is not None and fits(material):
                return number
    mesh.materials.append(_material(mesh, model, name))
    return len(mesh.materials) - 1


def _material(mesh: bpy.types.Mesh, model: MorphableModel, name: str) -> bpy.types.Material:
    own = _own_group(mesh)
    if own is not None:
        # one character's own colours: another group beside it would show a seam
        return figure_material(name, own)
    if has_texture(model):
        make = plain_materials.make_textured_material
        return _shared(mesh, name, lambda: make(texture_image(model)))
    if model.paint:
        return _shared(mesh, name, lambda: figure_material(name, _shared_group(mesh, model)))
    number = [*model.regions, plain_materials.BODY].index(name) if name in model.regions else 0
    return _shared(mesh, name, lambda: plain_materials.make_material(name, number))


def _shared(mesh: bpy.types.Mesh, name: str, make: Callable[[], bpy.types.Material]) -> bpy.types.Material:
    """What characters of one model share for a region, made when the file has none."""
    mark = f"{mesh.semantify.model_content}/{name}"
    for material in bpy.data.materials:
        if material.library is None and material.get(MARK) == mark:
            return material
    material = make()
    material[MARK] = mark
    return material


def _shared_group(mesh: bpy.types.Mesh, model: MorphableModel) -> bpy.types.NodeTree:
    mark = f"{mesh.semantify.model_content}/{_GROUP}"
    for group in bpy.data.node_groups:
        if group.library is None and group.get(MARK) == mark:
            return group
    group = figure_group(model, PALETTE, _shared_images(mesh, model))
    group[MARK] = mark
    return group


def _shared_images(mesh: bpy.types.Mesh, model: MorphableModel) -> Images:
    """What is painted is alike on all characters of a model, whatever their colours."""
    content = mesh.semantify.model_content
    kept = {}
    for image in bpy.data.images:
        known, _, paints = str(image.get(MARK, "")).partition("/")
        if image.library is None and known == content and image.packed_file is not None:
            kept[tuple(paints.split(","))] = image
    images = paint_images(model.name, model.paint, kept)
    for image, names in images:
        image[MARK] = f"{content}/{','.join(names)}"
    return images


def _own_group(mesh: bpy.types.Mesh) -> bpy.types.NodeTree | None:
    """The group of nodes of a character that has colours of its own."""
    for material in mesh.materials:
        if material is not None and material.get(REGION) and MARK not in material:
            for node in groups_of(material):
                return node.node_tree
    return None


def _on_character(material: bpy.types.Material) -> bool:
    return any(len(mesh.semantify.sliders) and material in mesh.materials.values() for mesh in bpy.data.meshes)


def untie(mesh: bpy.types.Mesh, content: str) -> None:
    """Make the materials of a mesh that is no longer a character plain ones, and those of its model when none is left.

    content: checksum of the model's file.
    """
    own = [material for material in mesh.materials if material is not None and material.library is None]
    for material in own:
        # a duplicate shares what was its original's own
        if REGION in material and MARK not in material and not _on_character(material):
            del material[REGION]
    if any(mesh.semantify.model_content == content for mesh in bpy.data.meshes):
        return
    for owner in (*bpy.data.materials, *bpy.data.node_groups, *bpy.data.images):
        if owner.library is None and str(owner.get(MARK, "")).startswith(f"{content}/"):
            del owner[MARK]
            if REGION in owner:
                del owner[REGION]
