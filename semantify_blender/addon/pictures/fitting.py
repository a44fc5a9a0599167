"""From pictures to a character: what looks at them is chosen by core, the shape is applied here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ...blender.pictures import orientation_of, picture_of, read_picture
from ...core.clip_names import SMALL
from ...core.errors import SemantifyError, reason_of
from ...core.finders.subjects import HEAD, kind_of
from ...core.fitting.choose import Shelf, Tools, choose, full_may_serve
from ...core.fitting.fit import Fit
from ...core.fitting.known import Known
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ...core.pictures.crop import Cut
from ...core.pictures.picture import Box, Picture, upright_box
from ...core.pictures.probe import probe
from ...core.pictures.seeking import NoSubjectError
from .. import catalogue
from ..character import embedding, shape
from ..known import remember
from ..settings import data_folders
from ..state import memory
from . import full_clip, preview
from .crop_box import box_of
from .refusal import Refusal, RefusedError

ADVICE = "enter that as CLIP in the add-on's preferences, with a Python that has torch and open_clip"


@dataclass(frozen=True)
class Shot:
    """One picture of the subject. box: left, top, right, bottom in pixels as Blender shows the image, or None."""

    name: str
    path: str = ""
    image: str = ""
    box: Box | None = None

    @classmethod
    def of_file(cls, path: str) -> Shot:
        """A file on disk, with the crop box of the image of this file that shows it, if there is one."""
        image = next((image for image in bpy.data.images if _file_of(image) == path), None)
        return cls(Path(path).name, path) if image is None else cls(Path(path).name, path, image.name, box_of(image))

    @classmethod
    def again(cls, picture: bpy.types.PropertyGroup) -> Shot:
        """One that a character remembers. Raises SemantifyError for an image that is gone."""
        box = tuple(picture.crop) if picture.crop[2] > picture.crop[0] else None
        if not picture.path and picture.name not in bpy.data.images:
            raise SemantifyError(f"the image {picture.name!r} is no longer in this file: fit to another one first")
        return cls(picture.name, bpy.path.abspath(picture.path), picture.name, box)

    @classmethod
    def of_image(cls, name: str) -> Shot:
        """An image of this file. Raises SemantifyError when it is gone."""
        image = bpy.data.images.get(name)
        if image is None:
            raise SemantifyError(f"there is no image {name!r} in this file: choose another one")
        return cls(name, _file_of(image), name, box_of(image))

    def read(self) -> Picture:
        """The picture, upright. Raises SemantifyError with one sentence for a file that is no picture."""
        return read_picture(self.path) if self.path else picture_of(bpy.data.images[self.image])

    def image_of(self) -> bpy.types.Image:
        """The picture as an image of this file, loaded where it is none yet. Raises SemantifyError."""
        if not self.path:
            return bpy.data.images[Shot.of_image(self.image).image]
        try:
            return bpy.data.images.load(self.path, check_existing=True)
        except RuntimeError as error:
            raise SemantifyError(f"{self.name}: Blender cannot show this picture: {reason_of(error)}") from error

    def shown_box(self, box: Box) -> Box:
        """A box on the upright picture as Blender shows it: the way back from `turned_box`."""
        if self.path:
            info = probe(self.path)
            width, height, orientation = info.width, info.height, info.orientation
        else:
            image = bpy.data.images[self.image]
            (width, height), orientation = image.size, orientation_of(image)
        if orientation in (5, 6, 7, 8):
            width, height = height, width
        return upright_box(box, width, height, {6: 8, 8: 6}.get(orientation, orientation))

    def turned_box(self) -> Box | None:
        """The box on the upright picture: Blender shows, and boxes are drawn on, what the camera stored."""
        if self.box is None:
            return None
        if self.path:
            info = probe(self.path)
            return upright_box(self.box, info.width, info.height, info.orientation)
        image = bpy.data.images[self.image]
        width, height = image.size
        return upright_box(self.box, width, height, orientation_of(image))


def load_model(mapper: Mapper, mapper_path: Path) -> MorphableModel:
    """The mapper's morphable model, read once a session. Raises SemantifyError when it cannot be had."""
    if mapper.model_checksum not in memory.models:
        if mapper.keys is not None and not catalogue.model_candidates(mapper.model_name, mapper_path):
            raise SemantifyError(
                f"fitting needs the model that was exported of this mesh: put {mapper.model_name}.model.npz beside "
                f"{mapper_path.name}"
            )
        memory.models[mapper.model_checksum] = catalogue.load_model(mapper, mapper_path)
    return memory.models[mapper.model_checksum]


def shelf() -> Shelf:
    """Encoders and fitters: the preferences' folder first, then core.library's."""
    return Shelf(data_folders())


def tools_for(mapper: Mapper, model: MorphableModel) -> Tools:
    """What looks at pictures for a mapper: the preferences' full CLIP where it serves, which is then started.

    Raises SemantifyError that says which CLIP is needed and how to get it.
    """
    full = full_clip.get() if needs_full_clip(mapper, model) else None
    if full is not None and full.size <= 0:
        full.start()  # a worker learns its CLIP's checksum and size then
    return choose(mapper, model, shelf(), full, advice=ADVICE)


def needs_full_clip(mapper: Mapper, model: MorphableModel) -> bool:
    """True when the full CLIP of the preferences has to be started to tell whether a fit uses it."""
    return full_clip.name() != SMALL and full_may_serve(mapper, model, shelf())


@dataclass(frozen=True)
class Fitted:
    """A fit and what it was made from; nothing in the file was touched yet.

    known: of the subject. encoder: checksum of what looked at the pictures. notes: sentences for the user.
    """

    fit: Fit
    shots: tuple[Shot, ...]
    cuts: tuple[Cut, ...]
    known: Known
    encoder: str
    notes: tuple[str, ...]


def fit(
    mapper: Mapper,
    model: MorphableModel,
    shots: Sequence[Shot],
    known: Known = Known(),  # noqa: B008 - frozen
    use_crop: bool = True,
    state: bpy.types.PropertyGroup | None = None,
    force: bool = False,
) -> Fitted:
    """Fit to pictures of one subject.

    state: the character whose locked sliders stay; None for a new one. force: also to pictures in which no finder sees
    the subject.

    Raises RefusedError for a picture of something else, SemantifyError; nothing in the file is changed either way.
    """
    tools = tools_for(mapper, model)
    cuts = []
    for shot in shots:
        try:
            cuts.append(tools.cut(shot.read(), shot.turned_box() if use_crop else None, force))
        except NoSubjectError as error:
            face = None if error.crop is None else shot.shown_box(error.crop)
            refusal = Refusal(str(error), tuple(shots), shot, face, kind_of(model) == HEAD)
            raise RefusedError(refusal) from error
    found = tools.fit(
        cuts,
        known=known,
        locked=None if state is None else shape.locks(state),
        sliders=None if state is None else shape.slider_values(state),
    )
    return Fitted(found, tuple(shots), tuple(cuts), known, tools.encoder.checksum, (*found.notes, *tools.notes))


def apply(mesh: bpy.types.Mesh, fitted: Fitted) -> None:
    """Give a character the fitted shape: sliders, offset, and what the panel says about it."""
    set_shape(mesh, fitted.fit.sliders, fitted.fit.offset)
    state = mesh.semantify
    first, more = fitted.shots[0].name, len(fitted.shots) - 1
    state.fitted_to = f"{first} and {more} more" if more else first
    state.fit_notes = "\n".join(dict.fromkeys(fitted.notes))
    state.fit_measures = json.dumps({name: size.told() for name, size in fitted.fit.measures.items()})
    state.fit_encoder = fitted.encoder
    remember(state, fitted.known)
    state.fit_preview = preview.keep(fitted.cuts)
    state.pictures.clear()
    for shot in fitted.shots:
        picture = state.pictures.add()
        picture.name, picture.path, picture.crop = shot.image or shot.name, shot.path, shot.box or (0.0,) * 4


def set_shape(mesh: bpy.types.Mesh, sliders: np.ndarray, offset: np.ndarray) -> None:
    """Set all sliders (d,) and the offset (K,) that was worked out for them, with Keep Natural off.

    The free sliders get the two decimals that the panel shows; the offset takes what they lose.
    """
    state, mapper = mesh.semantify, embedding.require_mapper(mesh)
    plain = mapper.coefficients(mapper.scores_from_sliders(np.clip(sliders, -1.0, 1.0).astype(np.float32)))
    shape.set_values(mesh, np.where(shape.locks(state), sliders, shape.shown(sliders)))
    shape.set_offset(state, offset + plain - mapper.coefficients(shape.scores(mapper, state)))
    shape.apply(mesh)


def _file_of(image: bpy.types.Image) -> str:
    """The file that an image shows; empty for one that is generated, painted on, packed or missing."""
    if image.source != "FILE" or image.packed_file is not None or image.is_dirty:
        return ""
    path = Path(bpy.path.abspath(image.filepath, library=image.library))
    return str(path) if path.is_file() else ""
