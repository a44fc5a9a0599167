"""Using a mesh's own shape keys: export them as a model, attach a mapper trained for them, detach it."""

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from ..selection import is_character
from .bases import Reporting
from .file_browser import MODELS, FileChooser, remember_folder, suggested


def keyed_object(context: bpy.types.Context) -> bpy.types.Object | None:
    """The active object when it is a mesh of this file, in Object Mode, with shape keys of its own.

    Whether another object has the mesh in Edit Mode is told when the operator runs, as it can name that object.
    """
    obj = getattr(context, "object", None)
    if obj is None or obj.type != "MESH" or obj.mode != "OBJECT":
        return None
    if obj.data.library is not None or obj.data.override_library is not None:
        return None
    keys = obj.data.shape_keys
    if keys is None or len(keys.key_blocks) < 2:
        return None
    return None if is_character(obj) and not len(obj.data.semantify.keys) else obj


class KeysOperator(Reporting):
    """Base of operators on the active object's own shape keys."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if keyed_object(context) is not None:
            return True
        cls.poll_message_set("Select a mesh of this file that has shape keys of its own, in Object Mode")
        return False


class SEMANTIFY_OT_export_keys_model(KeysOperator, ExportHelper, bpy.types.Operator):
    """Write the active object's shape keys as a morphable model, for which a mapper can then be trained"""

    bl_idname = "semantify.export_keys_model"
    bl_label = "Export Model of Shape Keys"

    filename_ext = ".npz"
    filter_glob: bpy.props.StringProperty(default=MODELS, options={"HIDDEN", "SKIP_SAVE"})
    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"HIDDEN", "SKIP_SAVE"})
    include: bpy.props.StringProperty(
        name="Only", description="Keys that may be moved, comma-separated, * for any text: eye*, mouth*. Empty for all"
    )
    exclude: bpy.props.StringProperty(
        name="Leave Out", description="Keys never to be touched, comma-separated, * for any text: *_fix, Body*"
    )
    include_driven: bpy.props.BoolProperty(
        name="Include Driven",
        description="Also keys with drivers or keyframes. Sliders leave those alone until they are deleted",
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        from ...core.model.morphable_model import SUFFIX

        name = f"{bpy.path.clean_name(context.object.name)}{SUFFIX}"
        self.filepath = str(Path(suggested(context, name)).parent / name)
        return super().invoke(context, event)

    def check(self, context: bpy.types.Context) -> bool:
        """Show the name that will be written."""
        from ...blender.shape_keys.model import model_path

        given = Path(self.filepath)
        if not bpy.path.basename(self.filepath) or model_path(given) == given:
            return False
        self.filepath = str(model_path(given))
        return True

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...blender.shape_keys.model import model_of, model_path
        from ...core.errors import SemantifyError
        from ...core.model.morphable_model import SUFFIX

        if not bpy.path.basename(self.filepath):
            raise SemantifyError("no file name was given: choose one in the file browser")
        path = model_path(Path(bpy.path.abspath(self.filepath)))
        name = path.name.removesuffix(SUFFIX)
        made = model_of(keyed_object(context), self.include, self.exclude, name, self.include_driven)
        made.save(path)
        remember_folder(path)
        self.report({"INFO"}, f"{path.name}: {'; '.join(made.summary())}")
        return {"FINISHED"}


class SEMANTIFY_OT_attach_mapper(KeysOperator, FileChooser, bpy.types.Operator):
    """Drive the active object's own shape keys with words: choose a mapper that was trained for this mesh"""

    bl_idname = "semantify.attach_mapper"
    bl_label = "Attach Mapper"
    bl_options = {"REGISTER", "UNDO"}

    allow_changes: bpy.props.BoolProperty(
        name="Allow Changes",
        description="Attach although the mesh or its keys were changed since the mapper was trained",
        options={"SKIP_SAVE"},
    )

    def suggestion(self, context: bpy.types.Context) -> str:
        from ...core.mapper import SUFFIX

        return suggested(context, f"{bpy.path.clean_name(keyed_object(context).name)}{SUFFIX}")

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..own_keys import attaching

        obj = keyed_object(context)
        notices = attaching.attach(obj, self.path, self.allow_changes)
        for notice in notices:
            self.report({"WARNING"}, notice)
        return {"FINISHED"}


class SEMANTIFY_OT_detach(Reporting, bpy.types.Operator):
    """Take the sliders away and give the shape keys the values back that they had before"""

    bl_idname = "semantify.detach"
    bl_label = "Detach"
    bl_options = {"REGISTER", "UNDO"}

    keep: bpy.props.BoolProperty(
        name="Keep Shape",
        description="Leave the shape keys, and keyframes baked on them, as they are now",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        if properties.keep:
            return "Take the sliders away and leave the shape keys, and keyframes baked on them, as they are now"
        return cls.__doc__ or ""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = keyed_object(context)
        if obj is not None and len(obj.data.semantify.keys):
            return True
        cls.poll_message_set("Select a mesh whose own shape keys Semantify drives, in Object Mode")
        return False

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..own_keys import attaching

        attaching.detach(keyed_object(context), self.keep)
        return {"FINISHED"}
