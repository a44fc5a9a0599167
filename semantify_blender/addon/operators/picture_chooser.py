"""The file browser of Fit to Image: an operator of its own, because Blender shows no redo panel for one that has it."""

import os
from pathlib import Path

import bpy

from ..character.editing import obstacle
from ..known import MEASURED, NAMES, KnownProperties, draw_size
from ..pictures.crop_box import box_of
from ..selection import active_character, chosen_layer, is_character, layer_of
from .bases import LayerChoice, answer


def fit_obstacle(context: bpy.types.Context) -> str | None:
    """Why nothing can be fitted to a picture now."""
    if is_character(active_character(context)):
        return obstacle(context)
    return None if context.mode == "OBJECT" else "Leave Edit Mode to fit to an image"


class FitOptions(KnownProperties, LayerChoice):
    """Which pictures, and how: what the file browser, the redo panel and scripts set."""

    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"HIDDEN", "SKIP_SAVE"})
    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})
    files: bpy.props.CollectionProperty(type=bpy.types.OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"})
    use_crop: bpy.props.BoolProperty(
        name="Use Crop Box",
        description="Use the box that was drawn on the image in the Image Editor",
        default=True,
        options={"SKIP_SAVE"},
    )

    force: bpy.props.BoolProperty(
        name="Fit Anyway",
        description="Fit to drawings, statues and whatever else no subject is seen in, too",
        options={"SKIP_SAVE"},
    )

    keep_pose: bpy.props.BoolProperty(
        name="Keep Pose",
        description="Keep with the character how the person in the picture stands or sits, for the rig that it may get",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return answer(cls, fit_obstacle(context))

    def take_known(self, context: bpy.types.Context) -> None:
        """What the panel says of the subject, unless the caller did."""
        session = context.window_manager.semantify
        for name in NAMES:
            if not self.properties.is_property_set(name):
                setattr(self, name, getattr(session, name))
        obj = active_character(context)
        if is_character(obj) and not self.properties.is_property_set("layer"):
            self.layer = chosen_layer(context, obj)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        if self.layer == "BODY":
            layout.prop(self, "sex")
            for name in ("height", *MEASURED):
                draw_size(layout, self, name)
        if any(box_of(image) is not None for image in bpy.data.images):
            layout.prop(self, "use_crop")
        layout.prop(self, "keep_pose")
        if self.force:
            layout.prop(self, "force")


class SEMANTIFY_OT_choose_picture(FitOptions, bpy.types.Operator):
    """Choose a picture, or several of one subject, and shape the active character like the figure in it. Without a character, a new one is added"""  # noqa: E501

    bl_idname = "semantify.choose_picture"
    bl_label = "Fit to Image"
    bl_options = {"INTERNAL"}

    # the file browser reads the property of this name: pictures are known by what they show
    display_type: bpy.props.EnumProperty(
        items=[("FILE_IMGDISPLAY", "Thumbnails", "Small pictures", "IMGDISPLAY", 3)],
        options={"HIDDEN", "SKIP_SAVE"},
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.take_known(context)
        self.directory = self._start(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        names = ("filepath", "directory", *NAMES, "layer", "use_crop", "keep_pose", "force")
        options = {name: getattr(self, name) for name in names}
        options["files"] = [{"name": entry.name} for entry in self.files]
        try:
            # as if the user had called it: with an undo step, and its options in the redo panel
            bpy.ops.semantify.fit_image("INVOKE_DEFAULT", True, **options)
        except RuntimeError as error:
            self.report({"ERROR"}, str(error).removeprefix("Error: ").strip())
            return {"CANCELLED"}
        return {"FINISHED"}

    @staticmethod
    def _start(context: bpy.types.Context) -> str:
        """Folder that the file browser starts in: the last picture's, else the .blend's, else home."""
        obj = active_character(context)
        layer = layer_of(obj.data.semantify, chosen_layer(context, obj)) if is_character(obj) else None
        pictures = [] if layer is None else [picture.path for picture in layer.pictures]
        known = [Path(bpy.path.abspath(path)).parent for path in (*pictures, context.blend_data.filepath) if path]
        return os.path.join(next((folder for folder in known if folder.is_dir()), Path.home()), "")
