"""A second look at the pictures: coefficients are moved until the model's outline, and its looks, agree with them.

The measure, lower is better, is 1 − soft IoU of the silhouettes, clothes and all (mean over the pictures with a mask)
+ `JOINTS` · how far the joints are from where they are seen, in standard deviations² (pictures with joints)
+ `LOOKS` · (1 − cosine of the embeddings of picture and rendered candidate, mean over the pictures)
+ `APART` · χ² of ξ under the estimate + `HELD` · χ² of cameras and limbs under what is usual.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..model.morphable_model import MorphableModel
from ..model.posing import Rig
from ..model.sampling import default_k
from ..pictures.landmarks import BodyLandmarks
from .camera import Camera, ViewAngles
from .joint_angles import JointAngles
from .known import Known
from .looks_fit import LooksFit, Render
from .picture_numbers import CAMERA, State
from .pictures_fit import NOISE, PicturesFit, Target
from .pose import solver_of

LOOKS = 0.5
"""Measured on twelve bodies, heights known, by benchmarks/looks_weight.py, weights 0.06, 0.125, 0.25, 0.5, 1, 2. One
picture before a busy backdrop: 11.4, 11.5, 11.4, 11.3, 11.3, 11.3 mm (not refined 11.9); one cut out and a busy one:
5.1, 5.1, 5.2, 5.3, 5.6, 5.8 mm (8.0). Embeddings of one figure differ by about 0.1 from a picture to a render, so that
outlines must be able to outweigh them."""
JOINTS = 0.01
"""Joints one standard deviation off, both ways, cost as much as 2 % of the silhouette."""
APART = 0.02
"""All coefficients one standard deviation from the estimate cost as much as 2 % of the silhouette."""
DOUBT = 3.0
"""Factor on the estimate's covariance for photographs: an encoder that saw renders is less sure of them than it says.
Its views, whose errors can be seen, are off by 21° there instead of the 6° to 9° that it claims. On clothed silhouettes
whose shapes were drawn three times as wide as claimed, it brings the error of a refined one from 18.9 to 17.0 mm."""
HELD = 0.0005
"""Cameras and limbs are free to go where they must; it only breaks ties."""
ALIGN = ((2, 2.0, 8.0), (3, 1.0, 4.0))
"""Stages that move cameras and limbs alone: (steps, noise, width of the robust kernel), pixels of 128."""
SHAPE = ((2, 2.0, 6.0), (3, 1.0, 3.0), (5, NOISE, 2.0))
"""Stages that move the shape too; the outline's weight rises as the noise falls."""
QUICK: tuple[tuple[int, float, float], ...] = ((1, 2.0, 6.0), (1, 1.0, 3.0))
"""Stages of a first fit to a photograph, from where the joints put the figure: a quarter of a second for nearly all of
the gain. 40 busy pictures without a crop: 10.35 mm not refined, 9.54 so, 9.54 by all steps (heights aligned)."""
TRIED = 3
"""Outfits that are tried on: those in which the outlines agree best before the shape moves. All seven gave 9.0 mm on
sixty dressed bodies and 7.0 on bare ones, three 8.9 and 7.1, the likest alone 8.9 and 7.9."""
UNKNOWN_YAW = (0.0, -35.0, 35.0, 75.0)
"""Yaws tried for a picture whose view nobody knows, degrees."""


class Guess(Protocol):
    """What an estimate or a fit tells: a Gaussian over ξ, and where each picture was taken from (may be empty)."""

    @property
    def coefficients(self) -> np.ndarray:
        """(K,) mean."""

    @property
    def covariance(self) -> np.ndarray:
        """(K, K)."""

    @property
    def views(self) -> tuple[ViewAngles, ...]:
        """One a picture, or none."""


class Pictured(Protocol):
    """What is used of a `Cut`."""

    @property
    def pixels(self) -> np.ndarray:
        """(S, S, 3) uint8."""

    @property
    def outlined(self) -> np.ndarray | None:
        """(S, S) float32, 0..1: the mask whose outline counts."""

    @property
    def source(self) -> str:
        """Where the mask is from."""

    @property
    def body(self) -> BodyLandmarks | None:
        """The person's joints, pixels of the cut."""

    @property
    def cut_off(self) -> tuple[str, ...]:
        """Sides of the picture at which the figure is cut off."""

    @property
    def photographed(self) -> bool:
        """Whether it is of a photograph, in which people wear clothes."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A shape (K,) and how it is seen and held in each picture: its numbers, None where nobody found out."""

    coefficients: np.ndarray
    numbers: tuple[np.ndarray | None, ...]

    def state(self, targets: Sequence[Target]) -> State | None:
        """None unless all is known, and of as many numbers as the pictures have."""
        found = [numbers for numbers in self.numbers if numbers is not None]
        if len(found) != len(targets) or any(len(a) != len(b.start) for a, b in zip(found, targets, strict=True)):
            return None
        return State(np.asarray(self.coefficients, np.float64), np.stack(found))


@dataclass(frozen=True, eq=False)
class Refined:
    """A shape at least as near to the pictures as the estimate was.

    coefficients: (K,) float32. covariance: (K, K) float32, what is still left open. cameras: one a picture, in the
    model's own space. measure_before, measure_after: of the estimate in cameras and limbs that suit it, and of the
    result; the latter is never higher. parts: the terms of both, "silhouette before", "silhouette after", …
    cancelled: whether it was stopped early; the best so far is given.
    worn: the outfit of each picture's figure, of those that the model has; empty for none.
    limbs: for each picture, chain -> (3, 3) rotation, empty without a rig; turns: the same as rotation vectors (3,),
    degrees, of the pictures whose joints were seen. numbers: of each picture, see `picture_numbers`.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    cameras: tuple[Camera, ...]
    measure_before: float
    measure_after: float
    parts: dict[str, float] = field(default_factory=dict)
    cancelled: bool = False
    limbs: tuple[dict[str, np.ndarray], ...] = ()
    turns: tuple[dict[str, np.ndarray], ...] = ()
    numbers: tuple[np.ndarray, ...] = ()
    worn: tuple[str, ...] = ()


def refine(
    model: MorphableModel,
    rig: Rig | None,
    cuts: Sequence[Pictured],
    guess: Guess,
    known: Known = Known(),  # noqa: B008 - frozen
    encoder: Any = None,
    render: Render | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    quick: bool = False,
    shown: Shown | None = None,
) -> Refined:
    """Bring the shape of an estimate nearer to the pictures it was made from.

    rig: lets arms and legs hang as they do in each picture; None where the model has none. cuts: of one subject.
    guess: an `Estimate` or a `Fit`. encoder: has embed((N, S, S, 3) uint8) -> (N, D). render: (vertices (V, 3) metres,
    camera, palette: region -> sRGB) -> (S, S, 3) uint8; with an encoder and a render the looks count too, and pictures
    without a mask count at all. progress(done, total, text). cancelled: asked often; True ends with the best so far.
    quick: the few steps of `QUICK` only. shown: a fit to these pictures that is there already, which the result is not
    worse than and is compared with.
    """
    align, shape = ((), QUICK) if quick else (ALIGN, SHAPE)
    stop = cancelled or (lambda: False)
    mean = np.asarray(guess.coefficients, np.float64)
    limits = _limits(model, mean)
    photographed = any(cut.photographed for cut in cuts)
    doubt = DOUBT if photographed else 1.0
    precision = np.linalg.inv(doubt * np.asarray(guess.covariance, np.float64) + 1e-6 * np.eye(len(mean)))
    solver = solver_of(model) if rig is not None and any(cut.body is not None for cut in cuts) else None
    angles = JointAngles.of(rig, model.template) if solver is None else solver.angles
    outlines = PicturesFit(model, angles, mean, precision, limits, known.conditions(model), solver, photographed)
    for i, cut in enumerate(cuts):
        view = guess.views[i] if i < len(guess.views) else None
        for yaw in [view] if view else [ViewAngles(y, 0.0, 25.0, 6.0) for y in UNKNOWN_YAW]:
            outlines.add(cut.outlined, cut.source, yaw, cut.body, cut.cut_off, len(cut.pixels), cut.photographed)
        if view is None:
            outlines.keep_nearest(len(UNKNOWN_YAW))
    masked = any(target.outline is not None for target in outlines.targets)
    jointed = any(target.joints is not None for target in outlines.targets)
    moving = masked or jointed
    looks = None
    if encoder is not None and render is not None:
        looks = LooksFit(outlines, [np.asarray(cut.pixels) for cut in cuts], encoder, render)
    fittings = min(TRIED, len(outlines.wardrobe.all)) if masked and len(outlines.wardrobe.all) > 1 else 0
    steps = sum(n for n, *_ in align + shape + QUICK * fittings)
    work = _WorkDone(progress, steps if moving else 0, looks.renders if looks else 0)

    def laid_on(state: State) -> tuple[float, dict[str, float]]:
        parts = {"prior": 0.0, "pictures": 0.0}
        apart, held = outlines.deviation(state)
        parts["prior"], parts["pictures"] = APART / len(mean) * apart, HELD * held
        if masked:
            parts["silhouette"] = outlines.disagreement(state)
        if jointed:
            parts["joints"] = JOINTS * outlines.joints_apart(state)
        return sum(parts.values()), parts

    def measured(state: State) -> tuple[float, dict[str, float]]:
        measure, parts = laid_on(state)
        if looks is not None:
            parts["looks"] = LOOKS * looks.disagreement(state)
            measure += parts["looks"]
        return measure, parts

    work.tell("camera")
    state = outlines.start()
    outlines.wear(outlines.outfits(state)[0])
    if moving:
        state = outlines.run(state, align, False, stop, lambda: work.advance("camera"))
    tried_on = _try_on(outlines, state, laid_on, stop, lambda: work.advance("clothes")) if fittings else None
    outlines.leave_out_ends(state)
    if looks is not None:
        looks.colour(state)
    before, parts_before = measured(state)
    best, after, parts_after = state, before, parts_before
    there = None if shown is None else shown.state(outlines.targets)
    if there is not None:
        before, parts_before = measured(there)
        if before < after:
            best, after, parts_after = there, before, parts_before
    if moving and not stop():
        found = tried_on or state
        if tried_on is None or not quick:  # trying on takes the steps of a quick fit
            found = outlines.run(found, shape, True, stop, lambda: work.advance("outline"))
        # all of the way where that is better at all: the measure prices a shape's moves, it does not know them
        for share in (1.0, 0.6, 0.3):
            tried = state.towards(found, share)
            measure, parts = measured(tried)
            if measure < after:
                best, after, parts_after = tried, measure, parts
                break
    if looks is not None and not stop():
        found = looks.run(best, measured, stop, lambda: work.advance("looks"))
        measure, parts = measured(found)
        if measure < after:
            best, after, parts_after = found, measure, parts
    ended = stop()
    if not ended:
        work.finish()
    parts = {f"{name} before": value for name, value in parts_before.items()}
    covariance = outlines.covariance(best, *shape[-1][1:]) if moving else np.asarray(guess.covariance)
    return Refined(
        best.coefficients.astype(np.float32),
        covariance.astype(np.float32),
        tuple(outlines.camera(best, i) for i in range(len(cuts))),
        before,
        after,
        parts | {f"{name} after": value for name, value in parts_after.items()},
        ended,
        tuple(angles.rotations(numbers[CAMERA:]) for numbers in best.pictures),
        tuple(
            {} if target.joints is None else angles.vectors(numbers[CAMERA:])
            for numbers, target in zip(best.pictures, outlines.targets, strict=True)
        ),
        tuple(best.pictures),
        tuple(target.worn.outfit for target in outlines.targets),
    )


def _try_on(
    outlines: PicturesFit,
    state: State,
    measured: Callable[[State], tuple[float, dict[str, float]]],
    stop: Callable[[], bool],
    step: Callable[[], None],
) -> State:
    """Have the figures wear the outfit in which a few steps bring them nearest to the pictures. Returns where to.

    A thin body in wide trousers and a fat bare one have the same outline at first; the steps tell which is likelier.
    """
    tried = []
    for worn in outlines.outfits(state)[:TRIED]:
        outlines.wear(worn)
        found = outlines.run(state, QUICK, True, stop, step)
        tried.append((measured(found)[0], worn, found))
    _, worn, nearest = min(tried, key=lambda one: one[0])
    outlines.wear(worn)
    return nearest


def _limits(model: MorphableModel, mean: np.ndarray) -> np.ndarray:
    """(K, 2) how far coefficients may go: the model's ranges, as far as members of its population go, else 1.4 times as
    far as its samples; never nearer than the estimate itself."""
    k = 1.4 * default_k(model) if model.people is None else model.people.largest
    wide = np.tile([-k, k], (len(mean), 1)) if model.ranges is None else np.asarray(model.ranges, np.float64)
    return np.stack([np.minimum(wide[:, 0], mean), np.maximum(wide[:, 1], mean)], 1)


class _WorkDone:
    """Progress over outline steps and renders, a render being about three times the work."""

    def __init__(self, progress: Callable[[int, int, str], None] | None, outlines: int, renders: int) -> None:
        self._progress, self._done = progress, 0
        self._total = max(1, outlines + renders)

    def advance(self, text: str) -> None:
        self._done = min(self._done + 1, self._total - 1)
        self.tell(text)

    def tell(self, text: str) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total, text)

    def finish(self) -> None:
        self._done = self._total
        self.tell("done")
