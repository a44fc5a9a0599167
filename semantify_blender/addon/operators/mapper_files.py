"""Choosing mapper and model files; also the way out that the panel offers when one is missing."""

from pathlib import Path

import bpy

from .. import catalogue
from ..character.editing import editable_character
from ..selection import active_character, is_character
from ..state import memory
from .bases import LayerChoice, SliderOperator
from .file_browser import MODELS, FileChooser, suggested


class SEMANTIFY_OT_open_mapper(FileChooser, bpy.types.Operator):
    """Offer a mapper file of your own in the list"""

    bl_idname = "semantify.open_mapper"
    bl_label = "Open Mapper File"

    def run(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.semantify.mapper = catalogue.open_mapper(self.path)
        return {"FINISHED"}


class SEMANTIFY_OT_locate_model(FileChooser, bpy.types.Operator):
    """Show where the morphable model of the chosen mapper is, or that of a character whose model is missing"""

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
        from ..character import embedding, layers, models, shape

        obj = active_character(context)
        found = layers.all_of(obj.data.semantify).values() if is_character(obj) else ()
        missing = next((layer for layer in found if models.problem(layer) is not None), None)
        if missing is None:
            mapper = Mapper.load(catalogue.resolve(context.window_manager.semantify.mapper))
            catalogue.locate_model(self.path, mapper)
            return {"FINISHED"}
        catalogue.locate_model(self.path, embedding.require_mapper(missing))
        memory.undecodable.clear()
        models.require_grounded(missing)
        shape.apply(obj.data)
        return {"FINISHED"}


class SEMANTIFY_OT_refresh_mappers(bpy.types.Operator):
    """Look again for mapper files"""

    bl_idname = "semantify.refresh_mappers"
    bl_label = "Refresh Mappers"

    def execute(self, context: bpy.types.Context) -> set[str]:
        memory.look_again()
        memory.undecodable.clear()
        return {"FINISHED"}


class SEMANTIFY_OT_change_mapper(LayerChoice, FileChooser, SliderOperator, bpy.types.Operator):
    """Give this character other words: a mapper file for the same model. Sliders of the same name keep their value"""

    bl_idname = "semantify.change_mapper"
    bl_label = "Choose Mapper File"
    bl_options = {"REGISTER", "UNDO"}

    def suggestion(self, context: bpy.types.Context) -> str:
        now = Path(bpy.path.abspath(self.layer_of(editable_character(context).data).mapper_path))
        return suggested(context, now.name, now.parent)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import building
        from ..own_keys import attaching

        obj = editable_character(context)
        if len(obj.data.semantify.keys):
            attaching.attach(obj, self.path)
        else:
            building.change_mapper(self.layer_of(obj.data), self.path)
        return {"FINISHED"}
