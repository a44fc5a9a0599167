"""The panel Clothes and Colours."""

import bpy

from .. import catalogue
from ..selection import active_character, in_object_mode
from .layouts import CharacterSubPanel, sentence
from .swatches import swatch

LABELS = {
    "iris": "Eyes", "animal iris": "Eyes", "opening": "Lining", "nose pad": "Nose", "inner ear": "Inside of the Ears",
    "mouth line": "Mouth", "belly fur": "Belly",
}  # fmt: skip
"""What people call a region, where its name is not it."""


class SEMANTIFY_MT_clothes(bpy.types.Menu):
    """The outfits that the active character can wear."""

    bl_label = "Clothes"

    def draw(self, context: bpy.types.Context) -> None:
        from ..character import clothing

        mesh = active_character(context).data
        now = clothing.worn(mesh)
        for outfit in sorted(clothing.clothes_of(mesh).names, key="none".__ne__):
            icon = "CHECKMARK" if outfit == now else "BLANK1"
            self.layout.operator("semantify.change_clothes", text=catalogue.title(outfit), icon=icon).outfit = outfit


class SEMANTIFY_MT_coats(bpy.types.Menu):
    """The coats that the active animal can have."""

    bl_label = "Coat"

    def draw(self, context: bpy.types.Context) -> None:
        from ...core.looks.coats import COATS
        from ..character import colours

        now = colours.coat(active_character(context).data)
        for coat in COATS:
            icon = "CHECKMARK" if coat == now else "BLANK1"
            self.layout.operator("semantify.coat", text=catalogue.title(coat), icon=icon).coat = coat


class SEMANTIFY_PT_looks(CharacterSubPanel, bpy.types.Panel):
    """What the active character wears, and its colours."""

    bl_label = ""

    def draw_header(self, context: bpy.types.Context) -> None:
        """Animals and heads have colours alone."""
        from ..character import clothing

        dressed = clothing.clothes_of(active_character(context).data).names
        self.layout.label(text="Clothes and Colours" if dressed else "Colours")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        from ..character import clothing, colours

        mesh = active_character(context).data
        return bool(clothing.clothes_of(mesh).names or colours.offered(mesh))

    def draw(self, context: bpy.types.Context) -> None:
        from ..character import clothing, colours

        obj, layout = active_character(context), self.layout
        mesh = obj.data
        if clothing.clothes_of(mesh).names:
            row = layout.row()
            row.enabled = in_object_mode(obj)
            row.menu("SEMANTIFY_MT_clothes", text=catalogue.title(clothing.worn(mesh)), icon="MATCLOTH")
        problem = colours.problem(obj)
        if problem:
            sentence(layout, context, problem)
        column = layout.column()
        column.enabled = problem is None
        offered = colours.offered(mesh)
        if "skin" in offered:
            self._draw_tones(column, mesh)
        if colours.has_coat(mesh):
            coat = colours.coat(mesh)
            column.menu("SEMANTIFY_MT_coats", text=catalogue.title(coat) if coat else "Coat", icon="BRUSH_DATA")
        for name in offered:
            row = column.split(factor=0.4, align=True)
            row.label(text=LABELS.get(name, name.capitalize()))
            row.prop(mesh.semantify.regions[name], "colour", text="")
        if colours.painted(mesh):
            column.operator("semantify.draw_colours", icon="TEXTURE")

    @staticmethod
    def _draw_tones(layout: bpy.types.UILayout, mesh: bpy.types.Mesh) -> None:
        """The ten of the Monk scale; the one that the skin has is pressed."""
        from ...core.palette import MONK
        from ..character import colours

        now = colours.tone(mesh)
        layout.label(text="Skin Tone" if now is None else f"Skin Tone {now} of {len(MONK)}")
        row = layout.row(align=True)
        for step, colour in enumerate(MONK, 1):
            button = row.operator("semantify.skin_tone", text="", icon_value=swatch(colour), depress=step == now)
            button.step = step
