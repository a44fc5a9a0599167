"""Pictures to shapes without a window: read, cut, embed, fit, refine; one subject a picture, or all of one subject."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...blender.pictures import read_picture
from ...core.errors import SemantifyError
from ...core.fitting.camera import Camera, ViewAngles, camera_of_cut
from ...core.fitting.choose import Tools
from ...core.fitting.fit import Fit, refined_fit
from ...core.fitting.known import Known
from ...core.fitting.looks_fit import Render
from ...core.fitting.refine import refine
from ...core.mapper import Mapper
from ...core.model.posing import Rig
from ...core.model.rotations import from_vectors
from ...core.pictures.crop import Cut
from ...core.pictures.picture import Box
from ...core.pictures.seeking import NoSubjectError
from ...processes.requests import FitRequest
from ..progress import Progress


@dataclass(frozen=True)
class PicturedSubject:
    """One subject and its pictures. name: for files, unique in a run. boxes: the user's crops, None where none."""

    name: str
    paths: tuple[Path, ...]
    boxes: tuple[Box | None, ...]


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture as it was used.

    box: the user's crop. size: width and height of the picture, pixels. camera: it was taken with. limbs: how they are
    held in it, joint -> (3, 3) rotation, as joints or Refine tell. pose: joint -> rotation vector (3,), degrees, in the
    figure's axes, where joints were seen. outfit: of the model's, in which the outline was compared, None where none.
    """

    path: Path
    box: Box | None
    size: tuple[int, int]
    cut: Cut
    camera: Camera
    limbs: dict[str, np.ndarray] = field(default_factory=dict)
    pose: dict[str, np.ndarray] = field(default_factory=dict)
    outfit: str | None = None

    def shown(self) -> dict[str, Any]:
        """All that the sheet needs to show it again, as JSON."""
        limbs = {name: np.round(rotation, 6).tolist() for name, rotation in self.limbs.items()}
        # NumPy's own numbers are none of JSON's
        camera = {name: np.asarray(value, np.float64).tolist() for name, value in asdict(self.camera).items()}
        return {"path": str(self.path), "box": self.box, "camera": camera, "limbs": limbs, "outfit": self.outfit}


@dataclass(frozen=True, eq=False)
class Result:
    """One subject's shape. measure: refine's, before and after, lower is better."""

    name: str
    seen: tuple[Seen, ...]
    fit: Fit
    height: float | None
    measure: tuple[float, float] | None = None


@dataclass(frozen=True)
class Failure:
    """A picture that could not be used, and the sentence that says why."""

    path: Path
    message: str


def subjects_of(paths: Sequence[Path], boxes: Sequence[Box | None], together: bool) -> list[PicturedSubject]:
    """Name the subjects after their (first) picture; pictures of one name get numbers.

    boxes: none, one for all pictures, or one a picture. Raises SemantifyError for another number of them.
    """
    if len(boxes) not in (0, 1, len(paths)):
        raise SemantifyError(
            f"--crop was given {len(boxes)} times for {len(paths)} pictures: give it once, or once a picture in order"
        )
    each = list(boxes) if len(boxes) == len(paths) else [boxes[0] if boxes else None] * len(paths)
    if together:
        return [PicturedSubject(_name_of(paths[0]), tuple(paths), tuple(each))]
    taken: set[str] = set()
    found = []
    for path, box in zip(paths, each, strict=True):
        plain = name = _name_of(path)
        number = 1
        while name.lower() in taken:  # the same file on a file system that does not tell cases apart
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.lower())
        found.append(PicturedSubject(name, (path,), (box,)))
    return found


def known_of(request: FitRequest) -> Known:
    """What is known of each subject. A request has girths in centimetres, as people give them."""
    chest, waist, hips = (
        None if girth is None else girth / 100 for girth in (request.chest, request.waist, request.hips)
    )
    return Known(request.height, request.sex, request.weight, chest, waist, hips)


def locked_sliders(locks: Sequence[tuple[str, float]], mapper: Mapper) -> tuple[np.ndarray, np.ndarray]:
    """Which sliders stay (d,) bool, and where the sliders are (d,). locks: words and their positions, −1..1.

    Raises SemantifyError for an unknown word.
    """
    locked, sliders = np.zeros(len(mapper.descriptors), bool), np.zeros(len(mapper.descriptors), np.float32)
    for word, value in locks:
        if word not in mapper.descriptors:
            raise SemantifyError(
                f"--lock {word!r}: this mapper has no such slider: give one of {', '.join(mapper.descriptors)}"
            )
        index = mapper.descriptors.index(word)
        locked[index], sliders[index] = True, value
    return locked, sliders


def _name_of(path: Path) -> str:
    """A picture's name for people and for files; bytes in it that are no Unicode become _."""
    return re.sub("[\ud800-\udfff]", "_", path.stem)


Usable = tuple[Path, Box | None, tuple[int, int], Cut]
"""A picture that could be read and cut: its file, the user's crop, width and height, and the cut."""


def fit_subject(
    subject: PicturedSubject, tools: Tools, request: FitRequest, progress: Progress, render: Render | None = None
) -> Iterator[Result | Failure]:
    """Fit one subject; a picture that cannot be used is told and the others are.

    Raises SemantifyError for what is wrong with the shape that is asked for, not with a picture.
    """
    usable: list[Usable] = []
    for path, box in zip(subject.paths, subject.boxes, strict=True):
        try:
            picture = read_picture(path)
            usable.append((path, box, picture.full_size, tools.cut(picture, box, request.force, request.refine)))
        except NoSubjectError as error:
            yield Failure(path, f"{error}{_ways_out(error)}")
        except SemantifyError as error:
            yield Failure(path, str(error))
    if usable:
        yield _fit(subject.name, usable, tools, request, progress, render)


def _ways_out(refusal: NoSubjectError) -> str:
    """What the command line has for a picture that is refused."""
    if refusal.crop is None:
        return ", or insist with --force"
    return f" (--crop {','.join(f'{side:.0f}' for side in refusal.crop)}), or insist with --force"


def _fit(
    name: str,
    usable: Sequence[Usable],
    tools: Tools,
    request: FitRequest,
    progress: Progress,
    render: Render | None,
) -> Result:
    model, mapper = tools.model, tools.mapper
    known = known_of(request)
    cuts = [cut for *_, cut in usable]
    locked, sliders = locked_sliders(request.lock, mapper)
    fit = tools.fit(cuts, known, locked, sliders)
    poses = fit.poses or (None,) * len(cuts)
    turns: Sequence[dict[str, np.ndarray]] = [{} if pose is None else pose.turns for pose in poses]
    limbs: Sequence[dict[str, np.ndarray]] = [_rotations(held) for held in turns]
    worn = ["" if pose is None else pose.worn for pose in poses]
    cameras: Sequence[Camera] = ()
    measure = None
    if request.refine:
        # where every outline is known it says more than looks, which also tell of clothes and light: on twelve bodies
        # outlines alone took 29 % off the error, outlines and looks 10 %
        outlined = all(cut.mask is not None for cut in cuts)
        refined = refine(
            model,
            Rig.of(model),
            cuts,
            fit.estimate,
            known,
            None if outlined else tools.encoder,
            None if outlined else render,
            progress=_steps(progress, name),
            shown=fit.shown,
        )
        shape, open_ = refined.coefficients, refined.covariance
        photographed = any(cut.photographed for cut in cuts)
        fit = refined_fit(fit, shape, open_, tools.fitter, mapper, model, known, locked, sliders, photographed)
        cameras, limbs, worn = refined.cameras, refined.limbs, list(refined.worn)
        # the joints of who stands cut out are not refined
        turns = [after or before for after, before in zip(refined.turns, turns, strict=True)]
        measure = (refined.measure_before, refined.measure_after)
    vertices = model.vertices(fit.coefficients)
    if not cameras:
        views = fit.views or (ViewAngles(),) * len(cuts)
        cameras = [
            camera_of_cut(vertices, view, cut.mask) if pose is None else pose.camera
            for cut, view, pose in zip(cuts, views, poses, strict=True)
        ]
    seen = tuple(
        Seen(path, box, size, cut, camera, held, pose, outfit or None)
        for (path, box, size, cut), camera, held, pose, outfit in zip(usable, cameras, limbs, turns, worn, strict=True)
    )
    height = float(np.ptp(vertices[:, 2])) if model.framing.floor else None
    return Result(name, seen, fit, height, measure)


def _rotations(turns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {joint: from_vectors(vector) for joint, vector in turns.items()}


def _steps(progress: Progress, name: str) -> Callable[[int, int, str], None]:
    """Refine's own steps as events, so that a window can show them; in text they would only be noise."""

    def tell(done: int, total: int, text: str) -> None:
        progress.event("step", name=name, done=done, total=total, text=text)

    return tell
