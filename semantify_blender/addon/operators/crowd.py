"""Crowds: many characters in one step, modal in a window, blocking in scripts and in background."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import bpy

from .. import catalogue
from ..character.editing import obstacle_of
from ..selection import active_character, is_character
from .bases import Reporting, answer

AT_ONCE = 0.1
"""Seconds of work between two looks at the window."""


class SEMANTIFY_OT_crowd(Reporting, bpy.types.Operator):
    """Add many characters at once, each with a shape of its own, in rows or along the selected curve"""

    bl_idname = "semantify.crowd"
    bl_label = "Add Crowd"
    bl_options = {"REGISTER", "UNDO"}

    count: bpy.props.IntProperty(name="People", default=20, min=1, max=1000, soft_max=200)
    source: bpy.props.EnumProperty(
        name="Of",
        description="What the crowd is made of",
        items=(
            ("MAPPER", "New Characters", "Of the mapper that is chosen under New Character"),
            ("ACTIVE", "Active Character", "Like the active character: around its sliders, in its clothes and colours"),
        ),
    )
    mapper: bpy.props.StringProperty(
        name="Mapper",
        description="Name in the panel's list, or a mapper file; empty for the one chosen in the panel",
        options={"HIDDEN"},
    )
    seed: bpy.props.IntProperty(name="Seed", min=0, description="The same seed gives the same crowd")
    spread: bpy.props.FloatProperty(
        name="Spread",
        description="How different they are: 0 all alike, 1 as varied as the training shapes; locked sliders stay",
        default=0.7,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    layout_kind: bpy.props.EnumProperty(
        name="Stand",
        items=(
            ("GRID", "In Rows", "A block of rows at the 3D cursor"),
            ("CURVE", "Along a Curve", "Evenly spaced on the active or selected curve, feet on its points"),
        ),
    )
    spacing: bpy.props.FloatProperty(
        name="Spacing", description="Metres between neighbours in rows", default=1.2, min=0.01, soft_max=10.0
    )
    facing: bpy.props.EnumProperty(
        name="Look",
        items=(
            ("FRONT", "To the Front", "As new characters do, towards -Y"),
            ("TANGENT", "Along the Curve", "The way the curve goes"),
        ),
        default="TANGENT",
    )
    outfits: bpy.props.BoolProperty(
        name="Random Clothes", description="Outfits of the model, drawn for each; off: all wear the same"
    )
    few_materials: bpy.props.BoolProperty(
        name="Fewer Materials",
        description="Lips and nails share the skin's material, pupils the iris's: alike in renders, not in Solid view",
        default=True,
    )

    _asked = False
    _crowd: Any = None
    _timer: bpy.types.Timer | None = None

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return answer(cls, None if context.mode == "OBJECT" else "Leave Edit Mode to add a crowd")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self._asked = not bpy.app.background and context.window is not None
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in ("count", "source", "seed", "spread", "layout_kind"):
            layout.prop(self, name)
        layout.prop(self, "spacing" if self.layout_kind == "GRID" else "facing")
        layout.prop(self, "outfits")
        layout.prop(self, "few_materials")

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import crowd

        asked, self._asked = self._asked, False  # the redo panel runs this again, and waits for the end
        self._crowd = crowd.Crowd(context, self._source(context), self._plan(context))
        if asked:
            manager = context.window_manager
            self._timer = manager.event_timer_add(0.01, window=context.window)
            manager.progress_begin(0, self._crowd.count)
            manager.modal_handler_add(self)
            return {"RUNNING_MODAL"}
        while self._crowd.add():
            pass
        return self._ended(context)

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Nothing else can be done meanwhile, so that all is one step of undo; Esc keeps those that are there."""
        if event.type == "ESC" and event.value == "PRESS":
            return self._ended(context)
        if event.type == "TIMER":
            end = time.monotonic() + AT_ONCE
            more = True
            while more and time.monotonic() < end:
                more = self._crowd.add()
            if not more:
                return self._ended(context)
            context.window_manager.progress_update(self._crowd.made)
            if context.workspace is not None:
                context.workspace.status_text_set(
                    f"Add Crowd: {self._crowd.made} of {self._crowd.count} (Esc keeps those that are there)"
                )
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender quits or opens another file."""
        if self._timer is not None:
            self._ended(context)

    def _ended(self, context: bpy.types.Context) -> set[str]:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
            context.window_manager.progress_end()
            if context.workspace is not None:
                context.workspace.status_text_set(None)
        self._crowd.end(context)
        made, count = self._crowd.made, self._crowd.count
        if made < count:
            self.report({"INFO"}, f"{made} of {count} people were added")
        return {"FINISHED"} if made else {"CANCELLED"}

    def _source(self, context: bpy.types.Context) -> Path | bpy.types.Object:
        from ...core.errors import SemantifyError

        if self.source == "MAPPER":
            return catalogue.resolve(self.mapper or context.window_manager.semantify.mapper)
        obj = active_character(context)
        if not is_character(obj):
            raise SemantifyError("no character is active: select one, or make the crowd of new characters")
        problem = obstacle_of(obj)
        if problem:
            raise SemantifyError(f"{obj.name!r} cannot be the middle of a crowd ({problem})")
        return obj

    def _plan(self, context: bpy.types.Context) -> Any:
        import numpy as np

        from ..character import crowd, places

        if self.layout_kind == "GRID":
            spacing = self.spacing / context.scene.unit_settings.scale_length
            found = places.grid(self.count, spacing) + np.array(context.scene.cursor.location)
            turned = np.zeros(self.count)
        else:
            found, directions = places.along(places.lines_of(_curve(context)), self.count)
            turned = places.turns(directions) if self.facing == "TANGENT" else np.zeros(self.count)
        return crowd.Plan(found, turned, self.seed, self.spread, self.outfits, self.few_materials)


def _curve(context: bpy.types.Context) -> bpy.types.Object:
    """The active curve, else a selected one. Raises SemantifyError where there is none."""
    from ...core.errors import SemantifyError

    for obj in (context.object, *context.selected_objects):
        if obj is not None and obj.type == "CURVE":
            return obj
    raise SemantifyError("no curve is selected: select the one along which they shall stand, or choose In Rows")
