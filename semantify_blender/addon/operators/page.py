"""Sharing the active character as one HTML file."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..selection import active_character, is_character
from .bases import Reporting, answer

ENDING = ".html"


class SEMANTIFY_OT_share_page(Reporting, bpy.types.Operator):
    """Write one HTML file in which anybody moves this character's sliders, in any browser, without network"""

    bl_idname = "semantify.share_page"
    bl_label = "Share as Page"

    # hidden, or the redo panel would ask for the file again
    filepath: bpy.props.StringProperty(
        name="File Path", description="Written without asking", subtype="FILE_PATH", options={"HIDDEN", "SKIP_SAVE"}
    )
    check_existing: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    filter_glob: bpy.props.StringProperty(default="*.html", options={"HIDDEN"})
    with_geometry: bpy.props.BoolProperty(
        name="Licensed Geometry",
        description="Also where the model's licence does not let everybody pass its geometry on: only if you may",
        options={"SKIP_SAVE"},
    )
    open_after: bpy.props.BoolProperty(
        name="Open in Browser", description="Look at the page when it is written", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        found = is_character(active_character(context))
        return answer(cls, None if found else "Select a Semantify character")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """A file browser that suggests the character's name."""
        if not self.filepath:
            saved = context.blend_data.filepath
            folder = Path(saved).parent if saved else Path.home()
            self.filepath = str(folder / f"{bpy.path.clean_name(active_character(context).name)}{ENDING}")
        self.open_after = True
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: bpy.types.Context) -> bool:
        """Give the name that is typed its ending."""
        path = bpy.path.ensure_ext(self.filepath, ENDING)
        changed, self.filepath = path != self.filepath, path
        return changed

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import OutputError, SemantifyError, reason_of
        from .. import presets
        from ..character import sharing

        if not self.filepath:
            raise SemantifyError("no file name was given: give filepath")
        path = Path(bpy.path.abspath(bpy.path.ensure_ext(self.filepath, ENDING)))
        obj = active_character(context)
        try:
            made = sharing.share(
                obj.data, path, obj.name, self.with_geometry, [entry.preset for entry in presets.entries()]
            )
        except OutputError as error:
            reason = reason_of(error.__cause__ or error)
            raise SemantifyError(f"cannot write {path} ({reason}): choose another file") from error
        missing = next((tab.missing for tab in made.tabs if tab.missing), None)
        if missing:
            self.report({"WARNING"}, missing)
        self.report({"INFO"}, f"Wrote {path.name}, {made.size / 1e6:.1f} MB: send it, or open it in a browser")
        if self.open_after and not bpy.app.background:
            bpy.ops.wm.url_open(url=path.absolute().as_uri())
        return {"FINISHED"}
