"""File browsers for mappers and models: what they list, and the folder they start in."""

import os
from pathlib import Path

import bpy
from bpy_extras.io_utils import ImportHelper

from ..settings import data_folders
from ..state import memory
from .bases import Reporting

MAPPERS, MODELS = "*.mapper.npz", "*.model.npz"
"""What file browsers list."""


def remember_folder(path: Path) -> None:
    """Open the next file browser where this file is."""
    memory.last_folder = path.parent


def suggested(context: bpy.types.Context, name: str, *folders: Path) -> str:
    """What a file browser starts with: the named file in the first folder that has it, else the first folder there is.

    Looked at: the folders given, the one used last, the .blend's, the user's data folders, home.
    """
    saved = context.blend_data.filepath
    near = [Path(saved).parent] if saved else []
    last = [memory.last_folder] if memory.last_folder else []
    looked = [folder for folder in (*folders, *last, *near, *data_folders()) if folder.is_dir()]
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
