"""Where an object stands, also one that Blender does not evaluate: hidden, excluded, or in another scene."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix

from ...core.errors import SemantifyError
from ...core.files.bounds import LARGEST
from .preflight import object_name

FLAT = 1e-6
"""An object whose thinnest direction is scaled to less than this share of its widest is flat."""
SMALLEST = 1e-3
"""Longest side of a mesh in metres, at least: displacements are stored as float16."""


def linear_of(obj: bpy.types.Object) -> np.ndarray:
    """(3, 3) float64 from object space to metres: rotation and scale of the object as it stands in its scene, and unit.

    Raises SemantifyError when it is not finite or flattens the object, or cannot be known.
    """
    scenes = obj.users_scene
    scene = bpy.context.scene if bpy.context.scene in scenes or not scenes else scenes[0]
    linear = np.array(world_matrix(obj).to_3x3(), np.float64) * scene.unit_settings.scale_length
    name = object_name(obj)
    if not np.isfinite(linear).all():
        raise SemantifyError(f"{name!r} has a rotation or scale that is no number: set its transform again")
    widths = np.linalg.svd(linear, compute_uv=False)
    if widths[-1] <= FLAT * widths[0]:
        raise SemantifyError(f"{name!r} is scaled to nothing: give its object a scale above zero")
    return linear


def check_extent(obj: bpy.types.Object, size: float) -> None:
    """Raise SemantifyError when the object's longest side, `size` metres, is not one that a subject could have."""
    if not SMALLEST <= size <= LARGEST:
        raise SemantifyError(
            f"{object_name(obj)!r} is {size:.3g} m large where it stands, which is none of 1 mm to 10 km: check its "
            "scale, its parents' and the scene's Unit Scale"
        )


def world_matrix(obj: bpy.types.Object) -> Matrix:
    """Like `matrix_world` of an evaluated object.

    Blender evaluates visible objects of the scene in the window and leaves all others' matrix_world as it was: after
    opening a file the identity. Raises SemantifyError where only Blender's own evaluation knows the answer.
    """
    layer = bpy.context.view_layer
    if obj.visible_get(view_layer=layer):
        layer.update()
        return obj.matrix_world.copy()
    if any(not constraint.mute and constraint.influence for constraint in obj.constraints):
        raise _unknown(obj, "constraints")
    parent = obj.parent
    if parent is None:
        return obj.matrix_basis.copy()
    if obj.parent_type.startswith("VERTEX"):
        raise _unknown(obj, "its parent's vertices")
    if parent.type == "CURVE" and parent.data.use_path and obj.parent_type == "OBJECT":
        raise _unknown(obj, "its parent's path")
    above = world_matrix(parent)
    if obj.parent_type == "BONE":
        bone = parent.pose.bones.get(obj.parent_bone) if parent.pose else None
        if bone is not None:
            above = above @ (bone.matrix_channel if bone.bone.use_relative_parent else bone.matrix)
    return above @ obj.matrix_parent_inverse @ obj.matrix_basis


def _unknown(obj: bpy.types.Object, ruler: str) -> SemantifyError:
    return SemantifyError(
        f"{object_name(obj)!r} is not shown, and where it stands follows from {ruler}, which Blender works out for "
        "objects that are shown only: show it in this scene first"
    )
