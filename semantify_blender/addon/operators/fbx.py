"""FBX export of characters: Blender's own exporter, with the switches that keep shapes, rigs and their animation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .export import Exporter

if TYPE_CHECKING:
    from ..character.exporting import Shown

KEEPS_SHAPE_KEYS = {"bake_anim_use_all_actions": False, "bake_anim_use_nla_strips": False}
"""With either one on, as by default, Blender's FBX exporter writes no animation of shape keys at all."""


class SEMANTIFY_OT_export_fbx(Exporter, bpy.types.Operator):
    """Export what is selected to FBX: characters in their shape, on their rigs, with the animation of bakes"""

    bl_idname = "semantify.export_fbx"
    bl_label = "Export FBX"

    EXPORTER, FORMAT, ENDING = "EXPORT_SCENE_OT_fbx", "FBX", ".fbx"

    filter_glob: bpy.props.StringProperty(default="*.fbx", options={"HIDDEN"})

    def settings(self, shown: Shown) -> dict[str, object]:
        return {
            "use_selection": True,
            "add_leaf_bones": False,
            # modifiers other than armatures; with them applied Blender leaves shape keys out
            "use_mesh_modifiers": not shown.keys,
            "bake_anim": self.animation and (shown.posed or shown.shaped),
            "bake_anim_simplify_factor": 0.0,
            **KEEPS_SHAPE_KEYS,
        }

    def export(self, path: Path, settings: dict[str, object]) -> None:
        bpy.ops.export_scene.fbx(filepath=str(path), **settings)
