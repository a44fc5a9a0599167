"""Back and forth between the looks that a character had."""

import bpy

from ..character.editing import obstacle
from ..selection import active_character
from .bases import SliderOperator, answer


class HistoryOperator(SliderOperator):
    """Base of both."""

    step = 0

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        problem = obstacle(context)
        if problem is None:
            from ..character import history

            if not history.can_go(active_character(context).data, cls.step):
                problem = f"No look {'before' if cls.step < 0 else 'after'} this one in this session"
        return answer(cls, problem)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import history

        history.go(self.mesh(context), self.step)
        return {"FINISHED"}


class SEMANTIFY_OT_look_back(HistoryOperator, bpy.types.Operator):
    """Give the active character the look that it had before, since the file was opened; clothes and colours stay"""

    bl_idname = "semantify.look_back"
    bl_label = "Look Back"
    step = -1


class SEMANTIFY_OT_look_forward(HistoryOperator, bpy.types.Operator):
    """Give the active character the look that it had after this one; clothes and colours stay"""

    bl_idname = "semantify.look_forward"
    bl_label = "Look Forward"
    step = 1
