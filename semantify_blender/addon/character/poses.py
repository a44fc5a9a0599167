"""Posing a character's rig: named poses, and the pose of the picture that it was fitted to."""

from __future__ import annotations

import json
from collections.abc import Mapping

import bpy
import numpy as np
from mathutils import Matrix

from ...core.errors import SemantifyError
from ...core.model.chains import chains_of
from ...core.model.named_poses import POSES, named_pose
from ...core.model.posing import turns_of
from ...core.model.rotations import from_vectors
from ...core.model.skeleton import Skeleton
from . import rigs


def put(obj: bpy.types.Object, name: str) -> None:
    """Hold a character's rig as "A" (at rest), one of POSES, or as "PICTURE". All bones turn; where they are stays.

    Raises SemantifyError where there is no rig, or no picture whose pose is known.
    """
    rig = rigs.of_object(obj)
    skeleton = None if rig is None else rigs.skeleton_of(obj.data.semantify, rigs.kind_of(rig))
    if rig is None or skeleton is None:
        raise SemantifyError(f"{obj.name!r} has no rig: add one first")
    if skeleton.metarig:
        raise SemantifyError(f"{rig.name!r} is a metarig: pose what Rigify makes of it, by its controls")
    turns = np.broadcast_to(np.eye(3), (len(skeleton.names), 3, 3))
    if name in POSES:
        heads = rigs.written(rig.data, skeleton)[0]
        turns = named_pose(name, skeleton.names, skeleton.parents, heads)
    elif name == "PICTURE":
        turns = _of_picture(obj.data, skeleton)
    for bone_name, turn in zip(skeleton.names, turns, strict=True):
        bone = rig.pose.bones.get(bone_name)
        if bone is not None:
            # a bone's own turn is told in its own axes
            rest = bone.bone.matrix_local.to_3x3()
            bone.matrix_basis = (rest.inverted() @ Matrix(turn.tolist()) @ rest).to_4x4()
    rig.update_tag()


def of_picture(mesh: bpy.types.Mesh) -> Mapping[str, list[float]]:
    """Chain -> rotation vector in degrees of the first fitted picture that shows a pose; empty where none does."""
    try:
        found = json.loads(mesh.semantify.fit_pose or "[]")
    except ValueError:
        return {}
    return next((pose for pose in found if isinstance(pose, dict) and pose), {})


def _of_picture(mesh: bpy.types.Mesh, skeleton: Skeleton) -> np.ndarray:
    pose = of_picture(mesh)
    if not pose:
        raise SemantifyError(f"{mesh.name!r} was fitted to no picture whose pose is known: Fit to Image first")
    rotations = {name: from_vectors(np.array(vector)) for name, vector in pose.items()}
    return turns_of(len(skeleton.names), chains_of(skeleton.names), rotations)
