"""Choosing mapper and model files; also the way out that the panel offers when one is missing."""

import os
from pathlib import Path

import bpy
from bpy_extras.io_utils import ImportHelper

from .. import catalogue
from .characters import SliderOperator, editable_character
from .reporting import Reporting

MAPPERS, MODELS = "*.mapper.npz", "*.model.npz"
"""What file browsers list."""

_last: Path | None = None
"""Folder of the mapper or model that was chosen or written last in this session."""


def remember_folder(path: Path) -> None:
    """Open the next file browser where this file is."""
    global _last
    _last = path.parent


def suggested(context: bpy.types.Context, name: str, *folders: Path) -> str:
    """What a file browser starts with: the named file in the first folder that has it, else the first folder there is.

    Looked at: the folders given, the one used last, the .blend's, the user's data folders, home.
    """
    from ..settings import data_folders

    saved = context.blend_data.filepath
    near = [Path(saved).parent] if saved else []
    looked = [folder for folder in (*folders, *([_last] if _last else []), *near, *data_folders()) if folder.is_dir()]
    looked.append(Path.home())
    found = next((folder / name for folder in looked if name and (folder / name).is_file()), None)
    return str(found) if found else os.path.join(looked[0], "")


class FileChooser(Reporting, ImportHelper):
    """A file browser that lists mappers only and starts where the one that is looked for may be."""

    # hidden, or the redo panel would ask for the file again
    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"HIDDEN", "SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(default=MAPPERS, options={"HIDDEN", "SKIP_SAVE"})

    def suggestion(self, context: bpy.types.Context) -> str:
        """File or folder that the browser starts with."""
        return suggested(context, "")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not self.filepath:
            self.filepath = self.suggestion(context)
        return super().invoke(context, event)

    @property
    def path(self) -> Path:
        """The chosen file. Raises SemantifyError when there is none."""
        from ...core.errors import SemantifyError

        path = Path(bpy.path.abspath(self.filepath)) if self.filepath else Path()
        if not path.is_file():
            raise SemantifyError(f"{self.filepath or 'no file'!s} is not a file: choose one in the file browser")
        remember_folder(path)
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

    filter_glob: bpy.props.StringProperty(default=MODELS, options={"HIDDEN", "SKIP_SAVE"})

    def suggestion(self, context: bpy.types.Context) -> str:
        from ...core.errors import SemantifyError
        from ...core.mapper import Mapper
        from ...core.model.morphable_model import SUFFIX

        try:
            path = catalogue.resolve(context.window_manager.semantify.mapper)
            return suggested(context, f"{Mapper.load(path).model_name}{SUFFIX}", path.parent)
        except SemantifyError:
            return suggested(context, "")

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.mapper import Mapper

        mapper = Mapper.load(catalogue.resolve(context.window_manager.semantify.mapper))
        catalogue.locate_model(self.path, mapper)
        return {"FINISHED"}


class SEMANTIFY_OT_refresh_mappers(bpy.types.Operator):
    """Look again for mapper files"""

    bl_idname = "semantify.refresh_mappers"
    bl_label = "Refresh Mappers"

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..character import embedding

        catalogue.refresh()
        embedding.forget()
        return {"FINISHED"}


class SEMANTIFY_OT_change_mapper(FileChooser, SliderOperator, bpy.types.Operator):
    """Give this character other words: a mapper file for the same model. Sliders of the same name keep their value"""

    bl_idname = "semantify.change_mapper"
    bl_label = "Choose Mapper File"
    bl_options = {"REGISTER", "UNDO"}

    def suggestion(self, context: bpy.types.Context) -> str:
        now = Path(bpy.path.abspath(editable_character(context).data.semantify.mapper_path))
        return suggested(context, now.name, now.parent)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import building as character
        from ..own_keys import attaching as own_keys

        obj = editable_character(context)
        if len(obj.data.semantify.keys):
            own_keys.attach(obj, self.path)
        else:
            character.change_mapper(obj.data, self.path)
        return {"FINISHED"}
