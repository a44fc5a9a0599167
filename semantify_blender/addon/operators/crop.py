"""Drawing the box around the figure with the mouse in the Image Editor, and taking it away."""

import bpy

from ..pictures.crop_box import box_of, pixel_box, shown_image
from ..state import memory
from .bases import Mixed

MARGIN = 2.0
"""A box narrower than this many pixels of the image was a slip of the mouse."""


class ImageOperator(Mixed):
    """Base of operators on the image that the editor shows."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        image = shown_image(context)
        if image is not None and image.library is None:
            return True
        cls.poll_message_set("Show an image of this file in the Image Editor")
        return False


class SEMANTIFY_OT_crop_box(ImageOperator, bpy.types.Operator):
    """Drag a box around the figure that Fit to Image shall look at. Esc leaves everything as it was"""

    bl_idname = "semantify.crop_box"
    bl_label = "Draw Crop Box"
    bl_options = {"REGISTER", "UNDO"}

    box: bpy.props.FloatVectorProperty(
        name="Box", description="Left, top, right, bottom in pixels from the image's top left", size=4
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        region = next((region for region in context.area.regions if region.type == "WINDOW"), None)
        if region is None:
            return {"CANCELLED"}
        # pressed in the sidebar, drawn in the editor beside it
        self._region, self._start = region, None
        self._image = shown_image(context).name
        context.window_manager.modal_handler_add(self)
        context.window.cursor_modal_set("CROSSHAIR")
        context.workspace.status_text_set("Drag a box around the figure (Esc cancels)")
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        image = bpy.data.images.get(self._image)
        if event.type in {"ESC", "RIGHTMOUSE"} or image is None:
            self._leave(context)
            return {"CANCELLED"}
        x, y = event.mouse_x - self._region.x, event.mouse_y - self._region.y
        inside = 0 <= x < self._region.width and 0 <= y < self._region.height
        if event.type == "LEFTMOUSE" and event.value == "PRESS" and self._start is None:
            if inside:
                self._start = self._region.view2d.region_to_view(x, y)
            return {"RUNNING_MODAL"}
        if self._start is None:
            # scrolling and zooming go on until the drag begins
            wheel = {"MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE", "TRACKPADPAN", "TRACKPADZOOM"}
            return {"PASS_THROUGH"} if event.type in wheel else {"RUNNING_MODAL"}
        memory.crop_drawn = pixel_box(image, self._start, self._region.view2d.region_to_view(x, y))
        context.area.tag_redraw()
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self.box = memory.crop_drawn
            self._leave(context)
            return self.execute(context)
        return {"RUNNING_MODAL"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender quits or opens another file."""
        self._leave(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        left, top, right, bottom = self.box
        if right - left < MARGIN or bottom - top < MARGIN:
            self.report({"WARNING"}, "The box was too small: drag from one corner of the figure to the other")
            return {"CANCELLED"}
        image = shown_image(context)
        image.semantify.crop = self.box
        context.window_manager.semantify.image = image.name
        return {"FINISHED"}

    def _leave(self, context: bpy.types.Context) -> None:
        memory.crop_drawn = None
        context.window.cursor_modal_restore()
        context.workspace.status_text_set(None)
        if context.area is not None:
            context.area.tag_redraw()


class SEMANTIFY_OT_clear_crop(ImageOperator, bpy.types.Operator):
    """Look at the whole image again"""

    bl_idname = "semantify.clear_crop"
    bl_label = "Clear Crop Box"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return super().poll(context) and box_of(shown_image(context)) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        shown_image(context).semantify.property_unset("crop")
        return {"FINISHED"}
