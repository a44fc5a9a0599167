"""What a word does, shown on the character; and nine neighbours of it to choose from."""

import bpy

from ..selection import active_character
from .bases import LayerChoice, SliderOperator

VARIANTS = 9
"""With the character as it is in the middle."""


class SEMANTIFY_OT_show_word(LayerChoice, SliderOperator, bpy.types.Operator):
    """Show what this word does: pictures of its low end, now and its high end, and a heat-map in the viewport for 6 seconds"""  # noqa: E501

    bl_idname = "semantify.show_word"
    bl_label = "What Does It Do?"
    bl_options = {"REGISTER"}

    index: bpy.props.IntProperty(name="Slider", min=0, options={"SKIP_SAVE"})

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import SemantifyError
        from ..figures import overlay

        layer = self.layer_of(self.mesh(context))
        if self.index >= len(layer.sliders):
            raise SemantifyError(f"there is no slider {self.index}: the layer has {len(layer.sliders)}")
        overlay.show(active_character(context), layer, self.index)
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """The heat-map, and a popover with pictures."""
        if self.execute(context) == {"CANCELLED"}:
            return {"CANCELLED"}
        return self.guarded(self._ask, context)

    def _ask(self, context: bpy.types.Context) -> set[str]:
        from ..figures import word

        self.pictures = word.pictures(self.mesh(context), self.layer_of(self.mesh(context)), self.index)
        return context.window_manager.invoke_popup(self, width=700)

    def draw(self, context: bpy.types.Context) -> None:
        from ..figures.popovers import draw_word

        draw_word(self.layout, self.layer_of(self.mesh(context)), self.index, self.pictures)


class SEMANTIFY_OT_variants(SliderOperator, bpy.types.Operator):
    """Choose among nine: the character as it is, and eight neighbours of it. Locked sliders stay"""

    bl_idname = "semantify.variants"
    bl_label = "Variants"

    seed: bpy.props.IntProperty(name="Seed", min=0, description="Which neighbours; those of the same seed are the same")
    spread: bpy.props.FloatProperty(
        name="Spread",
        default=0.7,
        min=0.0,
        max=2.0,
        soft_max=1.0,
        description="How far they may be; 1 is any character",
    )
    choice: bpy.props.IntProperty(
        name="Choice", default=4, min=0, max=VARIANTS - 1, description="Which of the nine is taken; 4 is as it is"
    )

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..figures import variants

        mesh = self.mesh(context)
        variants.take(mesh, self._choices(mesh)[self.choice])
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Pictures of the nine, each with a button."""
        return self.guarded(self._ask, context)

    def _ask(self, context: bpy.types.Context) -> set[str]:
        from ..figures import variants

        mesh = self.mesh(context)
        self.pictures = variants.pictures(mesh, self._choices(mesh))
        return context.window_manager.invoke_popup(self, width=520)

    def _choices(self, mesh: bpy.types.Mesh) -> list:
        from ..character import shape
        from ..figures import variants

        now = shape.all_values(mesh.semantify)
        seeds = range(self.seed * VARIANTS, (self.seed + 1) * VARIANTS)
        return [now if i == VARIANTS // 2 else variants.values(mesh, seed, self.spread) for i, seed in enumerate(seeds)]

    def draw(self, context: bpy.types.Context) -> None:
        from ..figures.popovers import draw_variants

        draw_variants(self.layout, self, self.pictures)
