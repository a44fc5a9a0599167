"""Pictures of one subject to a character: sliders, and an offset that keeps what the sliders cannot say."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import SemantifyError
from ..mapper import Mapper
from ..model.morphable_model import MorphableModel
from ..model.posing import Rig
from ..pictures.crop import Cut
from .camera import ViewAngles
from .conditions import conditioned
from .encoder import BARE_WORD, Encoder
from .fitter import Estimate, Fitter
from .gaussian import Gaussian
from .head_fit import PULL, fit_heads
from .known import Known, with_scores, with_usual_height
from .pose import Held, poses_of
from .refine import Shown, refine
from .sizes import FITTED, PHOTOGRAPHED, REFINED, Size, sizes_of
from .solve import limited, limits_of, solve_sliders

WHOLE, SCORES = "whole embedding", "scores"
"""How coefficients were found: from all of the embedding, or as in the paper from the scores of the mapper's words."""
UNHEARD = "Locked sliders keep their places, but the rest of the shape does not follow them"
"""Said when the encoder of a fitter cannot give scores of the mapper's words."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A shape from pictures, and the sliders that say it.

    coefficients (K,), covariance (K, K): the shape and what is left open. sliders (d,) in −1..1. offset (K,):
    coefficients − M(Ω(sliders)). views: where each picture was taken from, unknown for `method` "scores" unless joints
    tell. notes: sentences for the user. measures: height, weight and girths by name, as far as the model has them.
    poses: how the figure is held in each picture, None where no joints were seen. unsettled: the fit before outlines
    were looked at, where they were: what `refine` starts from, so that no outline counts twice. sure: whether sliders
    say only what the pictures are sure of, as of expressions; the offset has the rest.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    sliders: np.ndarray
    offset: np.ndarray
    views: tuple[ViewAngles, ...]
    method: str
    notes: tuple[str, ...] = ()
    measures: dict[str, Size] = field(default_factory=dict)
    poses: tuple[Held | None, ...] = ()
    unsettled: "Fit | None" = None
    sure: bool = False

    @property
    def estimate(self) -> "Fit":
        """What is known without the outlines."""
        return self.unsettled or self

    @property
    def shown(self) -> Shown | None:
        """What `refine` must not end worse than; None where no outline was looked at yet."""
        if self.unsettled is None:
            return None
        return Shown(self.coefficients, tuple(None if held is None else held.numbers for held in self.poses))


def fit_pictures(
    cuts: Sequence[Cut],
    encoder: Encoder,
    fitter: Fitter | None,
    mapper: Mapper,
    model: MorphableModel,
    known: Known = Known(),  # noqa: B008 - frozen
    locked: np.ndarray | None = None,
    sliders: np.ndarray | None = None,
) -> Fit:
    """Fit one subject to its pictures (paper section 4.2, and past it where there is a fitter).

    fitter: None takes the paper's way: the scores of the mapper's descriptors go through the mapper.
    locked: (d,) bool, sliders that keep their position in `sliders` (d,), −1..1.
    Raises SemantifyError: no picture, files that do not belong together, scores that the encoder cannot give.
    """
    if not cuts:
        raise SemantifyError("there is no picture to fit to: give at least one")
    mapper.check_model(model)
    known.check(model)
    count = len(mapper.descriptors)
    locked = np.zeros(count, bool) if locked is None else np.asarray(locked, bool)
    sliders = np.zeros(count, np.float32) if sliders is None else np.asarray(sliders, np.float32)
    embeddings = encoder.embed(np.stack([cut.pixels for cut in cuts]))
    if fitter is None:
        found = _by_scores(embeddings, encoder, mapper, locked, sliders)
    else:
        fitter.check(model, encoder)
        found = fitter.estimate(embeddings, [joints_of(cut) for cut in cuts])
        if known.height is None and any(cut.photographed for cut in cuts):
            found = with_usual_height(found, fitter, model)
    head = fit_heads(model, found, [cut.face for cut in cuts])
    if head is not None:
        found = head.found
    notes = tuple(dict.fromkeys(note for cut in cuts for note in cut.notes))
    sure = head is not None and head.sure
    fit = finished(found, encoder, fitter, mapper, model, known, locked, sliders, notes, sure)
    fit = _posed(fit, cuts, model)
    if fitter is None or not any(fit.poses) or not all(cut.photographed for cut in cuts):
        return fit
    return _settled(fit, cuts, fitter, mapper, model, known, locked, sliders)


def joints_of(cut: Cut) -> np.ndarray | None:
    """(33, 2) where a finder saw the points of a body, −1..1 across the cut; None where it saw none."""
    return None if cut.body is None else cut.body.points * (2 / len(cut.pixels)) - 1


def _settled(
    fit: Fit,
    cuts: Sequence[Cut],
    fitter: Fitter,
    mapper: Mapper,
    model: MorphableModel,
    known: Known,
    locked: np.ndarray,
    sliders: np.ndarray,
) -> Fit:
    """Look at the outlines of photographs at once: where the joints put the figure, two steps do nearly all."""
    found = refine(model, Rig.of(model), cuts, fit, known, quick=True)
    settled = refined_fit(
        fit, found.coefficients, found.covariance, fitter, mapper, model, known, locked, sliders, photographed=True
    )
    poses = tuple(
        None if held is None else held.moved(camera, turns, numbers, worn)
        for held, camera, turns, numbers, worn in zip(
            fit.poses, found.cameras, found.turns, found.numbers, found.worn, strict=True
        )
    )
    return replace(settled, poses=poses, unsettled=fit)


def _posed(fit: Fit, cuts: Sequence[Cut], model: MorphableModel) -> Fit:
    """With the views and poses that the joints in the pictures tell."""
    poses = poses_of(model, fit.coefficients, [cut.body for cut in cuts], len(cuts[0].pixels))
    if not any(poses):
        return fit
    if not fit.views and not all(poses):
        return replace(fit, poses=poses)
    views = fit.views or (ViewAngles(),) * len(cuts)
    seen = tuple(view if pose is None else pose.view for view, pose in zip(views, poses, strict=True))
    return replace(fit, views=seen, poses=poses)


def finished(
    found: Estimate,
    encoder: Encoder,
    fitter: Fitter | None,
    mapper: Mapper,
    model: MorphableModel,
    known: Known,
    locked: np.ndarray,
    sliders: np.ndarray,
    notes: tuple[str, ...] = (),
    sure: bool = False,
) -> Fit:
    """Bring in what the user knows, then put the shape on sliders and offset; arguments as for `fit_pictures`."""
    shape = Gaussian(found.coefficients.astype(np.float64), found.covariance.astype(np.float64))
    if fitter is not None and locked.any():
        words = [word for word, stays in zip(mapper.descriptors, locked, strict=True) if stays]
        try:
            constant, slope = fitter.expected_scores(texts_for(mapper, encoder, words))
            shape = with_scores(shape, constant, slope, mapper.scores_from_sliders(sliders)[locked])
        except SemantifyError as error:
            notes += (f"{UNHEARD} ({error}).",)
    conditions = known.conditions(model)
    if conditions.each:
        shape = conditioned(shape, conditions, limits_of(mapper))
    target = limited(mapper, shape.mean.astype(np.float32))
    if unmet := known.unmet(model, target):
        notes += (unmet,)
    method = SCORES if fitter is None else WHOLE
    covariance = shape.covariance.astype(np.float32)
    positions, offset = _on_sliders(mapper, model, target, covariance, locked, sliders, sure)
    # how far the paper's way is off nobody measured
    measures = sizes_of(model, target, covariance, known, None if fitter is None else fitter.spread.get(FITTED))
    return Fit(target, covariance, positions, offset, found.views, method, notes, measures, sure=sure)


def refined_fit(
    fit: Fit,
    coefficients: np.ndarray,
    covariance: np.ndarray,
    fitter: Fitter | None,
    mapper: Mapper,
    model: MorphableModel,
    known: Known,
    locked: np.ndarray,
    sliders: np.ndarray,
    photographed: bool,
) -> Fit:
    """A fit with the shape that `refine` found: its coefficients (K,) and covariance (K, K) on sliders and offset.

    photographed: whether one of the pictures is a photograph, which `refine` trusts less.
    """
    target = limited(mapper, np.asarray(coefficients, np.float32))
    # outlines, which have no features, make points no less sure
    positions, offset = _on_sliders(mapper, model, target, fit.covariance, locked, sliders, fit.sure)
    spread = None if fitter is None else fitter.spread.get(PHOTOGRAPHED if photographed else REFINED)
    unmet = known.unmet(model, target)
    # what was told of the estimate may have been mended
    notes = tuple(note for note in fit.notes if note != known.unmet(model, fit.coefficients))
    return replace(
        fit,
        coefficients=target,
        covariance=covariance,
        sliders=positions,
        offset=offset,
        notes=(*notes, unmet) if unmet else notes,
        measures=sizes_of(model, target, covariance, known, spread),
    )


def _on_sliders(
    mapper: Mapper,
    model: MorphableModel,
    target: np.ndarray,
    covariance: np.ndarray,
    locked: np.ndarray,
    sliders: np.ndarray,
    sure: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Sliders (d,) and offset (K,) of a shape. sure: move no slider for what the covariance (K, K) leaves open."""
    if not sure:
        return solve_sliders(mapper, target, model.standard_deviations, locked, sliders)
    weights = 1 / np.sqrt(np.maximum(np.diag(covariance), 1e-6))
    return solve_sliders(mapper, target, weights, locked, np.where(locked, sliders, 0), pull=PULL)


def _by_scores(
    embeddings: np.ndarray, encoder: Encoder, mapper: Mapper, locked: np.ndarray, sliders: np.ndarray
) -> Estimate:
    """The paper's way. A locked slider's score takes the place of the one that the pictures have."""
    texts = texts_for(mapper, encoder, mapper.descriptors)
    scores = (100 * embeddings @ texts.T).mean(0)
    scores = np.clip(scores, mapper.low, mapper.high)
    scores[locked] = mapper.scores_from_sliders(sliders)[locked]
    k = mapper.component_count
    # the coefficients' own spread, since nothing tells how far off the mapper is
    covariance = np.diag((0.5 * mapper.coefficient_scale.astype(np.float64)) ** 2)
    return Estimate(mapper.coefficients(scores), covariance.astype(np.float32).reshape(k, k), ())


def language_of(mapper: Mapper) -> str:
    """Checksum of the CLIP whose scores a mapper takes; empty when it does not say."""
    return str(mapper.provenance.get("clip_checksum") or "")


def clip_of(mapper: Mapper) -> str:
    """The same for people."""
    checksum = language_of(mapper)
    if not checksum:
        return "a CLIP that its file does not name"
    return f"CLIP {mapper.provenance.get('clip')!r} (weights {checksum[:8]}…)"


def texts_for(mapper: Mapper, encoder: Encoder, words: Sequence[str]) -> np.ndarray:
    """(n, D) embeddings of words in the prompts that the mapper was trained with.

    Raises SemantifyError where scores by this encoder mean nothing to the mapper: another CLIP, unknown words, prompts.
    """
    if encoder.clip_checksum != language_of(mapper):
        raise SemantifyError(
            f"this mapper was trained with {clip_of(mapper)}, so scores by {encoder.name!r} mean nothing to it: give "
            "that CLIP, or a fitter for this encoder"
        )
    return encoder.text_embeddings(words, tuple(mapper.provenance.get("templates") or BARE_WORD))
