"""Describe: a line of English sets the sliders that it speaks of."""

import bpy

from ..state import memory
from .bases import EachOperator


class SEMANTIFY_OT_describe(EachOperator, bpy.types.Operator):
    """Set sliders of all selected characters by a line of English: "short, very muscular, not fat" and the like"""

    bl_idname = "semantify.describe"
    bl_label = "Describe"

    text: bpy.props.StringProperty(
        name="Description",
        description='What the characters are like, as "tall, broad shoulders", or how they change, as "a bit less fat"',
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From F3 and menus without a text: a dialogue asks for it."""
        if self.properties.is_property_set("text"):
            return self.execute(context)
        self.text = context.window_manager.semantify.describe
        return context.window_manager.invoke_props_dialog(self, width=420)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import SemantifyError
        from ...core.sentence import as_sentence

        memory.not_described = ""
        try:
            return super().run(context)
        except SemantifyError as error:
            memory.not_described = as_sentence(str(error))
            raise

    def change(self, context: bpy.types.Context, obj: bpy.types.Object, number: int) -> None:
        from ..character import describing

        describing.describe(obj.data, self.text)
