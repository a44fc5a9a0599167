"""GLB export of characters: Blender's own exporter of glTF, with the switches that keep shapes, rigs and animation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .export import Exporter

if TYPE_CHECKING:
    from ..character.exporting import Shown


class SEMANTIFY_OT_export_glb(Exporter, bpy.types.Operator):
    """Export what is selected to glTF: characters in their shape, on their rigs, with the animation of bakes"""

    bl_idname = "semantify.export_glb"
    bl_label = "Export GLB"

    EXPORTER, FORMAT, ENDING = "EXPORT_SCENE_OT_gltf", "glTF 2.0", ".glb"

    filter_glob: bpy.props.StringProperty(default="*.glb", options={"HIDDEN"})

    def settings(self, shown: Shown) -> dict[str, object]:
        return {
            "export_format": "GLB",
            "use_selection": True,
            # modifiers other than armatures; with them applied Blender leaves shape keys out
            "export_apply": not shown.keys,
            "export_skins": True,
            "export_morph": True,
            "export_animations": self.animation and (shown.posed or shown.shaped),
            # one animation of bones and shapes together, or each action of an armature for itself
            "export_animation_mode": "ACTIVE_ACTIONS" if shown.shaped else "ACTIONS",
            # else a pose that no action holds would be left out
            "export_rest_position_armature": shown.posed,
        }

    def export(self, path: Path, settings: dict[str, object]) -> None:
        bpy.ops.export_scene.gltf(filepath=str(path), **settings)
