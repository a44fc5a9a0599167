"""What a refining child process is asked, and its answer applied to the character it was asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...core.errors import SemantifyError
from ...core.mapper import SUFFIX, Mapper
from ...core.pictures.picture import Box
from ...processes.requests import FitRequest
from .. import catalogue, jobs
from ..character import layers, models
from ..known import remembered
from ..settings import data_folders
from . import environment, fitting, full_clip
from .shot import Shot

UNCHANGED = "Refined: nothing closer to the picture was found, the shape stays"


@dataclass(frozen=True)
class Character:
    """Which layer of which character it was, and in what state; names and pointers do not survive undo, this does."""

    name: str
    uid: int
    mapper: str
    preview: str
    layer: str

    @classmethod
    def of(cls, state: bpy.types.PropertyGroup) -> Character:
        """As it is now."""
        mesh = state.id_data
        return cls(mesh.name, mesh.session_uid, state.mapper_checksum, state.fit_preview, layers.name_of(state))

    def find(self) -> bpy.types.PropertyGroup:
        """The layer. Raises SemantifyError when it is gone, or no longer what the job was started for."""
        mesh = next((mesh for mesh in bpy.data.meshes if mesh.session_uid == self.uid), None)
        nothing = "the refined shape was not applied"
        if mesh is None or not len(mesh.semantify.sliders):
            raise SemantifyError(f"the character {self.name!r} was deleted meanwhile: {nothing}")
        state = layers.all_of(mesh.semantify).get(self.layer)
        if state is None:
            raise SemantifyError(f"the {self.layer} of {mesh.name!r} was removed meanwhile: {nothing}")
        if state.mapper_checksum != self.mapper:
            raise SemantifyError(f"{mesh.name!r} got another mapper meanwhile: {nothing}; press Refine again")
        if state.fit_preview != self.preview:
            raise SemantifyError(f"{mesh.name!r} was fitted anew or reset meanwhile: {nothing}")
        if mesh.semantify.baked or mesh.is_editmode:
            how = "is baked" if mesh.semantify.baked else "is in Edit Mode"
            raise SemantifyError(f"{mesh.name!r} {how} now: {nothing}")
        return state


def request_of(state: bpy.types.PropertyGroup, mapper: Mapper, folder: Path) -> FitRequest:
    """What the child is asked for the last fit of a character's layer. folder: for files that it reads and writes.

    Raises SemantifyError for pictures that are gone, or without a Python for the full CLIP.
    """
    # a name from a file that was passed on leads nowhere else
    mapper_file = folder / f"{bpy.path.clean_name(state.mapper_name)}{SUFFIX}"
    mapper.save(mapper_file)
    model_file = models.written(state, folder)
    if model_file is None:
        model_file = catalogue.find_model(mapper, Path(bpy.path.abspath(state.mapper_path)))
    pictures, boxes = zip(*(_file_and_box(picture, folder, i) for i, picture in enumerate(state.pictures)), strict=True)
    known = remembered(state)
    chest, waist, hips = (None if girth is None else _rounded(100 * girth) for girth in known.girths)
    request = FitRequest(
        images=pictures,
        mapper=str(mapper_file),
        model=str(model_file),
        together=True,
        refine=True,
        force=True,  # what was fitted is refined
        sheet=False,
        out=folder / "out",
        format=("json",),
        crop=tuple(box and tuple(map(_rounded, box)) for box in boxes) if any(boxes) else (),
        height=known.height,
        sex=known.sex,
        weight=known.weight,
        chest=chest,
        waist=waist,
        hips=hips,
        lock=tuple((slider.name, _rounded(slider.value)) for slider in state.sliders if slider.lock),
        data=tuple(data_folders()),
    )
    # what the fit looked with, found where it was found: Refine goes on from there
    if state.fit_encoder in {encoder.checksum for encoder in fitting.shelf().encoders()}:
        return request
    return replace(request, clip=full_clip.name(), python=environment.require_python())


def _rounded(value: float) -> float:
    """As a panel shows it: Blender's own 1.7 is 1.7000000476837158."""
    return float(f"{value:.6g}")


def apply(state: bpy.types.PropertyGroup, job: jobs.Job) -> str:
    """Give a layer the refined shape. Returns a sentence. Raises SemantifyError for an answer without sense."""
    found = next((event for event in job.events if event.get("event") == "fit"), None)
    if found is None:
        raise SemantifyError(f"Refine said it was done but sent no shape; its log is {job.log}")
    try:
        sliders = np.array([float(found["sliders"][slider.name]) for slider in state.sliders], np.float32)
        offset = np.array(found["offset"], np.float32)
        before, after = (float(value) for value in found["measure"])
    except (KeyError, TypeError, ValueError) as error:
        raise SemantifyError(f"Refine sent a shape that makes no sense ({error!r}); its log is {job.log}") from error
    if offset.shape != (state.component_count,) or not (np.isfinite(offset).all() and np.isfinite(sliders).all()):
        raise SemantifyError(f"Refine sent a shape for another model; its log is {job.log}")
    fitting.set_shape(state, sliders, offset)
    state.fit_measures = json.dumps(found.get("measures", {}))
    if state.fit_pose:
        state.fit_pose = json.dumps([image.get("pose", {}) for image in found.get("images", [])])
    gain = 100 * (1 - after / before) if before > 0 else 0.0
    sentence = f"Refined: the difference from the picture is {gain:.0f} % smaller" if gain >= 0.5 else UNCHANGED
    notes = [sentence, *map(str, found.get("notes", []))]
    state.fit_notes = "\n".join(dict.fromkeys(notes))
    return sentence


def _file_and_box(picture: Any, folder: Path, number: int) -> tuple[Path, Box | None]:
    """A picture's file and its box on the upright picture; an image without a file is written into the folder."""
    shot = Shot.again(picture)
    if shot.path:
        return Path(shot.path), shot.turned_box()
    path = folder / f"image-{number}.png"
    _save(shot.read().pixels, path)
    return path, shot.turned_box()


def _save(pixels: np.ndarray, path: Path) -> None:
    """Write a picture as PNG. pixels: (H, W, 4) uint8, top row first."""
    image = bpy.data.images.new(path.stem, pixels.shape[1], pixels.shape[0], alpha=True)
    try:
        image.pixels.foreach_set((pixels[::-1] / np.float32(255)).ravel())
        image.save(filepath=str(path))
    finally:
        bpy.data.images.remove(image)
