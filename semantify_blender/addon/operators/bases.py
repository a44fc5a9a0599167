"""What operators have in common: errors that the user can put right, and the character they work on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import bpy

from ..character.editing import editable_character, editable_characters, left_out, obstacle, obstacle_to_all
from ..selection import LAYER_ITEMS, layer_of

if TYPE_CHECKING:
    # what the mixins here are mixed with: they use its report, layout and properties
    from bpy.types import Operator as Mixed
else:
    Mixed = object


MOST_NAMED = 3
"""Characters that a report names before it counts: the status bar holds one line."""


def answer(cls: type[Mixed], problem: str | None) -> bool:
    """What `poll` answers; the problem is shown where the button is greyed out."""
    if problem:
        cls.poll_message_set(problem)
    return not problem


class Reporting(Mixed):
    """Mixin: subclasses write `run`; a SemantifyError becomes one sentence in the status bar and nothing is done."""

    def run(self, context: bpy.types.Context) -> set[str]:
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..character import history

        # looks are told apart by what changed the character: undo may have since the last operator
        history.note(context)
        result = self.guarded(self.run, context)
        history.note(context)
        return result

    def guarded(self, step: Callable[[bpy.types.Context], set[str]], context: bpy.types.Context) -> set[str]:
        """The step's result; its SemantifyError is reported and cancels the operator."""
        from ...core.errors import SemantifyError
        from ...core.sentence import as_sentence

        try:
            return step(context)
        except SemantifyError as error:
            self.report({"ERROR"}, as_sentence(str(error)))
            return {"CANCELLED"}


class LayerChoice(Mixed):
    """Mixin: on which of a character's layers an operator works."""

    layer: bpy.props.EnumProperty(
        name="Layer",
        description="The body, or the face or expression that it was given",
        items=LAYER_ITEMS,
        options={"SKIP_SAVE"},
    )

    def layer_of(self, mesh: bpy.types.Mesh) -> bpy.types.PropertyGroup:
        """The property group of that layer. Raises SemantifyError when the character has none."""
        from ...core.errors import SemantifyError

        found = layer_of(mesh.semantify, self.layer)
        if found is None:
            raise SemantifyError(f"{mesh.name!r} has no {self.layer.lower()} of its own: add one first")
        return found


class AllLayersChoice(Mixed):
    """Mixin: operators that work on all layers of a character unless they are told which."""

    layer: bpy.props.EnumProperty(
        name="Layer",
        description="All of the character, or one of body, face and expression",
        items=(("ALL", "All", "Body, face and expression"), *LAYER_ITEMS),
        options={"SKIP_SAVE"},
    )

    def layers_of(self, mesh: bpy.types.Mesh) -> list[bpy.types.PropertyGroup]:
        """The property groups of those layers that the character has."""
        chosen = [item[0] for item in LAYER_ITEMS if self.layer in ("ALL", item[0])]
        found = [layer_of(mesh.semantify, identifier) for identifier in chosen]
        return [layer for layer in found if layer is not None]


class SliderOperator(Reporting):
    """Base of operators on the sliders of the active character."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return answer(cls, obstacle(context))

    @staticmethod
    def mesh(context: bpy.types.Context) -> bpy.types.Mesh:
        """The active character's mesh."""
        return editable_character(context).data


class EachOperator(SliderOperator):
    """Base of operators that do the same to all selected characters, the active one first, in one undo step.

    Those that cannot be changed are left as they are, and named; an error is raised where there is no other.
    """

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return answer(cls, obstacle_to_all(context))

    def change(self, context: bpy.types.Context, obj: bpy.types.Object, number: int) -> None:
        """Do it to one. number: its place among them, from 0. Raises SemantifyError, with nothing changed."""
        raise NotImplementedError

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import SemantifyError

        left, done = left_out(context), 0
        for number, obj in enumerate(editable_characters(context)):
            try:
                self.change(context, obj, number)
            except SemantifyError as error:
                left[obj.name] = str(error)
            else:
                done += 1
        self.tell_left(left, done)
        return {"FINISHED"}

    def tell_left(self, left: dict[str, str], done: int) -> None:
        """Name the characters that were left out, and why. Raises SemantifyError when that is all there were."""
        from ...core.errors import SemantifyError

        if left and not done:
            raise SemantifyError(next(iter(left.values())))
        if left:
            reasons = "; ".join(f"{name} ({trouble})" for name, trouble in list(left.items())[:MOST_NAMED])
            more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
            self.report({"INFO"}, f"Left as they are: {reasons}{more}")
