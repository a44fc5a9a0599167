"""Describe: a line of English sets the sliders that it speaks of."""

from typing import TYPE_CHECKING, Any

import bpy

from ..state import Meant, memory
from .bases import EachOperator
from .waiting import Waiting

if TYPE_CHECKING:
    from ...processes.clip_worker import Worker


class SEMANTIFY_OT_describe(Waiting, EachOperator, bpy.types.Operator):
    """Set sliders of all selected characters by a line of English: "short, very muscular, not fat" and the like"""

    bl_idname = "semantify.describe"
    bl_label = "Describe"
    bl_options = {"REGISTER", "UNDO"}

    text: bpy.props.StringProperty(
        name="Description",
        description='What the characters are like, as "tall, broad shoulders", or how they change, as "a bit less fat"',
    )
    by: bpy.props.EnumProperty(
        name="By",
        description="What understands the text",
        items=(
            ("WORDS", "Words", "Words and phrases that are known, with degrees, negations and comparisons"),
            ("CLIP", "CLIP", "The full CLIP of the preferences: what a text of any words is like, taken as a whole"),
        ),
        options={"SKIP_SAVE"},
    )
    again: bpy.props.BoolProperty(
        name="Again",
        description="In place of what was described last, as for a suggestion that is taken up",
        options={"HIDDEN", "SKIP_SAVE"},
    )
    _last: Meant | None = None
    _meant: Meant
    _clip: Any = None
    _asked = False

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        """Of a button that offers another word."""
        return f"Describe by: {properties.text}" if properties.again else ""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From F3 and menus without a text: a dialogue asks for it."""
        if self.properties.is_property_set("text"):
            return self.guarded(self._begin, context)
        from ..pictures import full_clip

        session = context.window_manager.semantify
        self.text, self._asked = session.describe, True
        self.by = session.describe_by if full_clip.ready() else "WORDS"
        return context.window_manager.invoke_props_dialog(self, width=420)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return self.guarded(self._begin, context) if self._asked else super().execute(context)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import SemantifyError
        from ...core.sentence import as_sentence

        self._last = memory.meant if self.again else None
        self._meant = Meant(self.text)
        memory.not_described, memory.meant = "", self._meant
        try:
            self._clip = self._full_clip() if self.by == "CLIP" else None
            if self._clip is not None:
                self._clip.start()
            found = super().run(context)
        except SemantifyError as error:
            memory.not_described = as_sentence(str(error))
            raise
        if self.again:
            self._write_field(context)
        return found

    def change(self, context: bpy.types.Context, obj: bpy.types.Object, number: int) -> None:
        from ..character import describing

        describing.describe(obj.data, self.text, self._meant, self._clip, self._last)

    def _write_field(self, context: bpy.types.Context) -> None:
        """Have the word that was meant in the text field too."""
        memory.filling_in = True
        try:
            context.window_manager.semantify.describe = self.text
        finally:
            memory.filling_in = False

    @staticmethod
    def _full_clip() -> "Worker":
        """The CLIP of the preferences. Raises SemantifyError that says what to do where none is set up."""
        from ...core.errors import SemantifyError
        from ..pictures import full_clip

        if not full_clip.wanted():
            raise SemantifyError(full_clip.HOW)
        return full_clip.get()

    # a full CLIP takes seconds to load: the window must not freeze meanwhile

    def _begin(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import SemantifyError
        from ...core.sentence import as_sentence
        from .. import jobs
        from ..pictures import full_clip

        waits = self.by == "CLIP" and full_clip.wanted() and not bpy.app.background and context.window is not None
        try:
            if waits and not full_clip.get().alive:
                jobs.check_free()
                return self.wait_for(context, jobs.follow(full_clip.Start(full_clip.get())))
        except SemantifyError as error:
            # Enter in the field shows no report: the panel says it
            memory.not_described = as_sentence(str(error))
            raise
        return super().execute(context)

    def after(self, context: bpy.types.Context) -> set[str]:
        return super().execute(context)

    def ended(self, context: bpy.types.Context) -> set[str]:
        memory.not_described = self._awaited.error
        return super().ended(context)
