"""The panel New Character."""

import bpy

from .. import catalogue
from .layouts import SidebarPanel, sentence


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
        row.operator("semantify.crowd", text="", icon="COMMUNITY").mapper = session.mapper
