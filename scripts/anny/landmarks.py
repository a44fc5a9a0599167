"""Girth loops, landmarks and face regions of the Anny body, found on the mean shape from geometry and bone weights."""

import numpy as np

UP = (0.0, 0.0, 1.0)
ARM_BONES = ("clavicle", "shoulder", "upperarm", "lowerarm", "wrist", "finger", "metacarpal")


class BodyParts:
    """The mean body with what is needed to find its parts.

    vertices: (V, 3) metres, feet on the floor. faces: (F, 4). weights: (V, B) skin weights. bones: the B names.
    segments: name -> (F,) bool, Anny's own segmentation.
    """

    def __init__(
        self,
        vertices: np.ndarray,
        faces: np.ndarray,
        weights: np.ndarray,
        bones: list[str],
        segments: dict[str, np.ndarray],
    ) -> None:
        self.vertices, self.faces, self.segments = vertices, faces, segments
        self.weights, self.bones = weights, bones
        self.centres = vertices[faces].mean(1)
        self.skin = segments["body"] | segments["head"] | segments["hand.L"] | segments["hand.R"]

    def influence(self, *prefixes: str) -> np.ndarray:
        """Summed weight of all bones whose name starts with a prefix. Returns (V,)."""
        return self.weights[:, [bone.startswith(prefixes) for bone in self.bones]].sum(1)

    def of_faces(self, *prefixes: str) -> np.ndarray:
        """`influence` averaged over each face's corners. Returns (F,)."""
        return self.influence(*prefixes)[self.faces].mean(1)

    def loop(
        self, height: float, faces: np.ndarray, axis: tuple[float, float, float] | np.ndarray = UP
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where the edges of `faces` cross the plane at `height` along a unit axis.

        Returns in order around: edges (P, 2) int32, weights (P,) float32.
        """
        along = self.vertices @ np.asarray(axis)
        quads = self.faces[faces]
        edges = np.unique(np.sort(np.concatenate([quads[:, [i, (i + 1) % 4]] for i in range(4)]), 1), axis=0)
        z = along[edges]
        edges = edges[(z[:, 0] - height) * (z[:, 1] - height) < 0]
        z = along[edges]
        w = ((height - z[:, 0]) / (z[:, 1] - z[:, 0])).astype(np.float32)
        points = self.vertices[edges[:, 0]] * (1 - w)[:, None] + self.vertices[edges[:, 1]] * w[:, None]
        offset = points - points.mean(0)
        # seen along the axis; along z that is from above, x to the right and y up
        right = np.cross((0.0, 1.0, 0.0), axis)
        order = np.argsort(np.arctan2(offset @ np.cross(axis, right), offset @ right))
        return edges[order].astype(np.int32), w[order]

    def smooth(self, mask: np.ndarray, steps: int = 8) -> np.ndarray:
        """Blur a face mask over neighbouring faces and cut it at one half: no zigzag hems. mask: (F,) bool."""
        owner = np.arange(len(self.faces)).repeat(4)
        value = mask.astype(float)
        count = np.bincount(self.faces.ravel(), minlength=len(self.vertices))
        for _ in range(steps):
            at_vertices = np.bincount(self.faces.ravel(), value[owner], len(self.vertices)) / np.maximum(count, 1)
            value = at_vertices[self.faces].mean(1)
        return value > 0.5

    def girth(self, height: float, faces: np.ndarray) -> float:
        """Length of the loop at a height, metres."""
        edges, w = self.loop(height, faces)
        points = self.vertices[edges[:, 0]] * (1 - w)[:, None] + self.vertices[edges[:, 1]] * w[:, None]
        return float(np.linalg.norm(points - np.roll(points, 1, 0), axis=1).sum())


def crotch_vertex(parts: BodyParts) -> int:
    """Lowest vertex on the midline between the legs."""
    v = parts.vertices
    middle = (np.abs(v[:, 0]) < 0.004) & (parts.influence("pelvis", "upperleg", "root", "spine05") > 0.5)
    return int(np.flatnonzero(middle)[v[middle, 2].argmin()])


def measurement_arrays(parts: BodyParts) -> dict[str, np.ndarray]:
    """The girth/… and landmark/… arrays of `core.model.measurements` for this mesh."""
    v = parts.vertices
    torso = parts.skin & (parts.of_faces(*ARM_BONES) < 0.5) & (parts.of_faces("head", "neck") < 0.5)
    crotch = crotch_vertex(parts)
    crotch_z = v[crotch, 2]
    shoulder_z = v[parts.influence("upperarm01") > 0.5, 2].max()
    span = shoulder_z - crotch_z
    levels = np.linspace(crotch_z + 0.02, shoulder_z - 0.05, 120)
    girths = np.array([parts.girth(z, torso) for z in levels])
    between = (levels > crotch_z + 0.3 * span) & (levels < crotch_z + 0.65 * span)
    waist_z = levels[between][girths[between].argmin()]
    below = levels < crotch_z + 0.25 * span
    hip_z = levels[below][girths[below].argmax()]
    # the bust: where the torso's front reaches furthest between waist and shoulder
    chest = parts.influence("spine", "breast") > 0.5
    chest &= (v[:, 2] > waist_z + 0.08) & (v[:, 2] < shoulder_z - 0.05)
    chest_z = v[np.flatnonzero(chest)[v[chest, 1].argmin()], 2]
    left_thigh = parts.skin & (parts.of_faces("upperleg", "pelvis.L") > 0.5) & (parts.centres[:, 0] > 0)
    found: dict[str, np.ndarray] = {}
    for name, z, faces in (
        ("waist", waist_z, torso),
        ("hip", hip_z, torso),
        ("chest", chest_z, torso),
        ("belly", 0.6 * waist_z + 0.4 * hip_z, torso),
        ("thigh", crotch_z - 0.06, left_thigh),
    ):
        found[f"girth/{name}/edges"], found[f"girth/{name}/weights"] = parts.loop(z, faces)
    for name, bones in (("upper arm", ("upperarm01.L", "upperarm02.L")), ("forearm", ("lowerarm01.L",))):
        found[f"girth/{name}/edges"], found[f"girth/{name}/weights"] = _around_arm(parts, bones)
    found["landmark/crotch"] = np.array([crotch], np.int32)
    neck = parts.influence("neck01") > 0.3
    found["landmark/neck"] = np.flatnonzero(neck).astype(np.int32)
    for side in ("L", "R"):
        # the point of the shoulder: the outermost fifth of what follows both shoulder and upper arm
        joint = np.flatnonzero(
            (parts.influence(f"shoulder01.{side}") > 0.2) & (parts.influence(f"upperarm01.{side}") > 0.2)
        )
        outermost = np.argsort(-np.abs(v[joint, 0]))[: max(8, len(joint) // 5)]
        found[f"landmark/shoulder.{side}"] = joint[outermost].astype(np.int32)
    return found


def _around_arm(parts: BodyParts, bones: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The loop around the left arm in the middle of what some of its bones move, square to the arm."""
    joints = [parts.vertices[parts.influence(bone) > 0.5].mean(0) for bone in ("upperarm01.L", "lowerarm02.L")]
    axis = (joints[1] - joints[0]) / np.linalg.norm(joints[1] - joints[0])
    middle = parts.vertices[parts.influence(*bones) > 0.5].mean(0)
    arm = parts.skin & (parts.of_faces("upperarm", "lowerarm") > 0.5) & (parts.centres[:, 0] > 0)
    return parts.loop(float(middle @ axis), arm, axis)


def face_regions(parts: BodyParts, lip_motion: np.ndarray) -> dict[str, np.ndarray]:
    """Region name -> (F,) bool, later regions win: skin, hair, brows, lips, top, shorts, mouth, tongue, eyes, iris,
    pupil.

    lip_motion: (V,) how far vertices move, in metres, under Anny's lip changes.
    """
    v, c = parts.vertices, parts.centres
    head = parts.of_faces("head") > 0.9
    skull = v[parts.influence("head") > 0.9]
    top_z, chin_z = skull[:, 2].max(), skull[:, 2].min()
    tall = top_z - chin_z
    front, back = skull[:, 1].min(), skull[:, 1].max()
    depth = (c[:, 1] - front) / (back - front)
    up = (c[:, 2] - chin_z) / tall
    # hairline: high on the forehead, falling behind the ears to the nape
    hair = (
        head & parts.segments["head"] & (up > np.interp(depth, [0.0, 0.3, 0.5, 0.62, 1.0], [0.9, 0.86, 0.7, 0.3, 0.2]))
    )
    crotch_z = v[crotch_vertex(parts), 2]
    shoulder_z = v[parts.influence("upperarm01") > 0.5, 2].max()
    span = shoulder_z - crotch_z
    waist_z = crotch_z + 0.30 * span
    arms = parts.of_faces("upperarm02", "lowerarm", "wrist", "finger", "metacarpal")
    body = parts.segments["body"]
    top = body & (c[:, 2] > waist_z - 0.02) & (arms < 0.35)
    neckline = shoulder_z + 0.06 * np.clip(1 - np.abs(c[:, 0]) / 0.12, 0, 1) - 0.05
    top &= (parts.of_faces("neck", "head") < 0.3) & (c[:, 2] < np.where(np.abs(c[:, 0]) < 0.11, neckline, np.inf))
    shorts = body & (c[:, 2] < waist_z) & (c[:, 2] > crotch_z - 0.11)
    shorts &= parts.of_faces("pelvis", "upperleg", "root", "spine") > 0.5
    fronts = [parts.segments[f"eye_front.{side}"] for side in "LR"]
    eyes = np.any([*fronts, parts.segments["eye_back.L"], parts.segments["eye_back.R"]], axis=0)
    iris, pupil = (np.any([_disc(parts, front, share) for front in fronts], axis=0) for share in (0.75, 0.35))
    mouth = parts.segments["mouth_cavity"]
    faces = parts.faces
    lips = parts.segments["head"] & (lip_motion[faces].mean(1) > 0.35 * lip_motion.max())
    brows = parts.segments["head"] & _brow_band(parts, eyes)
    return {
        "skin": np.ones(len(faces), bool),
        "hair": hair & parts.smooth(hair),
        "brows": brows,
        "lips": lips,
        "top": parts.smooth(top) & body,
        "shorts": parts.smooth(shorts) & body,
        "mouth": mouth,
        "tongue": parts.segments["tongue"],
        "eyes": eyes,
        "iris": iris,
        "pupil": pupil,
    }


def _brow_band(parts: BodyParts, eyes: np.ndarray) -> np.ndarray:
    """(F,) bool: two bands above the eyes, in units of the distance between the eyes; slightly arched."""
    centres = parts.centres
    eye = centres[eyes & (centres[:, 0] > 0)].mean(0)
    spacing = 2 * eye[0]
    x, z = np.abs(centres[:, 0]) / spacing, (centres[:, 2] - eye[2]) / spacing
    middle = 0.40 + 0.08 * np.sin(np.pi * np.clip((x - 0.2) / 0.7, 0, 1))
    return (x > 0.2) & (x < 0.85) & (np.abs(z - middle) < 0.07) & (centres[:, 1] < eye[1] + 0.35 * spacing)


def _disc(parts: BodyParts, front: np.ndarray, share: float) -> np.ndarray:
    """(F,) bool: the middle of an eye's front, out to a share of its radius."""
    middle = parts.vertices[parts.faces[front]].mean((0, 1))
    away = np.linalg.norm(parts.centres[:, [0, 2]] - middle[[0, 2]], axis=1)
    return front & (away < share * away[front].max())
