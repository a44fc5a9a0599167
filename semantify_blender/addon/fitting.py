"""From pictures to a character: which encoder and fitter go with its mapper, read once and kept, and applying a fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core import library
from ..core.errors import SemantifyError
from ..core.fitting.encoder import ImageEncoder
from ..core.fitting.fit import Fit, fit_pictures
from ..core.fitting.fitter import Fitter
from ..core.fitting.known import Known
from ..core.mapper import Mapper
from ..core.morphable_model import MorphableModel
from ..core.pictures.crop import Cut, cut_figure
from ..core.pictures.picture import Box, Picture, upright_box
from ..core.pictures.probe import probe
from ..rendering.pictures import orientation_of, picture_of, read_picture
from . import catalogue, embedding, fit_preview, full_clip, shape
from .preferences import SMALL, data_folders

_models: dict[str, MorphableModel] = {}
_files: dict[Path, tuple[int, Any]] = {}


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
        return cls(Path(path).name, path) if image is None else cls(Path(path).name, path, image.name, _box_of(image))

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
        return cls(name, _file_of(image), name, _box_of(image))

    def read(self) -> Picture:
        """The picture, upright. Raises SemantifyError with one sentence for a file that is no picture."""
        return read_picture(self.path) if self.path else picture_of(bpy.data.images[self.image])

    def cut(self, size: int, use_crop: bool) -> Cut:
        """The square around the figure, size × size pixels."""
        return cut_figure(self.read(), size, self.turned_box() if use_crop else None)

    def turned_box(self) -> Box | None:
        """The box on the upright picture: Blender shows, and boxes are drawn on, what the camera stored."""
        if self.box is None:
            return None
        if self.path:
            info = probe(self.path)
            return upright_box(self.box, info.width, info.height, info.orientation)
        image = bpy.data.images[self.image]
        return upright_box(self.box, *image.size, orientation_of(image))


def load_model(mapper: Mapper, mapper_path: Path) -> MorphableModel:
    """The mapper's morphable model, read once a session. Raises SemantifyError when it cannot be had."""
    if mapper.model_checksum not in _models:
        if mapper.keys is not None and not catalogue.model_candidates(mapper.model_name, mapper_path):
            raise SemantifyError(
                f"fitting needs the model that was exported of this mesh: put {mapper.model_name}.model.npz beside "
                f"{mapper_path.name}"
            )
        _models[mapper.model_checksum] = catalogue.load_model(mapper, mapper_path)
    return _models[mapper.model_checksum]


def available(kind: str) -> dict[str, Path]:
    """Name -> file of "encoders" or "fitters": the preferences' folder first, then core.library's."""
    suffix = library.SUFFIXES[kind]
    own = {path.name.removesuffix(suffix): path for folder in data_folders() for path in folder.glob(f"*{suffix}")}
    return library.available(kind) | own


def fitter_for(model: MorphableModel, encoder_names: Iterable[str]) -> Fitter | None:
    """The fitter file made for this very model and one of the encoders; None without."""
    for path in available("fitters").values():
        fitter = _read_once(path, Fitter.load)
        if fitter.model_checksum == model.checksum and fitter.encoder_name in encoder_names:
            return fitter
    return None


def choose(mapper: Mapper, model: MorphableModel) -> tuple[Any, Fitter | None]:
    """(encoder, fitter or None) for a mapper: the preferences' full CLIP where that is what it was trained with.

    Raises SemantifyError that says which CLIP is needed and how to get it.
    """
    if needs_full_clip(mapper, model):
        return full_clip.get(), fitter_for(model, [full_clip.name()])
    encoders = available("encoders")
    fitter = fitter_for(model, encoders)
    if fitter is not None:
        return _read_once(encoders[fitter.encoder_name], ImageEncoder.load), fitter
    trained = str(mapper.provenance.get("clip") or SMALL)
    for path in encoders.values():
        encoder = _read_once(path, ImageEncoder.load)
        if encoder.clip_name == trained:
            return encoder, None
    raise SemantifyError(
        f"this mapper was trained with CLIP {trained!r}: enter that as CLIP in the add-on's preferences, with a "
        "Python that has torch and open_clip"
    )


def needs_full_clip(mapper: Mapper, model: MorphableModel) -> bool:
    """True when a fit uses the full CLIP of the preferences."""
    wanted = full_clip.name()
    if wanted == SMALL:
        return False
    return wanted == mapper.provenance.get("clip") or fitter_for(model, [wanted]) is not None


@dataclass(frozen=True)
class Fitted:
    """A fit and what it was made from; nothing in the file was touched yet. height: metres given, 0 for none."""

    fit: Fit
    shots: tuple[Shot, ...]
    cuts: tuple[Cut, ...]
    height: float


def fit(
    mapper: Mapper,
    model: MorphableModel,
    shots: Sequence[Shot],
    height: float = 0.0,
    use_crop: bool = True,
    state: bpy.types.PropertyGroup | None = None,
) -> Fitted:
    """Fit to pictures of one subject. state: the character whose locked sliders stay; None for a new one.

    Raises SemantifyError; nothing in the file is changed either way.
    """
    encoder, fitter = choose(mapper, model)
    if encoder.size <= 0:  # a worker learns its CLIP's size when it starts
        encoder.start()
    cuts = tuple(shot.cut(encoder.size, use_crop) for shot in shots)
    found = fit_pictures(
        cuts,
        encoder,
        fitter,
        mapper,
        model,
        known=Known(height=height or None),
        locked=None if state is None else shape.locks(state),
        sliders=None if state is None else shape.slider_values(state),
    )
    return Fitted(found, tuple(shots), cuts, height)


def apply(mesh: bpy.types.Mesh, fitted: Fitted) -> None:
    """Give a character the fitted shape: sliders, offset, and what the panel says about it."""
    set_shape(mesh, fitted.fit.sliders, fitted.fit.offset)
    state = mesh.semantify
    first, more = fitted.shots[0].name, len(fitted.shots) - 1
    state.fitted_to = f"{first} and {more} more" if more else first
    notes = [*(note for cut in fitted.cuts for note in cut.notes), *fitted.fit.notes]
    state.fit_notes = "\n".join(dict.fromkeys(notes))
    state.fit_height = fitted.height
    state.fit_preview = fit_preview.keep([cut.pixels for cut in fitted.cuts])
    state.pictures.clear()
    for shot in fitted.shots:
        picture = state.pictures.add()
        picture.name, picture.path, picture.crop = shot.image or shot.name, shot.path, shot.box or (0.0,) * 4


def set_shape(mesh: bpy.types.Mesh, sliders: np.ndarray, offset: np.ndarray) -> None:
    """Set all sliders (d,) and the offset (K,) that was worked out for them, with Keep Natural off."""
    state, mapper = mesh.semantify, embedding.mapper_of(mesh)
    shape.set_values(mesh, sliders)
    if state.keep_natural:
        values = shape.slider_values(state)
        plain = mapper.coefficients(mapper.scores_from_sliders(values))
        offset = offset + plain - mapper.coefficients(shape.scores(mapper, state))
    shape.set_offset(state, offset)
    shape.apply(mesh)


def forget() -> None:
    """Drop what was read from disk."""
    _models.clear()
    _files.clear()


def _read_once(path: Path, load: Any) -> Any:
    """A file's content, kept until the file changes."""
    stamp = path.stat().st_mtime_ns
    if path not in _files or _files[path][0] != stamp:
        _files[path] = (stamp, load(path))
    return _files[path][1]


def _file_of(image: bpy.types.Image) -> str:
    """The file that an image shows; empty for one that is generated, painted on, packed or missing."""
    if image.source != "FILE" or image.packed_file is not None or image.is_dirty:
        return ""
    path = Path(bpy.path.abspath(image.filepath, library=image.library))
    return str(path) if path.is_file() else ""


def _box_of(image: bpy.types.Image) -> Box | None:
    left, top, right, bottom = image.semantify.crop
    return (left, top, right, bottom) if right > left and bottom > top else None
