"""Choosing mapper and model files; also the way out that the panel offers when one is missing."""

from pathlib import Path

import bpy
from bpy_extras.io_utils import ImportHelper

from . import catalogue
from .operators import SliderOperator, editable_character
from .reporting import Reporting


class FileChooser(Reporting, ImportHelper):
    """A file browser that shows NPZ files."""

    filter_glob: bpy.props.StringProperty(default="*.npz", options={"HIDDEN"})

    @property
    def path(self) -> Path:
        """The chosen file. Raises SemantifyError when there is none."""
        from ..core.errors import SemantifyError

        path = Path(bpy.path.abspath(self.filepath)) if self.filepath else Path()
        if not path.is_file():
            raise SemantifyError(f"{self.filepath or 'no file'!s} is not a file: choose one in the file browser")
        return path


class SEMANTIFY_OT_open_mapper(FileChooser, bpy.types.Operator):
    """Offer a mapper file of your own in the list"""

    bl_idname = "semantify.open_mapper"
    bl_label = "Open Mapper File"

    def run(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.semantify.mapper = catalogue.open_mapper(self.path)
        return {"FINISHED"}


class SEMANTIFY_OT_locate_model(FileChooser, bpy.types.Operator):
    """Show where the morphable model of the chosen mapper is"""

    bl_idname = "semantify.locate_model"
    bl_label = "Locate Model File"

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..core.mapper import Mapper

        mapper = Mapper.load(catalogue.resolve(context.window_manager.semantify.mapper))
        catalogue.locate_model(self.path, mapper)
        return {"FINISHED"}


class SEMANTIFY_OT_refresh_mappers(bpy.types.Operator):
    """Look again for mapper files"""

    bl_idname = "semantify.refresh_mappers"
    bl_label = "Refresh"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        from . import embedding

        catalogue.refresh()
        embedding.forget()
        return {"FINISHED"}


class SEMANTIFY_OT_change_mapper(FileChooser, SliderOperator, bpy.types.Operator):
    """Give this character other words: a mapper file for the same model. Sliders of the same name keep their value"""

    bl_idname = "semantify.change_mapper"
    bl_label = "Choose Mapper File"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: bpy.types.Context) -> set[str]:
        from . import character, own_keys

        obj = editable_character(context)
        if len(obj.data.semantify.keys):
            own_keys.attach(obj, self.path)
        else:
            character.change_mapper(obj.data, self.path)
        return {"FINISHED"}
