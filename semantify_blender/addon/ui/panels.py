"""The sidebar tab. Drawing reads state only; what it needs from disk is cached elsewhere."""

from textwrap import wrap
from typing import TYPE_CHECKING

import bpy

from .. import catalogue
from ..character import overriding
from ..selection import active_character, is_character, sharing
from .lengths import height_text

if TYPE_CHECKING:
    from ...core.mapper import Mapper


def sentence(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str = "INFO") -> None:
    """A sentence in lines as wide as the region, since labels are cut and never wrapped."""
    column = layout.column(align=True)
    column.scale_y = 0.85
    for i, line in enumerate(wrap(text[:1].upper() + text[1:], _characters(context))):
        column.label(text=line, icon=icon if i == 0 else "BLANK1")


def _characters(context: bpy.types.Context) -> int:
    """About how many a line of the region holds beside an icon."""
    scale = context.preferences.system.ui_scale
    return max(20, int((context.region.width / scale - 70) / 6.2)) if context.region else 40


class SidebarPanel:
    """Where every panel of the add-on is."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Semantify"


class CharacterSubPanel(SidebarPanel):
    """A closed sub-panel that needs a character whose mapper is at hand."""

    bl_parent_id = "SEMANTIFY_PT_shape"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = active_character(context)
        if not is_character(obj):
            return False
        from ..character import condition, embedding

        return embedding.problem(obj.data) is None and condition.trouble(obj.data) is None


class SEMANTIFY_PT_add(SidebarPanel, bpy.types.Panel):
    """Choose a mapper, add a character."""

    bl_label = "New Character"
    bl_order = 0

    def draw(self, context: bpy.types.Context) -> None:
        session = context.window_manager.semantify
        known = catalogue.mappers()
        layout = self.layout
        row = layout.row(align=True)
        row.prop(session, "mapper", text="")
        row.operator("semantify.open_mapper", text="", icon="FILE_FOLDER")
        row.operator("semantify.refresh_mappers", text="", icon="FILE_REFRESH")
        if not known:
            sentence(layout, context, "No mapper file was found: open one, or set the data folder in the preferences.")
            return
        problem = catalogue.problem(session.mapper) if session.mapper else None
        if problem:
            sentence(layout, context, problem, icon="ERROR")
            layout.operator("semantify.locate_model", icon="FILEBROWSER")
        row = layout.row()
        row.scale_y = 1.4
        row.enabled = not problem
        row.operator("semantify.add_character", icon="OUTLINER_OB_ARMATURE").mapper = session.mapper


class SEMANTIFY_PT_own_keys(SidebarPanel, bpy.types.Panel):
    """For a mesh with shape keys that nobody drives yet: the way to word sliders on them."""

    bl_label = "Use Own Shape Keys"
    bl_order = 3

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.object
        if obj is None or obj.type != "MESH" or is_character(obj) or obj.data.shape_keys is None:
            return False
        return len(obj.data.shape_keys.key_blocks) > 1

    def draw(self, context: bpy.types.Context) -> None:
        from ...blender.shape_keys.preflight import check_keys, object_name
        from ...core.errors import SemantifyError

        layout, obj = self.layout, context.object
        count = len(obj.data.shape_keys.key_blocks) - 1
        layout.label(text=f"{object_name(obj)}: {count} shape key{'s' * (count > 1)}", icon="SHAPEKEY_DATA")
        try:
            check_keys(obj)
        except SemantifyError as error:
            text = str(error)
            sentence(layout, context, f"{text[:1].upper()}{text[1:]}.", icon="ERROR")
            return
        column = layout.column(align=True)
        column.operator("semantify.export_keys_model", text="Export as Model", icon="EXPORT")
        column.operator("semantify.attach_mapper", icon="LINKED")
        sentence(layout, context, "Export once, train a mapper for the file (semantify run), attach the mapper.")


class SEMANTIFY_PT_shape(SidebarPanel, bpy.types.Panel):
    """The word sliders of the active character."""

    bl_label = "Shape"
    bl_order = 2

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        obj = active_character(context)
        if not is_character(obj):
            chosen = context.object
            text = f"{chosen.name} is no Semantify character: " if chosen else "Nothing is selected: "
            keys = SEMANTIFY_PT_own_keys.poll(context)
            text += "use its own shape keys, below, or add a character." if keys else "select a character or add one."
            sentence(layout, context, text)
            return
        from ..character import condition, embedding, shape

        mesh, state = obj.data, obj.data.semantify
        if obj.mode == "EDIT":
            shape.forget(mesh)
        row = layout.row()
        row.label(text=obj.name, icon="USER")
        trouble = condition.trouble(mesh)
        attached = len(state.keys)
        if not trouble:
            right = row.row()
            right.alignment = "RIGHT"
            right.label(text=f"{attached} own keys" if attached else height_text(context, obj))
        users = sharing(obj)
        if users > 1:
            sentence(layout, context, f"{users} objects share this shape.", icon="LINKED")
        foreign = overriding.problem(obj)
        if foreign:
            sentence(layout, context, foreign, icon="LINKED")
        if overriding.can_override(obj):
            layout.operator("semantify.override_mesh", icon="LIBRARY_DATA_OVERRIDE")
        if trouble:
            self._draw_trouble(context, layout, mesh, trouble)
            return
        self._draw_notices(context, layout, obj)
        if embedding.problem(mesh):
            return
        body = layout.column()
        body.enabled = obj.mode == "OBJECT" and not state.baked and foreign is None
        if state.fitted_to:  # on an override a fit of the library stays as zeros when it is dropped
            self._draw_fit(body, state)
        self._draw_sliders(body, state)
        row = body.row(align=True)
        row.operator("semantify.reset_all", icon="LOOP_BACK")
        row.operator("semantify.randomize", icon="FILE_REFRESH")
        row = body.row(align=True)
        row.prop(state, "strength", slider=True)
        row.prop(state, "seed")
        body.prop(state, "keep_natural")
        if attached:
            row = layout.row(align=True)
            row.operator("semantify.detach", icon="UNLINKED").keep = False
            row.operator("semantify.detach", text="Detach, Keep Shape").keep = True

    @staticmethod
    def _draw_fit(layout: bpy.types.UILayout, state: bpy.types.PropertyGroup) -> None:
        """What the picture added to the sliders' shape: how much of it, and the way to drop it."""
        layout.label(text=f"Fitted to {state.fitted_to}", icon="IMAGE_DATA")
        row = layout.row(align=True)
        row.prop(state, "offset_amount", text="Amount of Fit", slider=True)
        row.operator("semantify.clear_fit", text="", icon="X")

    @staticmethod
    def _draw_sliders(layout: bpy.types.UILayout, state: bpy.types.PropertyGroup) -> None:
        column = layout.column(align=True)
        for i, slider in enumerate(state.sliders):
            row = column.row(align=True)
            value = row.row(align=True)
            value.active = not slider.lock
            value.prop(slider, "value", text=slider.name[:1].upper() + slider.name[1:], slider=True)
            row.operator("semantify.reset_slider", text="", icon="LOOP_BACK").index = i
            row.prop(slider, "lock", text="", icon="LOCKED" if slider.lock else "UNLOCKED")

    @staticmethod
    def _draw_notices(context: bpy.types.Context, layout: bpy.types.UILayout, obj: bpy.types.Object) -> None:
        """Why the sliders do nothing, if so, and the button that puts it right."""
        from ..character import copying, embedding

        state = obj.data.semantify
        if obj.mode != "OBJECT":
            sentence(layout, context, "Go back to Object Mode to use the sliders.")
        if state.baked:
            sentence(
                layout,
                context,
                f"Baked to shape keys, frames {state.bake_start} to {state.bake_end}: the sliders rest.",
                icon="KEYFRAME_HLT",
            )
            layout.operator("semantify.free_bake", icon="UNLINKED")
        problem = embedding.problem(obj.data)
        if problem:
            sentence(layout, context, problem, icon="ERROR")
            layout.operator("semantify.change_mapper", icon="FILEBROWSER")
        if len(state.keys):
            from ..own_keys import attaching

            notices = attaching.notices(obj)
        else:
            from ..character import following

            notices = following.notices(obj)
        for text in (*notices, *copying.notices(obj.data)):
            sentence(layout, context, text, icon="ERROR")

    @staticmethod
    def _draw_trouble(
        context: bpy.types.Context, layout: bpy.types.UILayout, mesh: bpy.types.Mesh, trouble: str
    ) -> None:
        """What happened to the shape keys, and the ways out."""
        sentence(layout, context, f"{trouble}.", icon="ERROR")
        if mesh.library is not None or mesh.override_library is not None:
            return
        column = layout.column(align=True)
        if not len(mesh.semantify.keys):
            column.operator("semantify.rebuild_keys", icon="SHAPEKEY_DATA")
        column.operator("semantify.remove", icon="UNLINKED")


class SEMANTIFY_PT_animation(CharacterSubPanel, bpy.types.Panel):
    """Keying and baking."""

    bl_label = "Animation"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("semantify.key_sliders", icon="KEY_HLT")
        if active_character(context).data.semantify.baked:
            layout.operator("semantify.free_bake", icon="UNLINKED")
            layout.operator("semantify.export_fbx", icon="EXPORT")
        else:
            layout.operator("semantify.bake", icon="REC")


class SEMANTIFY_PT_details(CharacterSubPanel, bpy.types.Panel):
    """Scores, coefficients, and where the mapper comes from."""

    bl_label = "Details"

    def draw(self, context: bpy.types.Context) -> None:
        from ..character import embedding, shape

        mesh = active_character(context).data
        mapper = embedding.mapper_of(mesh)
        layout = self.layout
        layout.label(text="CLIP scores (low, now, high)")
        scores = shape.scores(mapper, mesh.semantify)
        rows = [
            (word, f"{low:.1f}", f"{now:.1f}", f"{high:.1f}")
            for word, low, now, high in zip(mapper.descriptors, mapper.low, scores, mapper.high, strict=True)
        ]
        _table(layout, rows, 0.46)
        keys = shape.keys_of(mesh)
        if len(mesh.semantify.keys):
            layout.label(text="Shape keys")
            texts = [f"{key.value:.2f}" if key else "gone" for key in keys]
            _table(layout, list(zip(shape.key_names(mesh.semantify), texts, strict=True)), 0.75)
        else:
            layout.label(text="Coefficients (standard deviations)")
            values = [f"{i + 1}:  {key.value:+.2f}" if key else f"{i + 1}:  gone" for i, key in enumerate(keys)]
            _table(layout, [tuple(values[i : i + 3]) for i in range(0, len(values), 3)], 1 / 3)
        layout.label(text=f"Mapper: {mesh.semantify.mapper_name}")
        wide = _characters(context) * 5 // 8
        facts = [(i == 0 and name, line) for name, text in about(mapper) for i, line in enumerate(wrap(text, wide))]
        _table(layout, [(name or "", line) for name, line in facts], 0.4)
        column = layout.column(align=True)
        column.operator("semantify.change_mapper", icon="FILEBROWSER")
        if not len(mesh.semantify.keys):  # those have Detach
            column.operator("semantify.remove", icon="UNLINKED")


def _table(layout: bpy.types.UILayout, rows: list[tuple[str, ...]], first: float) -> None:
    """Rows of text, the first column taking `first` of the width."""
    column = layout.box().column(align=True)
    column.scale_y = 0.8
    for row in rows:
        split = column.split(factor=first)
        split.label(text=row[0])
        rest = split.row()
        for cell in row[1:]:
            rest.label(text=cell)


def about(mapper: "Mapper") -> list[tuple[str, str]]:
    """Where a mapper comes from and how good it was measured to be, in cells that a narrow sidebar shows whole."""
    facts, figures = mapper.provenance, mapper.figures
    rows = [("Model", mapper.model_name), ("CLIP", facts.get("clip")), ("Trained", facts.get("date"))]
    rows.append(("Samples", facts.get("samples")))
    rows += [("Coverage", _figure(figures.get("coverage"), ".2f")), ("Overlap", _figure(figures.get("overlap"), ".2f"))]
    fit = figures.get("fit")
    if isinstance(fit, dict):
        rows.append(("Mean error", _figure(fit.get("vertex_mm"), ".1f", " mm")))
    return [(name, str(value)) for name, value in rows if value is not None and not isinstance(value, dict | list)]


def _figure(value: object, form: str, unit: str = "") -> str | None:
    return f"{value:{form}}{unit}" if isinstance(value, float | int) else None
