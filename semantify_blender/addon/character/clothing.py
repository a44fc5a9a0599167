"""What a character wears: masked parts of its one mesh, and changing them in place.

One mesh, because then one key is rewritten, one stack of modifiers and one armature move all of it, it is exported
as one, cloth cannot slip from the body, and skin that cloth covers is not there to poke through.
"""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import SemantifyError
from ...core.model.clothes import Clothes
from ...core.model.grounded import Grounded
from ...core.model.morphable_model import MorphableModel
from . import live_key, materials, models, rigs, shape, skinning
from .regrowing import Surface, regrow


def clothes_of(mesh: bpy.types.Mesh) -> Clothes:
    """The outfits that a character can wear; none on a mesh with keys of its own, or when its model is missing."""
    model = None if len(mesh.semantify.keys) else models.model_of(mesh.semantify)
    return Clothes() if model is None else Clothes.of(model.metadata)


def worn(mesh: bpy.types.Mesh) -> str:
    """The outfit that a character wears; empty where its model has none."""
    return mesh.semantify.outfit or clothes_of(mesh).default


def change(mesh: bpy.types.Mesh, outfit: str) -> None:
    """Dress a character in another outfit of its model.

    Sliders, fit, and all that the user has on vertices and faces that stay, stay: groups, shape keys, attributes, UVs,
    materials, modifiers. Raises SemantifyError, with nothing changed, for an outfit that is not there, and on a mesh
    that Blender or the user lets nobody change.
    """
    model, grounded = _require_model(mesh)
    now, wanted = model.dressed(worn(mesh)), model.dressed(outfit)
    before, after = Surface.of(now.model, now.rows), Surface.of(wanted.model, wanted.rows)
    _check(mesh, before, len(grounded.points))
    materials.remember(mesh, model, now)
    fresh = regrow(mesh, before, after, grounded.points, wanted.model.uv)
    mesh.semantify.outfit = outfit
    materials.put_on(mesh, model, wanted, fresh)
    came = ~np.isin(wanted.rows, now.rows)
    for rig, obj in rigs.of_mesh(mesh):
        skeleton = rigs.skeleton_of(mesh.semantify, rigs.kind_of(rig))
        if skeleton is not None:
            skinning.skin(obj, grounded, skeleton, came)
    shape.apply(mesh)


def _require_model(mesh: bpy.types.Mesh) -> tuple[MorphableModel, Grounded]:
    grounded, model = models.require_grounded(mesh.semantify), models.require_model(mesh.semantify)
    if not clothes_of(mesh).names:
        raise SemantifyError(f"the model {model.name!r} of this character has no clothes to choose from")
    return model, grounded


def _check(mesh: bpy.types.Mesh, before: Surface, count: int) -> None:
    """Raise SemantifyError unless the mesh can be changed, and is as it was made. count: rows of the model."""
    if mesh.library is not None or mesh.override_library is not None:
        raise SemantifyError(f"{mesh.name!r} comes from another file: change its clothes there")
    if mesh.semantify.baked:
        raise SemantifyError("this character is baked: Free Bake, change its clothes and bake again")
    if mesh.is_editmode:
        raise SemantifyError("go back to Object Mode first")
    if not live_key.moves(mesh, live_key.find(mesh)):
        raise SemantifyError(f"the shape key {live_key.NAME!r} of {mesh.name!r} is gone: undo that, or rebuild it")
    if not before.shown_by(mesh, count):
        raise SemantifyError(
            f"vertices or faces of {mesh.name!r} were added, deleted or reordered, so its clothes cannot be changed: "
            "undo that, or keep them with Remove Semantify"
        )
