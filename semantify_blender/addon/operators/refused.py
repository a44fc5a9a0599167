"""What can be done about a picture that was refused or badly cut: draw a crop box, take the face's, leave it be."""

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import bpy

from .. import catalogue
from ..known import NAMES, SEEN
from ..selection import active_character, chosen_layer, is_character, layer_of
from ..state import memory
from .bases import Reporting, answer
from .picture_chooser import fit_obstacle

if TYPE_CHECKING:
    from ..pictures.shot import Shot


class SEMANTIFY_OT_open_crop(Reporting, bpy.types.Operator):
    """Show the picture in an Image Editor, to drag a box around the figure there. Then press Fit"""

    bl_idname = "semantify.open_crop"
    bl_label = "Draw Crop Box"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.window is None:
            return answer(cls, "Boxes are drawn in a window")
        return answer(cls, None if _has_picture(context) else "Fit to a picture first")

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..pictures import editor

        image = _last_shot(context).image_of()
        context.window_manager.semantify.image = image.name
        window, area = editor.show(context, image)
        # the editor has to be drawn once before one can draw in it
        bpy.app.timers.register(partial(_begin, window.as_pointer(), area.as_pointer(), image.name), first_interval=0.2)
        return {"FINISHED"}


class SEMANTIFY_OT_crop_face(Reporting, bpy.types.Operator):
    """Fit a head to the part of the picture around the face: the active one, or a new one beside a body"""

    bl_idname = "semantify.crop_face"
    bl_label = "Fit Head to the Face"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if memory.refusal is None or memory.refusal.face is None:
            return answer(cls, "No face was seen in a picture of something else")
        if not memory.refusal.head and catalogue.head() is None and _head_layer(context) == "BODY":
            return answer(cls, "There is no mapper for heads: open one")
        return answer(cls, fit_obstacle(context))

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import SemantifyError

        refusal, session = memory.refusal, context.window_manager.semantify
        image = refusal.shot.image_of()
        known: dict[str, bool | str] = {"layer": refusal.options.get("layer", "BODY")}
        if not refusal.head:
            # what the panel says is of the body: a head has no such sizes
            known = dict.fromkeys((name for name in NAMES if name.endswith("_known")), False) | {"sex": SEEN}
            known["layer"] = _head_layer(context)
            if known["layer"] == "BODY":  # the character has a body alone, so the head is another one
                context.view_layer.objects.active = None
                session.mapper = catalogue.head()
        image.semantify.crop = refusal.face
        session.image = image.name
        try:
            # as if the user had pressed Fit: with an undo step, which this is a part of
            return bpy.ops.semantify.fit_image("INVOKE_DEFAULT", True, image=image.name, **known)
        except RuntimeError as error:
            raise SemantifyError(str(error).removeprefix("Error: ").strip()) from error


class SEMANTIFY_OT_forget_refusal(bpy.types.Operator):
    """Leave this picture be"""

    bl_idname = "semantify.forget_refusal"
    bl_label = "Leave It"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        memory.refusal = None
        return {"FINISHED"}


def _head_layer(context: bpy.types.Context) -> str:
    """What of the active character a face in a picture is fitted to, BODY where it has no face of its own."""
    obj = active_character(context)
    found = ("FACE", "EXPRESSION") if is_character(obj) else ()
    return next((name for name in found if layer_of(obj.data.semantify, name) is not None), "BODY")


def _has_picture(context: bpy.types.Context) -> bool:
    return memory.refusal is not None or _pictures(context) is not None or _chosen(context) is not None


def _last_shot(context: bpy.types.Context) -> "Shot":
    """The picture that was refused, else the active character's first, else the image that is chosen in the panel.

    Raises SemantifyError for one that is gone.
    """
    from ..pictures.shot import Shot

    if memory.refusal is not None:
        return memory.refusal.shot
    pictures = _pictures(context)
    return Shot.of_image(_chosen(context) or "") if pictures is None else Shot.again(pictures[0])


def _pictures(context: bpy.types.Context) -> bpy.types.bpy_prop_collection | None:
    obj = active_character(context)
    layer = layer_of(obj.data.semantify, chosen_layer(context, obj)) if is_character(obj) else None
    return layer.pictures if layer is not None and len(layer.pictures) else None


def _chosen(context: bpy.types.Context) -> str | None:
    name = context.window_manager.semantify.image
    return name if name in bpy.data.images else None


def _begin(window: int, area: int, image: str) -> None:
    """Begin to draw, in an editor that is still there and still shows the image."""
    for each in bpy.context.window_manager.windows:
        if any(running.bl_idname == "SEMANTIFY_OT_crop_box" for running in getattr(each, "modal_operators", ())):
            return  # the button was pressed twice
        for place in each.screen.areas:
            if (each.as_pointer(), place.as_pointer()) != (window, area) or place.ui_type != "IMAGE_EDITOR":
                continue
            main = next((region for region in place.regions if region.type == "WINDOW"), None)
            if main is None or place.spaces.active.image is None or place.spaces.active.image.name != image:
                return
            for side in place.regions:
                if side.type == "UI" and side.width > 1:
                    # the tab with Fit; regions that were never drawn have no tabs to choose from
                    with suppress(TypeError, AttributeError):
                        side.active_panel_category = "Semantify"
            with bpy.context.temp_override(window=each, area=place, region=main):
                bpy.ops.image.view_all(fit_view=True)
                bpy.ops.semantify.crop_box("INVOKE_DEFAULT")
