"""From pictures to a character: what looks at them is chosen by core, the shape is applied here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ...core.clip_names import SMALL
from ...core.errors import SemantifyError
from ...core.finders.subjects import HEAD, kind_of
from ...core.fitting.choose import Shelf, Tools, choose, full_may_serve
from ...core.fitting.fit import Fit
from ...core.fitting.known import Known
from ...core.fitting.pose import Held
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ...core.pictures.crop import Cut
from ...core.pictures.seeking import NoSubjectError
from .. import catalogue
from ..character import embedding, shape
from ..known import remember
from ..settings import data_folders
from ..state import memory
from . import full_clip, preview
from .refusal import Refusal, RefusedError
from .shot import Shot

NO_POSE = "No joints were seen, so there is no pose to keep."
ADVICE = "enter that as CLIP in the add-on's preferences, with a Python that has torch and open_clip"


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

    known: of the subject. encoder: checksum of what looked at the pictures. notes: sentences for the user. poses: to
    keep, of each picture, joint -> rotation vector, degrees; none where that was not asked for.
    """

    fit: Fit
    shots: tuple[Shot, ...]
    cuts: tuple[Cut, ...]
    known: Known
    encoder: str
    notes: tuple[str, ...]
    poses: tuple[dict[str, list[float]], ...] = ()


def fit(
    mapper: Mapper,
    model: MorphableModel,
    shots: Sequence[Shot],
    known: Known = Known(),  # noqa: B008 - frozen
    use_crop: bool = True,
    state: bpy.types.PropertyGroup | None = None,
    force: bool = False,
    keep_pose: bool = False,
) -> Fitted:
    """Fit to pictures of one subject.

    state: the layer of a character whose locked sliders stay; None for a new one. force: also to pictures in which no
    finder sees the subject. keep_pose: read joints off cut-out figures, too, and keep how the subject is held.

    Raises RefusedError for a picture of something else, SemantifyError; nothing in the file is changed either way.
    """
    tools = tools_for(mapper, model)
    cuts = []
    for shot in shots:
        try:
            cuts.append(tools.cut(shot.read(), shot.turned_box() if use_crop else None, force, keep_pose))
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
    notes = (*found.notes, *tools.notes)
    poses = tuple(_told(held) for held in found.poses) if keep_pose else ()
    if keep_pose and not any(poses):
        notes += (NO_POSE,)
    return Fitted(found, tuple(shots), tuple(cuts), known, tools.encoder.checksum, notes, poses)


def _told(held: Held | None) -> dict[str, list[float]]:
    """A pose as JSON has it."""
    return {} if held is None else {joint: np.round(turn, 2).tolist() for joint, turn in held.turns.items()}


def apply(state: bpy.types.PropertyGroup, fitted: Fitted) -> None:
    """Give a layer of a character the fitted shape: sliders, offset, and what the panel says about it."""
    set_shape(state, fitted.fit.sliders, fitted.fit.offset)
    first, more = fitted.shots[0].name, len(fitted.shots) - 1
    state.fitted_to = f"{first} and {more} more" if more else first
    state.fit_notes = "\n".join(dict.fromkeys(fitted.notes))
    state.fit_measures = json.dumps({name: size.told() for name, size in fitted.fit.measures.items()})
    state.fit_pose = json.dumps(fitted.poses) if any(fitted.poses) else ""
    state.fit_encoder = fitted.encoder
    remember(state, fitted.known)
    state.fit_preview = preview.keep(fitted.cuts)
    state.pictures.clear()
    for shot in fitted.shots:
        picture = state.pictures.add()
        picture.name, picture.path, picture.crop = shot.image or shot.name, shot.path, shot.box or (0.0,) * 4


def set_shape(state: bpy.types.PropertyGroup, sliders: np.ndarray, offset: np.ndarray) -> None:
    """Set all sliders (d,) and the offset (K,) that was worked out for them, with Keep Natural off.

    The free sliders get the two decimals that the panel shows; the offset takes what they lose.
    """
    mapper = embedding.require_mapper(state)
    plain = mapper.coefficients(mapper.scores_from_sliders(np.clip(sliders, -1.0, 1.0).astype(np.float32)))
    shape.set_values(state, np.where(shape.locks(state), sliders, shape.shown(sliders)))
    shape.set_offset(state, offset + plain - mapper.coefficients(shape.scores(mapper, state)))
    shape.apply(state.id_data)
