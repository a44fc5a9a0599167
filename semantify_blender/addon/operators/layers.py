"""Giving a character a face or an expression beside its body, and taking it away."""

import bpy

from .. import catalogue
from ..selection import active_character
from .bases import LayerChoice, SliderOperator
from .remove import CharacterOperator


class SEMANTIFY_OT_add_layer(SliderOperator, bpy.types.Operator):
    """Give the active character a face, or an expression, of its own: sliders of a head's mapper on the same mesh"""

    bl_idname = "semantify.add_layer"
    bl_label = "Add Face or Expression"

    mapper: bpy.props.StringProperty(
        name="Mapper", description="Name in the panel's list, or a mapper file, whose model is a head of this body"
    )

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import layering

        layering.add(self.mesh(context), catalogue.resolve(self.mapper))
        return {"FINISHED"}


class SEMANTIFY_OT_remove_layer(LayerChoice, CharacterOperator, bpy.types.Operator):
    """Take the face or expression away with its sliders, their keyframes and drivers; the body stays as it is"""

    bl_idname = "semantify.remove_layer"
    bl_label = "Remove Face or Expression"

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import SemantifyError
        from ..character import layering

        mesh = active_character(context).data
        if self.layer == "BODY":
            raise SemantifyError("a character is not without a body: Remove Semantify makes it a mesh like any other")
        if mesh.semantify.baked:
            raise SemantifyError(f"{mesh.name!r} is baked: Free Bake first")
        layering.remove(self.layer_of(mesh))
        return {"FINISHED"}
