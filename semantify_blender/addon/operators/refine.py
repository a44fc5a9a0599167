"""Refine: a Blender in the background renders candidates for the last fit's pictures; the better shape is applied."""

import shutil
import tempfile
from pathlib import Path

import bpy

from .. import jobs
from ..character import layers
from ..character.editing import editable_character
from .bases import LayerChoice, SliderOperator
from .waiting import JobOperator


class SEMANTIFY_OT_refine_fit(LayerChoice, JobOperator, SliderOperator, bpy.types.Operator):
    """Compare renders of the character with the pictures it was fitted to, and move its shape closer. Takes a minute or so in the background; Blender goes on"""  # noqa: E501

    bl_idname = "semantify.refine_fit"
    bl_label = "Refine"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        if jobs.running():
            cls.poll_message_set("Wait for what is running, or cancel it")
        elif not any(
            len(layer.pictures) for layer in layers.all_of(editable_character(context).data.semantify).values()
        ):
            cls.poll_message_set("Fit the character to an image first")
        else:
            return True
        return False

    def start(self, context: bpy.types.Context) -> jobs.Job:
        from ...core.errors import SemantifyError
        from ..character import embedding
        from ..pictures import refining

        layer = self.layer_of(self.mesh(context))
        if not len(layer.pictures):
            raise SemantifyError("there is no picture to refine by: fit the character to an image first")
        jobs.check_free()
        mapper = embedding.require_mapper(layer)
        self._character = refining.Character.of(layer)
        self._folder = Path(tempfile.mkdtemp(prefix="semantify-refine-"))
        try:
            return jobs.start("Refine", jobs.rendering_command(refining.request_of(layer, mapper, self._folder)))
        except BaseException:
            self._tidy()
            raise

    def use(self, context: bpy.types.Context, job: jobs.Job) -> None:
        from ..pictures import refining

        self.report({"INFO"}, refining.apply(self._character.find(), job))

    def ended(self, context: bpy.types.Context) -> set[str]:
        try:
            return super().ended(context)
        finally:
            self._tidy()

    def cancel(self, context: bpy.types.Context) -> None:
        super().cancel(context)
        self._tidy()

    def _tidy(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
