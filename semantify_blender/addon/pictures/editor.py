"""An Image Editor for a picture: one that is open, else half of the viewport, else a window of its own."""

import bpy

_LEAST_WIDTH = 500
"""Pixels of a viewport that can spare half of its width."""

Place = tuple[bpy.types.Window, bpy.types.Area]


def show(context: bpy.types.Context, image: bpy.types.Image) -> Place:
    """Show an image in an Image Editor. Returns the editor, which a new one draws in a moment, and its window."""
    window, area = _open_editor(context) or _new_editor(context)
    space = area.spaces.active
    space.mode = "VIEW"
    space.image = image
    area.tag_redraw()
    return window, area


def _open_editor(context: bpy.types.Context) -> Place | None:
    """The largest Image Editor that is not for UVs, that of the user's own window before others."""
    found = [
        (window != context.window, -area.width * area.height, i, (window, area))
        for window in context.window_manager.windows
        for i, area in enumerate(window.screen.areas)
        if area.ui_type == "IMAGE_EDITOR"
    ]
    return min(found)[3] if found else None


def _new_editor(context: bpy.types.Context) -> Place:
    window, area = context.window, context.area
    if area is not None and area.type == "VIEW_3D" and area.width >= _LEAST_WIDTH and not window.screen.show_fullscreen:
        known = {each.as_pointer() for each in window.screen.areas}
        with context.temp_override(window=window, area=area):
            bpy.ops.screen.area_split(direction="VERTICAL", factor=0.5)
        area = next(each for each in window.screen.areas if each.as_pointer() not in known)
    else:
        known = {each.as_pointer() for each in context.window_manager.windows}
        bpy.ops.wm.window_new()
        window = next(each for each in context.window_manager.windows if each.as_pointer() not in known)
        area = max(window.screen.areas, key=lambda each: each.width * each.height)
    area.ui_type = "IMAGE_EDITOR"
    area.spaces.active.show_region_ui = True
    return window, area
