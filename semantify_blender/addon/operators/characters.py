"""Adding a character and setting its sliders. Each operator is one undo step."""

import bpy

from .. import catalogue
from ..character.editing import editable_characters
from ..selection import active_character, is_character, layer_of
from .bases import AllLayersChoice, EachOperator, LayerChoice, Reporting


class SEMANTIFY_OT_add_character(Reporting, bpy.types.Operator):
    """Add a character at the 3D cursor, ready to be shaped with words"""

    bl_idname = "semantify.add_character"
    bl_label = "Add Character"
    bl_options = {"REGISTER", "UNDO"}

    mapper: bpy.props.StringProperty(
        name="Mapper", description="Name in the panel's list, or a mapper file; empty for the one chosen in the panel"
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode == "OBJECT":
            return True
        cls.poll_message_set("Leave Edit Mode to add a character")
        return False

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import building

        if not self.mapper:
            self.mapper = context.window_manager.semantify.mapper
        building.add_character(context, catalogue.resolve(self.mapper))
        return {"FINISHED"}


class SEMANTIFY_OT_reset_slider(LayerChoice, EachOperator, bpy.types.Operator):
    """Set one slider of all selected characters back to 0, its default"""

    bl_idname = "semantify.reset_slider"
    bl_label = "Reset Slider"

    index: bpy.props.IntProperty(name="Slider", min=0, options={"SKIP_SAVE"})

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        from ..character import embedding, shape

        obj = active_character(context)
        layer = layer_of(obj.data.semantify, properties.layer) if is_character(obj) else None
        mapper = None if layer is None or embedding.problem(layer) else embedding.mapper_of(layer)
        if mapper is None or properties.index >= len(mapper.descriptors):
            return cls.__doc__ or ""
        i = properties.index
        score = shape.scores(mapper, layer)[i]
        return (
            f'Reset "{mapper.descriptors[i]}".\nCLIP score now {score:.2f}; '
            f"low {mapper.low[i]:.2f}, default {mapper.default[i]:.2f}, high {mapper.high[i]:.2f}"
        )

    def run(self, context: bpy.types.Context) -> set[str]:
        # of the active one, as the panel shows it; others have the word elsewhere, or not at all
        active = active_character(context)
        shown = active if is_character(active) else editable_characters(context)[0]
        sliders = self.layer_of(shown.data).sliders
        self._word = sliders[self.index].name if self.index < len(sliders) else ""
        return super().run(context)

    def change(self, context: bpy.types.Context, obj: bpy.types.Object, number: int) -> None:
        from ..character import shape

        layer = layer_of(obj.data.semantify, self.layer)
        place = -1 if layer is None else layer.sliders.find(self._word)
        asked = obj == active_character(context)
        if place >= 0 and (asked or not layer.sliders[place].lock):
            values = shape.slider_values(layer)
            values[place] = 0.0
            shape.set_values(layer, values)


class SEMANTIFY_OT_reset_all(AllLayersChoice, EachOperator, bpy.types.Operator):
    """Set every slider of all selected characters that is not locked back to 0, and forget what they were fitted to"""

    bl_idname = "semantify.reset_all"
    bl_label = "Reset All"

    def change(self, context: bpy.types.Context, obj: bpy.types.Object, number: int) -> None:
        from ..character import shape

        for layer in self.layers_of(obj.data):
            shape.set_offset(layer, None)
            shape.set_values(layer, shape.slider_values(layer) * shape.locks(layer))


class SEMANTIFY_OT_randomize(AllLayersChoice, EachOperator, bpy.types.Operator):
    """Give every unlocked slider a random value, as they vary together in training; selected characters differ"""

    bl_idname = "semantify.randomize"
    bl_label = "Randomize"

    seed: bpy.props.IntProperty(name="Seed", min=0, description="The same seed gives the same character")
    strength: bpy.props.FloatProperty(name="Strength", default=0.7, min=0.0, max=2.0, soft_max=1.0, subtype="FACTOR")

    pressed: bpy.props.BoolProperty(options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From the panel: its seed and strength, and another seed for the next press."""
        mesh = editable_characters(context)[0].data
        first = (self.layers_of(mesh) or [mesh.semantify])[0]
        self.seed, self.strength, self.pressed = first.seed, first.strength, True
        return self.execute(context)

    def run(self, context: bpy.types.Context) -> set[str]:
        # also those that fail draw a seed: the others keep theirs
        self._next = (self.seed + len(editable_characters(context))) % 2**31
        return super().run(context)

    def change(self, context: bpy.types.Context, obj: bpy.types.Object, number: int) -> None:
        from ..character import embedding, shape

        found = [(layer, embedding.require_mapper(layer)) for layer in self.layers_of(obj.data)]
        seed = (self.seed + number) % 2**31
        for layer, mapper in found:
            values, locked = shape.slider_values(layer), shape.locks(layer)
            shape.set_values(layer, shape.random_values(mapper, values, locked, seed, self.strength))
            if self.pressed:  # here, as the redo panel undoes all and runs this alone
                layer.seed = self._next


class SEMANTIFY_OT_key_sliders(AllLayersChoice, EachOperator, bpy.types.Operator):
    """Insert a keyframe on every slider of all selected characters at the current frame"""

    bl_idname = "semantify.key_sliders"
    bl_label = "Key All Sliders"

    def change(self, context: bpy.types.Context, obj: bpy.types.Object, number: int) -> None:
        from ..character import curves

        curves.check_keyable(obj.data)
        for layer in self.layers_of(obj.data):
            for slider in layer.sliders:
                slider.keyframe_insert("value", group="Semantify")
