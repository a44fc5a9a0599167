"""What a character wears, its skin, and an animal's coat."""

import bpy

from ..character.editing import editable_character, obstacle
from ..selection import active_character
from .bases import SliderOperator, answer


class SEMANTIFY_OT_change_clothes(SliderOperator, bpy.types.Operator):
    """Dress this character in other clothes of its model; its shape, and what you made on vertices that stay, stay"""

    bl_idname = "semantify.change_clothes"
    bl_label = "Change Clothes"

    outfit: bpy.props.StringProperty(
        name="Clothes",
        description='One of the outfits that the panel lists, as "none" or "casual"',
        search=lambda self, context, edit_text: _outfits(context),
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        problem = obstacle(context)
        if problem is None and not _outfits(context):
            problem = "The model of this character has no clothes to choose from"
        return answer(cls, problem)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From F3 and menus without a choice: what is worn comes first, and the redo panel offers the others."""
        from ..character import clothing

        if not self.properties.is_property_set("outfit"):
            self.outfit = clothing.worn(self.mesh(context))
        return self.execute(context)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import clothing

        clothing.change(self.mesh(context), self.outfit)
        return {"FINISHED"}


class SEMANTIFY_OT_skin_tone(SliderOperator, bpy.types.Operator):
    """Give this character a skin colour of the Monk Skin Tone Scale, 1 is the lightest and 10 the darkest"""

    bl_idname = "semantify.skin_tone"
    bl_label = "Skin Tone"

    step: bpy.props.IntProperty(name="Step", description="On the Monk Skin Tone Scale", min=1, max=10, default=5)

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        return f"Skin tone {properties.step} of the ten of the Monk scale, from light to dark"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ..character import colours

        obj = active_character(context)
        problem = colours.problem(obj)
        if problem is None and colours.linear_colour(obj.data, "skin") is None:
            problem = "This character has no material whose skin colour could be changed"
        return answer(cls, problem)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.palette import MONK
        from ..character import colours

        colours.set_colour(active_character(context).data, "skin", MONK[self.step - 1])
        return {"FINISHED"}


class SEMANTIFY_OT_coat(SliderOperator, bpy.types.Operator):
    """Give this animal the colours of a coat: fur, mane, belly, muzzle, hooves and eyes together"""

    bl_idname = "semantify.coat"
    bl_label = "Coat"

    coat: bpy.props.StringProperty(
        name="Coat",
        description='One of the coats that the panel lists, as "bay"',
        search=lambda self, context, text: _coats(),
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ..character import colours

        obj = active_character(context)
        problem = colours.problem(obj)
        if problem is None and not colours.has_coat(obj.data):
            problem = "This character has no material whose fur could be coloured"
        return answer(cls, problem)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From F3 and menus without a choice: the coat that is worn, or the first; the redo panel offers the others."""
        from ..character import colours

        if not self.properties.is_property_set("coat"):
            self.coat = colours.coat(active_character(context).data) or _coats()[0]
        return self.execute(context)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import colours

        if self.coat not in _coats():
            self.report({"ERROR"}, f'There is no coat "{self.coat}"; the coats are: {", ".join(_coats())}')
            return {"CANCELLED"}
        colours.set_coat(active_character(context).data, self.coat)
        return {"FINISHED"}


class SEMANTIFY_OT_draw_colours(SliderOperator, bpy.types.Operator):
    """Draw the colours of skin, hair, lips and eyes as textures, which glTF's exporter finds and other programs show. A change of colour takes them away again"""  # noqa: E501

    bl_idname = "semantify.draw_colours"
    bl_label = "Textures for glTF"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ..character import colours

        return answer(cls, colours.problem(active_character(context)))

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import colour_textures

        made = colour_textures.draw(active_character(context).data)
        self.report({"INFO"}, f"{len(made)} textures are on the surfaces that exporters take")
        return {"FINISHED"}


def _coats() -> tuple[str, ...]:
    from ...core.looks.coats import COATS

    return tuple(COATS)


def _outfits(context: bpy.types.Context) -> tuple[str, ...]:
    from ..character import clothing

    obj = editable_character(context)
    return clothing.clothes_of(obj.data).names if obj else ()
