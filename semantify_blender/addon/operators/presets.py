"""Looks of characters as files: saving and loading them, the way between two, and keeping the shelf.

Blender undoes what a character is, and never a file: what was saved, renamed or deleted stays so after Ctrl+Z.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import catalogue, presets
from ..character.editing import editable_characters, obstacle
from ..selection import active_character, is_character
from ..state import memory
from .bases import EachOperator, Reporting, SliderOperator, answer

if TYPE_CHECKING:
    from ...core.presets.preset import Preset

PARTS = (
    ("ALL", "All of It", "Body, face and expression, as far as the character has them"),
    ("BODY", "Body", "The body alone: loading it leaves face and expression as they are"),
    ("HEAD", "Face and Expression", "Face and expression alone: loading them leaves the body as it is"),
    ("EXPRESSION", "Expression", "The expression alone"),
)


def _all_names(self: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    return [name for name in presets.names() if text.lower() in name.lower()]


def _own_names(self: bpy.types.Operator, context: bpy.types.Context, text: str) -> list[str]:
    return [name for name in presets.names(own=True) if text.lower() in name.lower()]


def preset_property(name: str = "Preset", description: str = "", own: bool = False) -> bpy.props.StringProperty:
    """A field in which a preset is searched. own: the user's alone."""
    return bpy.props.StringProperty(
        name=name,
        description=description or "Name in the panel's grid, or a preset file",
        search=_own_names if own else _all_names,
        search_options={"SORT", "SUGGESTION"},
    )


def colours_property(description: str) -> bpy.props.BoolProperty:
    """Whether clothes and colours are part of a look."""
    return bpy.props.BoolProperty(name="Clothes and Colours", description=description, default=True)


class SEMANTIFY_OT_save_preset(SliderOperator, bpy.types.Operator):
    """Keep the look of the active character as a preset with a picture; undo does not take the file away again"""

    bl_idname = "semantify.save_preset"
    bl_label = "Save Preset"
    bl_options = {"REGISTER"}

    name: bpy.props.StringProperty(name="Name", description="What the preset is called", maxlen=120)
    part: bpy.props.EnumProperty(name="Save", items=PARTS)
    colours: colours_property("Keep what the character wears, and its colours, too")
    overwrite: bpy.props.BoolProperty(
        name="Overwrite", description="Take the place of a preset of this name", options={"SKIP_SAVE"}
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks for a name: that of the character, or of the user's preset that it was loaded from."""
        if not self.properties.is_property_set("name") or not self.name:
            own = memory.preset in presets.names(own=True)
            self.name = memory.preset if own else active_character(context).name
            self.overwrite = own
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        for name in ("name", "part", "colours", "overwrite"):
            layout.prop(self, name)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.presets import shelf
        from ..character import looks, portraits

        mesh = self.mesh(context)
        body, *head = looks.LAYERS
        which = {"ALL": looks.LAYERS, "BODY": (body,), "HEAD": tuple(head), "EXPRESSION": (head[-1],)}[self.part]
        preset = looks.taken(mesh, self.name.strip(), which, self.colours)
        shelf.check(preset, presets.entries(), self.overwrite)
        picture = portraits.picture_of(mesh, head=body not in which)
        shelf.save(preset, picture, presets.own_folder(create=True), presets.entries(), self.overwrite)
        memory.presets, memory.preset = None, preset.name
        if picture is None:
            self.report({"INFO"}, f'Saved "{preset.name}" without a picture, which takes Cycles')
        return {"FINISHED"}


class SEMANTIFY_OT_load_preset(EachOperator, bpy.types.Operator):
    """Give all selected characters the look of a preset, by word; locked sliders stay. Without one, add a character"""

    bl_idname = "semantify.load_preset"
    bl_label = "Load Preset"

    preset: preset_property()
    colours: colours_property("Dress the characters as the preset is, and give them its colours")

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        return f"{cls.__doc__}.\n{properties.preset}" if properties.preset else cls.__doc__ or ""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return _adds(context) or super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From the panel at once; from F3 it asks which."""
        return self.execute(context) if self.preset else context.window_manager.invoke_props_dialog(self)

    def run(self, context: bpy.types.Context) -> set[str]:
        self._preset = presets.find(self.preset).preset
        self._notes: list[str] = []
        if _adds(context):
            _add_character(context, self._preset)
        result = super().run(context)
        memory.preset = self._preset.name
        _tell(self, self._notes)
        return result

    def change(self, context: bpy.types.Context, obj: bpy.types.Object, number: int) -> None:
        from ..character import looks

        self._notes += looks.put(obj.data, self._preset, self.colours)


class SEMANTIFY_OT_mix_presets(EachOperator, bpy.types.Operator):
    """Give all selected characters the sliders between two presets; clothes, colours and locked sliders stay"""

    bl_idname = "semantify.mix_presets"
    bl_label = "Mix Presets"

    first: preset_property("From", "A preset; empty for each character as it is now")
    second: preset_property("To")
    factor: bpy.props.FloatProperty(
        name="Factor", description="0 is the first look, 1 the second", min=0.0, max=1.0, default=0.5, subtype="FACTOR"
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From the panel half way at once, and the redo panel goes on; from F3 it asks which."""
        return self.execute(context) if self.second else context.window_manager.invoke_props_dialog(self)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        for name in ("first", "second", "factor"):
            layout.prop(self, name)

    def run(self, context: bpy.types.Context) -> set[str]:
        self._first = presets.find(self.first).preset if self.first else None
        self._second = presets.find(self.second).preset
        self._notes: list[str] = []
        result = super().run(context)
        _tell(self, self._notes)
        return result

    def change(self, context: bpy.types.Context, obj: bpy.types.Object, number: int) -> None:
        from ...core.presets.mixing import mixed
        from ..character import looks

        first = self._first or looks.taken(obj.data, "now", with_colours=False)
        for preset in (first, self._second):
            looks.check(obj.data, preset)
        self._notes += looks.put(obj.data, mixed(first, self._second, self.factor), with_colours=False)


class SEMANTIFY_OT_rename_preset(Reporting, bpy.types.Operator):
    """Give one of your own presets another name; undo does not give the file its old one back"""

    bl_idname = "semantify.rename_preset"
    bl_label = "Rename Preset"
    bl_options = {"REGISTER"}

    preset: preset_property(own=True)
    name: bpy.props.StringProperty(name="New Name", maxlen=120)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return answer(cls, _none_of_own())

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.name = self.name or self.preset
        return context.window_manager.invoke_props_dialog(self)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.presets import shelf

        entry = presets.find(self.preset)
        renamed = shelf.rename(entry, self.name.strip(), presets.entries())
        if memory.preset == entry.preset.name:
            memory.preset = renamed.preset.name
        memory.presets = None
        return {"FINISHED"}


class SEMANTIFY_OT_delete_preset(Reporting, bpy.types.Operator):
    """Delete one of your own presets and its picture from the disk; undo does not bring it back"""

    bl_idname = "semantify.delete_preset"
    bl_label = "Delete Preset"
    bl_options = {"REGISTER"}

    preset: preset_property(own=True)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return answer(cls, _none_of_own())

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if self.preset:
            message = f'Delete "{self.preset}" from the disk? Undo does not bring it back.'
            return context.window_manager.invoke_confirm(self, event, title="Delete Preset", message=message)
        return context.window_manager.invoke_props_dialog(self)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.presets import shelf

        entry = presets.find(self.preset)
        shelf.delete(entry)
        if memory.preset == entry.preset.name:
            memory.preset = ""
        memory.presets = None
        return {"FINISHED"}


def _none_of_own() -> str | None:
    return None if presets.names(own=True) else "You have no presets of your own yet: Save Preset makes one"


def _adds(context: bpy.types.Context) -> bool:
    """Whether loading adds a character: none is active or selected, and one can be added."""
    return context.mode == "OBJECT" and obstacle(context) is not None and not _selected(context)


def _selected(context: bpy.types.Context) -> bool:
    return is_character(active_character(context)) or bool(editable_characters(context))


def _add_character(context: bpy.types.Context, preset: Preset) -> None:
    from ...core.errors import SemantifyError
    from ..character import building

    if preset.mapper not in catalogue.mappers():
        raise SemantifyError(
            f"the mapper {preset.mapper!r} that the preset {preset.name!r} was saved with is not in the list: "
            "select a character first"
        )
    building.add_character(context, catalogue.resolve(preset.mapper))


def _tell(operator: bpy.types.Operator, notes: list[str]) -> None:
    """What was left out, each once."""
    if notes:
        operator.report({"INFO"}, f"Left out: {'; '.join(dict.fromkeys(notes))}")
