"""The box around the figure, drawn with the mouse in the Image Editor and kept on the Image."""

import bpy

MARGIN = 2.0
"""A box narrower than this many pixels of the image was a slip of the mouse."""

_handler: object | None = None
_drawn: tuple[float, float, float, float] | None = None


def shown_image(context: bpy.types.Context) -> bpy.types.Image | None:
    """The image that the editor shows; none for a render result or an image without pixels."""
    space = context.space_data
    image = space.image if space is not None and space.type == "IMAGE_EDITOR" else None
    return image if image is not None and image.type == "IMAGE" and min(image.size) > 0 else None


def has_crop(image: bpy.types.Image) -> bool:
    """True when a box was drawn on it."""
    left, top, right, bottom = image.semantify.crop
    return right > left and bottom > top


class ImageOperator:
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
        global _drawn
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
        _drawn = pixel_box(image, self._start, self._region.view2d.region_to_view(x, y))
        context.area.tag_redraw()
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self.box = _drawn
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
        global _drawn
        _drawn = None
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
        return super().poll(context) and has_crop(shown_image(context))

    def execute(self, context: bpy.types.Context) -> set[str]:
        shown_image(context).semantify.property_unset("crop")
        return {"FINISHED"}


def pixel_box(image: bpy.types.Image, a: tuple[float, float], b: tuple[float, float]) -> tuple[float, ...]:
    """Two corners in the editor's coordinates, 0..1 over the image with y up, as a box in pixels inside the image."""
    width, height = image.size
    xs = sorted(min(max(x, 0.0), 1.0) * width for x in (a[0], b[0]))
    ys = sorted((1.0 - min(max(y, 0.0), 1.0)) * height for y in (a[1], b[1]))
    return xs[0], ys[0], xs[1], ys[1]


def draw_box() -> None:
    """Darken what is outside the box, in every Image Editor that shows an image with one."""
    context = bpy.context
    image = shown_image(context)
    if image is None:
        return
    box = _drawn or (tuple(image.semantify.crop) if has_crop(image) else None)
    if box is None:
        return
    import gpu
    from gpu_extras.batch import batch_for_shader

    view, (width, height) = context.region.view2d, image.size
    left, low = view.view_to_region(box[0] / width, 1 - box[3] / height, clip=False)
    right, high = view.view_to_region(box[2] / width, 1 - box[1] / height, clip=False)
    x0, y0 = view.view_to_region(0, 0, clip=False)
    x1, y1 = view.view_to_region(1, 1, clip=False)
    bands = ((x0, y0, left, y1), (right, y0, x1, y1), (left, y0, right, low), (left, high, right, y1))
    triangles = [p for a, b, c, d in bands for p in ((a, b), (c, b), (c, d), (a, b), (c, d), (a, d))]
    corners = [(left, low), (right, low), (right, high), (left, high), (left, low)]
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    gpu.state.blend_set("ALPHA")
    shader.bind()
    for kind, points, colour in (("TRIS", triangles, (0, 0, 0, 0.55)), ("LINE_STRIP", corners, (1, 1, 1, 0.9))):
        shader.uniform_float("color", colour)
        batch_for_shader(shader, kind, {"pos": points}).draw(shader)
    gpu.state.blend_set("NONE")


def register() -> None:
    """Draw boxes in Image Editors from now on."""
    global _handler
    if not bpy.app.background:
        _handler = bpy.types.SpaceImageEditor.draw_handler_add(draw_box, (), "WINDOW", "POST_PIXEL")


def unregister() -> None:
    """Draw none any more."""
    global _handler
    if _handler is not None:
        bpy.types.SpaceImageEditor.draw_handler_remove(_handler, "WINDOW")
        _handler = None
