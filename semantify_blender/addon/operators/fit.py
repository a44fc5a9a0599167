"""Fit to Image: from the file browser, a dropped file, or an image that is in the file. One undo step."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .. import catalogue
from ..character.editing import editable_character
from ..known import NAMES, SEEN, known_of
from ..selection import active_character, is_character
from ..state import memory
from .bases import LayerChoice, SliderOperator
from .picture_chooser import FitOptions
from .waiting import Waiting

if TYPE_CHECKING:
    from ...core.mapper import Mapper
    from ..pictures.shot import Shot


class SEMANTIFY_OT_fit_image(FitOptions, Waiting, bpy.types.Operator):
    """Shape the active character like the figure in a picture, or in several pictures of one subject. Without a character, a new one is added"""  # noqa: E501

    bl_idname = "semantify.fit_image"
    bl_label = "Fit to Image"
    bl_options = {"REGISTER", "UNDO"}

    image: bpy.props.StringProperty(
        name="Image", description="An image of this file instead of picture files", options={"HIDDEN", "SKIP_SAVE"}
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """With what the panel says of the subject. Pictures that were given, as when dropped, need no file browser."""
        if not (self.image or self.files or self.filepath):
            # it calls this operator again, with pictures
            bpy.ops.semantify.choose_picture("INVOKE_DEFAULT")
            return {"CANCELLED"}
        self.take_known(context)
        return self.guarded(self._begin, context)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.fitting.known import Known
        from ...core.sentence import as_sentence
        from ..character import building
        from ..pictures import fitting
        from ..pictures.refusal import RefusedError

        shots = self._shots()
        mapper, path = self._mapper(context)
        model = fitting.load_model(mapper, path)
        target = editable_character(context)
        state = None if target is None else self.layer_of(target.data)
        # what is said of the subject is of a body
        known = known_of(self, context) if self.layer == "BODY" else Known()
        # all that can fail comes before the first change
        memory.refusal = None
        try:
            fitted = fitting.fit(mapper, model, shots, known, self.use_crop, state, self.force, self.keep_pose)
        except RefusedError as error:
            options = {name: getattr(self, name) for name in (*NAMES, "use_crop", "keep_pose", "layer")}
            memory.refusal = replace(error.refusal, options=options)
            raise
        if state is None:
            state = building.add_character(context, path).data.semantify
        fitting.apply(state, fitted)
        self._show_pictures(context, state)
        for note in dict.fromkeys(note for cut in fitted.cuts for note in cut.notes):
            self.report({"INFO"}, as_sentence(note))
        return {"FINISHED"}

    def _mapper(self, context: bpy.types.Context) -> "tuple[Mapper, Path]":
        """The mapper of the active character's layer, or that chosen for a new character of that sex, and its file."""
        from ..character import embedding

        target = active_character(context)
        if not is_character(target):
            name = context.window_manager.semantify.mapper
            path = catalogue.resolve(name if self.sex == SEEN else catalogue.of_sex(name, self.sex.lower()))
            return embedding.load_file(path)[0], path
        layer = self.layer_of(target.data)
        return embedding.require_mapper(layer), Path(bpy.path.abspath(layer.mapper_path))

    def _shots(self) -> "list[Shot]":
        """The pictures that were asked for. Raises SemantifyError when there are none."""
        from ...core.errors import SemantifyError
        from ..pictures.shot import Shot

        if self.image:
            return [Shot.of_image(self.image)]
        folder = Path(bpy.path.abspath(self.directory)) if self.directory else Path()
        paths = [folder / entry.name for entry in self.files if entry.name]
        paths = paths or ([Path(bpy.path.abspath(self.filepath))] if self.filepath else [])
        if not paths or any(path.is_dir() for path in paths):
            raise SemantifyError("no picture was given: choose one or several in the file browser")
        return [Shot.of_file(str(path)) for path in paths]

    @staticmethod
    def _show_pictures(context: bpy.types.Context, state: bpy.types.PropertyGroup) -> None:
        """Have the pictures among the file's images, where a crop box can be drawn on them."""
        for picture in state.pictures:
            if picture.path:
                picture.name = bpy.data.images.load(picture.path, check_existing=True).name
        context.window_manager.semantify.image = state.pictures[0].name

    # a full CLIP takes seconds to load: the window must not freeze meanwhile

    def _begin(self, context: bpy.types.Context) -> set[str]:
        from .. import jobs
        from ..pictures import fitting, full_clip

        mapper, path = self._mapper(context)
        if bpy.app.background or not fitting.needs_full_clip(mapper, fitting.load_model(mapper, path)):
            return self.run(context)
        if full_clip.get().alive:
            return self.run(context)
        jobs.check_free()
        return self.wait_for(context, jobs.follow(full_clip.Start(full_clip.get())))

    def after(self, context: bpy.types.Context) -> set[str]:
        return self.run(context)


class SEMANTIFY_OT_clear_fit(LayerChoice, SliderOperator, bpy.types.Operator):
    """Take away what the fit added to the sliders, which stay, and forget the picture"""

    bl_idname = "semantify.clear_fit"
    bl_label = "Clear Fit"

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import shape

        mesh = self.mesh(context)
        shape.set_offset(self.layer_of(mesh), None)
        mesh.update_tag()
        shape.apply(mesh)
        return {"FINISHED"}
