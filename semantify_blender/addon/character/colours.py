"""Colours of one character, kept where they are seen: in its materials. Who gets one no longer shares them."""

from __future__ import annotations

import bpy
import numpy as np

from ...blender.materials import colour_socket, groups_of, recolour
from ...core.colour import Colour, linear_rgba, srgb
from ...core.looks.coats import COATS
from ...core.model.clothes import Clothes
from ...core.palette import FIRST, FOLLOWERS, MONK, with_followers
from . import models
from .materials import MARK

SAME = 2e-3
"""Parts of one within which two colours are one."""


def problem(obj: bpy.types.Object | None) -> str | None:
    """One sentence on why the colours of a character cannot be changed; None when they can."""
    if obj is None or obj.type != "MESH" or not len(obj.data.semantify.regions):
        return "Select a Semantify character"
    if obj.data.library is not None or obj.data.override_library is not None:
        return "Materials from another file cannot be changed here: make them local (Object > Relations)"
    return None


def offered(mesh: bpy.types.Mesh) -> list[str]:
    """The regions whose colour can be chosen, those of a person first; of what the materials in use show."""
    away = _taken_off(mesh)
    names = [region.name for region in mesh.semantify.regions]
    names = [name for name in names if name not in away and _sockets(mesh, name)]
    if "skin" in names:
        names = [name for name in names if name not in FOLLOWERS]
    return [*(name for name in FIRST if name in names), *(name for name in names if name not in FIRST)]


def _taken_off(mesh: bpy.types.Mesh) -> set[str]:
    """Regions of garments that are not worn, whose materials wait in their slots."""
    outfit = mesh.semantify.outfit
    model = models.model_of(mesh.semantify) if outfit else None
    clothes = Clothes() if model is None else Clothes.of(model.metadata)
    # where the stored model is lost, one of the same body may be at hand that has other clothes
    if model is None or outfit not in clothes.names:
        return set()
    worn = clothes.worn(model.name, model.parts, outfit)
    away = {part.region for name, part in model.parts.items() if name not in worn}
    return away - {model.parts[name].region for name in worn} - set(model.regions)


def painted(mesh: bpy.types.Mesh) -> bool:
    """Whether lines are painted on the character, which exporters do not draw by themselves."""
    return any(material is not None and groups_of(material) for material in mesh.materials)


def linear_colour(mesh: bpy.types.Mesh, name: str) -> tuple[float, float, float] | None:
    """Scene-linear colour of a region, or None where no material shows it."""
    sockets = _sockets(mesh, name)
    if not sockets:
        return None
    red, green, blue = sockets[0].default_value[:3]
    return red, green, blue


def set_linear(mesh: bpy.types.Mesh, name: str, colour: tuple[float, float, float]) -> None:
    """Give one region of a character a scene-linear colour; nothing where no material shows it."""
    red, green, blue = srgb(np.array(colour, np.float64)).tolist()
    set_colour(mesh, name, (red, green, blue))


def set_colour(mesh: bpy.types.Mesh, name: str, colour: Colour) -> None:
    """The same with an sRGB colour. Lips, nails and flush go with the skin, brows with the hair."""
    if mesh.library is not None or mesh.override_library is not None or not _sockets(mesh, name):
        return
    _make_own(mesh, set(with_followers({name: colour})))
    recolour([material for material in mesh.materials if material is not None], {name: colour})


def tone(mesh: bpy.types.Mesh) -> int | None:
    """The step of the Monk scale, 1 to 10, that the skin has; None for another colour."""
    now = linear_colour(mesh, "skin")
    for step, colour in enumerate(MONK, 1):
        if now and max(abs(a - b) for a, b in zip(now, linear_rgba(colour), strict=False)) < SAME:
            return step
    return None


def has_coat(mesh: bpy.types.Mesh) -> bool:
    """Whether there is fur to colour, or another region that only animals have."""
    return any(name in mesh.semantify.regions and _sockets(mesh, name) for name in ("fur", "mane"))


def coat(mesh: bpy.types.Mesh) -> str | None:
    """Name of the coat whose colours an animal has; None for other colours."""
    now = {name: linear_colour(mesh, name) for name in next(iter(COATS.values()))}
    for name, colours in COATS.items():
        apart = (max(abs(a - b) for a, b in zip(has, linear_rgba(colours[region]), strict=False))
                 for region, has in now.items() if has is not None)  # fmt: skip
        if any(has is not None for has in now.values()) and max(apart) < SAME:
            return name
    return None


def set_coat(mesh: bpy.types.Mesh, name: str) -> None:
    """Give an animal the colours of a coat, in all its regions that are seen. name: of COATS."""
    for region, colour in COATS[name].items():
        set_colour(mesh, region, colour)


def _sockets(mesh: bpy.types.Mesh, name: str) -> list[bpy.types.NodeSocket]:
    found = (colour_socket(material, name) for material in mesh.materials if material is not None)
    return [socket for socket in found if socket is not None]


def make_linked_own(mesh: bpy.types.Mesh, names: set[str]) -> None:
    """Give a mesh its own copies of the materials that show these regions, where any of them is another file's.

    Make Local leaves those linked, and what is changed in them is gone when the file is opened again.
    """
    shown, groups = _showing(mesh, names)
    if any(owner.library is not None for owner in (*shown, *groups)):
        _copy_all(mesh, shown, groups)


def _make_own(mesh: bpy.types.Mesh, names: set[str]) -> None:
    """Give a mesh its own copies of the materials that show these regions, where any of them is used elsewhere too.

    What no one else uses is its own from now on: a new character does not take it up.
    """
    make_linked_own(mesh, names)
    shown, groups = _showing(mesh, names)
    ours = list(mesh.materials)
    elsewhere = any(material.users - material.use_fake_user > ours.count(material) for material in shown)
    if not elsewhere and sum(group.users - group.use_fake_user for group in groups) <= _uses(shown):
        for owner in (*shown, *groups):
            if MARK in owner:
                del owner[MARK]
        return
    _copy_all(mesh, shown, groups)


def _showing(mesh: bpy.types.Mesh, names: set[str]) -> tuple[set[bpy.types.Material], set[bpy.types.NodeTree]]:
    """The materials of a mesh that show any of these regions, and those that share their groups; and the groups."""
    ours = [material for material in mesh.materials if material is not None]
    shown = {material for material in ours if any(colour_socket(material, name) for name in names)}
    groups = {node.node_tree for material in shown for node in groups_of(material)}
    shown |= {material for material in ours if any(node.node_tree in groups for node in groups_of(material))}
    return shown, groups


def _copy_all(mesh: bpy.types.Mesh, shown: set[bpy.types.Material], groups: set[bpy.types.NodeTree]) -> None:
    """Put copies of these materials, with copies of these groups, in the slots of a mesh."""
    copies = {owner: _copy(owner) for owner in (*shown, *groups)}
    for material in shown:
        for node in groups_of(copies[material]):
            node.node_tree = copies.get(node.node_tree, node.node_tree)
    for slot, material in enumerate(mesh.materials):
        if material in copies:
            mesh.materials[slot] = copies[material]


def _uses(materials: set[bpy.types.Material]) -> int:
    return sum(len(groups_of(material)) for material in materials)


def _copy(owner: bpy.types.Material | bpy.types.NodeTree) -> bpy.types.Material | bpy.types.NodeTree:
    copy = owner.copy()
    if MARK in copy:
        del copy[MARK]
    return copy
