"""Files in the formats and sizes of SMPL, SMPL-X, FLAME and SMAL with content of our own, for tests.

The real files may not be passed on. These have the same keys, shapes, dtypes and containers, pickled by Python 2's
rules where the originals are (protocol 2, chumpy objects, scipy.sparse regressors), and meshes that look like a figure
when they are rendered: smooth lathes with the families' numbers of vertices, smooth random directions, working
skeletons.
"""

import pickle
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

VERTICES = {"smpl": 6890, "smplx": 10475, "flame": 5023, "smal": 3889}
FACES = {"smpl": 13776, "smplx": 20908, "flame": 9976, "smal": 7774}
JOINTS = {"smpl": 24, "smplx": 55, "flame": 5, "smal": 33}
COLUMNS = {"smpl": 10, "smplx": 400, "flame": 400, "smal": 41}
UPPER_LIP, LOWER_LIP = 3531, 3504
EYE = 546


def write_smpl(path: Path, layout: str = "pkl", columns: int = 10, seed: int = 0) -> dict[str, Any]:
    """A SMPL file. layout: "chumpy" (1.0 .pkl), "pkl" (1.1) or "npz". Returns its content as plain arrays."""
    data = _body("smpl", columns, seed)
    _write(path, data, layout, chumpy=("shapedirs", "v_template", "weights", "posedirs"))
    return data


def write_smplx(path: Path, layout: str = "npz", columns: int = 400, seed: int = 1) -> dict[str, Any]:
    """A SMPL-X file, with the hands and landmarks that smplx asks for, and UV. layout: "npz" or "pkl"."""
    data = _body("smplx", columns, seed)
    rng = np.random.default_rng(seed)
    for side in "lr":
        data[f"hands_components{side}"] = rng.normal(0, 0.1, (45, 45))
        data[f"hands_mean{side}"] = rng.normal(0, 0.2, 45)
    data["lmk_faces_idx"] = np.arange(51)
    data["lmk_bary_coords"] = np.full((51, 3), 1 / 3)
    data["vt"], data["ft"] = _uv(data["v_template"], data["f"])
    if layout == "npz":
        data["part2num"] = np.array({"head": 15}, object)  # the real ones hold pickled objects too
    _write(path, data, layout)
    return data


def write_flame(path: Path, layout: str = "chumpy", columns: int = 400, seed: int = 2) -> dict[str, Any]:
    """A FLAME file: a head with an open mouth and two eyeballs. layout: "chumpy", "pkl" or "npz"."""
    rng = np.random.default_rng(seed)
    head = VERTICES["flame"] - 2 * EYE
    template, faces, (low, high) = _head(head)
    eyes = []
    for side in (1, -1):
        ball, ball_faces = _lathe(EYE, lambda t: 0.012 * np.sin(np.pi * t), 0.024)
        eyes.append((ball + np.array([side * 0.031, 0.03, 0.075]), ball_faces + head + EYE * (side < 0)))
    template = np.concatenate([template, *(ball for ball, _ in eyes)])
    faces = np.concatenate([faces, *(ball_faces for _, ball_faces in eyes)])
    order = np.arange(len(template))
    for wanted, have in ((UPPER_LIP, high), (LOWER_LIP, low)):
        # the authors' lip vertices have these numbers
        order[[wanted, np.flatnonzero(order == have)[0]]] = order[[np.flatnonzero(order == have)[0], wanted]]
    place = np.argsort(order)
    template, faces = template[order], place[faces]
    faces = _open_at_the_bottom(template, faces, FACES["flame"])
    joints = np.array([[0, -0.1, 0], [0, -0.02, 0], [0, -0.01, 0.02], [0.031, 0.03, 0.075], [-0.031, 0.03, 0.075]])
    data = {
        "v_template": template,
        "f": faces.astype(np.uint32),
        "shapedirs": _directions(rng, template, columns, 0.002),
        "posedirs": rng.normal(0, 1e-4, (len(template), 3, 36)),
        "J_regressor": _regressor(template, joints),
        "kintree_table": np.array([[2**32 - 1, 0, 1, 1, 1], range(5)], np.uint32),
        "weights": _weights(template, joints),
        "bs_style": "lbs",
        "bs_type": "lrotmin",
    }
    _write(path, data, layout, chumpy=("shapedirs", "v_template", "J"))
    return data


def write_smal(path: Path, means: Path | None = None, layout: str = "chumpy", seed: int = 3) -> dict[str, Any]:
    """A SMAL file and that of the family means. Lengthwise along X, Z up, the nose at +X. layout: "chumpy" or "npz"."""
    rng = np.random.default_rng(seed)
    shape, faces = _lathe(VERTICES["smal"], lambda t: 0.16 + 0.1 * np.sin(2 * np.pi * t), 1.3)
    template = shape[:, [1, 0, 2]]
    template[:, 2] += 0.4 * np.abs(np.sin(5 * template[:, 0])) * (template[:, 2] < -0.1) * -1.5
    nose = int(template[:, 0].argmax())
    order = np.arange(len(template))
    order[[1863, nose]] = order[[nose, 1863]]
    template, faces = template[order], np.argsort(order)[faces]
    data = {
        "v_template": template,
        "f": faces.astype(np.uint32),
        "shapedirs": _directions(rng, template, 41, 0.02),
        "posedirs": rng.normal(0, 1e-4, (len(template), 3, 9 * 32)),
        "J_regressor": _regressor(template, template[rng.integers(0, len(template), 33)]),
        "kintree_table": np.array([[2**32 - 1, *range(32)], range(33)], np.uint32),
        "weights": _weights(template, template[rng.integers(0, len(template), 33)]),
    }
    _write(path, data, layout, chumpy=("shapedirs", "posedirs", "weights"))
    if means is not None:
        content = {"cluster_means": [rng.normal(0, 0.7, 41) for _ in range(5)], "eigenvals": rng.random(41)}
        means.write_bytes(pickle.dumps(content, 2))
        return data | content
    return data


def write_masks(path: Path, lips: np.ndarray) -> None:
    """A FLAME_masks.pkl."""
    path.write_bytes(pickle.dumps({"lips": lips, "face": np.arange(2000)}, 2))


def write_uv_obj(path: Path, template: np.ndarray, faces: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """An .obj with vt, its faces in another order and beginning with other corners. Returns vt and ft of the model."""
    vt, ft = _uv(template, faces)
    rng = np.random.default_rng(seed)
    lines = [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in template] + [f"vt {u:.6f} {v:.6f}" for u, v in vt]
    for i in rng.permutation(len(faces)):
        corners = np.roll(np.stack([faces[i], ft[i]], 1) + 1, rng.integers(3), 0)
        lines.append("f " + " ".join(f"{v}/{t}" for v, t in corners))
    path.write_text("\n".join(lines) + "\n")
    return vt, ft


def _body(family: str, columns: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    if family == "smplx":
        template, faces = _lathe(VERTICES[family] - 2 * EYE, _figure, 1.75)
        parts, triangles, first = [template], [faces], len(template)
        for side in (1, -1):
            ball, ball_faces = _lathe(EYE, lambda t: 0.012 * np.sin(np.pi * t), 0.024)
            parts.append(ball + np.array([side * 0.031, 0.72, 0.1]))
            triangles.append(ball_faces + first)
            first += EYE
        template, faces = np.concatenate(parts), np.concatenate(triangles)
    else:
        template, faces = _lathe(VERTICES[family], _figure, 1.75)
    faces = _open_at_the_bottom(template, faces, FACES[family])
    count = JOINTS[family]
    joints = np.stack([rng.uniform(-0.3, 0.3, count), rng.uniform(-0.8, 0.8, count), np.zeros(count)], 1)
    joints[[0, 1, 2, 16, 17]] = [[0, 0.1, 0], [0.1, 0, 0], [-0.1, 0, 0], [0.2, 0.5, 0], [-0.2, 0.5, 0]]
    parents = np.array([2**32 - 1, *(rng.integers(0, j) for j in range(1, count))])
    return {
        "v_template": template,
        "f": faces.astype(np.uint32),
        "shapedirs": _directions(rng, template, columns, 0.01),
        "posedirs": rng.normal(0, 1e-3, (len(template), 3, 9 * (count - 1))).astype(np.float32),
        "J_regressor": _regressor(template, joints),
        "kintree_table": np.stack([parents, np.arange(count)]).astype(np.uint32),
        "weights": _weights(template, joints),
        "bs_style": "lbs",
        "bs_type": "lrotmin",
    }


def _figure(t: np.ndarray) -> np.ndarray:
    """Radius of a skittle: foot, belly, neck, head."""
    return np.sqrt(np.sin(np.pi * t)) * (0.16 + 0.06 * np.cos(6.5 * t) - 0.1 * np.exp(-(((t - 0.84) / 0.06) ** 2)))


def _lathe(count: int, radius: Callable[[np.ndarray], np.ndarray], height: float) -> tuple[np.ndarray, np.ndarray]:
    """A closed lathe along Y with exactly `count` vertices and triangles all around: (count, 3), (F, 3)."""
    segments = max(8, int(np.sqrt(count / 1.6)))
    rings = (count - 2) // segments
    spare = count - 2 - rings * segments
    t = (np.arange(rings) + 1) / (rings + 1)
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    r = radius(t)
    points = [[r[i] * np.sin(a), height * (t[i] - 0.5), r[i] * np.cos(a)] for i in range(rings) for a in angle]
    points += [[0, -height / 2, 0], [0, height / 2, 0]]
    faces = []
    for i in range(rings - 1):
        for s in range(segments):
            a, b = i * segments + s, i * segments + (s + 1) % segments
            faces += [[a, b, b + segments], [a, b + segments, a + segments]]
    bottom, last = rings * segments, (rings - 1) * segments
    for s in range(segments):
        faces += [[(s + 1) % segments, s, bottom], [last + s, last + (s + 1) % segments, bottom + 1]]
    # the rest splits faces in the middle, one vertex each
    for extra in range(spare):
        a, b, c = faces[extra]
        points.append(np.mean([points[a], points[b], points[c]], 0).tolist())
        n = len(points) - 1
        faces[extra] = [a, b, n]
        faces += [[b, c, n], [c, a, n]]
    return np.array(points), np.array(faces)


def _head(count: int) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """A head facing +Z with a slit for a mouth: vertices, faces, and the middles of the lower and the upper lip."""
    slits = 13
    template, faces = _lathe(count - slits, lambda t: 0.085 * np.sqrt(np.sin(np.pi * t)), 0.26)
    ring = np.abs(template[:, 1] + 0.045).argmin()
    segments = max(8, int(np.sqrt((count - slits) / 1.6)))
    first = ring // segments * segments
    turns = np.arange(slits) - slits // 2
    upper = first + turns % segments
    twins = len(template) + np.arange(slits)
    # faces below the slit get vertices of their own: the mesh is open along it
    below = template[faces][..., 1].mean(1) < template[first, 1]
    inner = {int(u): int(w) for u, w in zip(upper[1:-1], twins[1:-1], strict=True)}
    for i in np.flatnonzero(below):
        faces[i] = [inner.get(int(v), int(v)) for v in faces[i]]
    template = np.concatenate([template, template[upper] - [0, 0.001, 0]])
    # the two ends are not used by a slit: attach them so that no vertex is loose
    for end in (0, -1):
        a, b, c = faces[end]
        template[twins[end]] = template[[a, b, c]].mean(0)
        faces = np.concatenate([faces, [[b, c, twins[end]], [c, a, twins[end]]]])
        faces[0 if end == 0 else len(faces) - 3] = [a, b, twins[end]]
    middle = slits // 2
    return template, faces, (int(twins[middle]), int(upper[middle]))


def _open_at_the_bottom(template: np.ndarray, faces: np.ndarray, count: int) -> np.ndarray:
    """Leave out as many of the faces around the lowest vertex as are too many: the real meshes have holes too."""
    around = np.flatnonzero((faces == template[:, 1].argmin()).any(1))
    return np.delete(faces, around[: len(faces) - count], 0)


def _directions(rng: np.random.Generator, template: np.ndarray, columns: int, size: float) -> np.ndarray:
    """(V, 3, columns): smooth waves over the template, smaller from column to column."""
    scale = np.ptp(template, 0).max()
    waves = rng.normal(0, 3 / scale, (3, columns, 3))
    phase = rng.uniform(0, 2 * np.pi, (3, columns))
    fields = np.stack([np.sin(template @ waves[axis].T + phase[axis]) for axis in range(3)], 1)
    return fields * (size / np.sqrt(1 + np.arange(columns)))


def _regressor(template: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """(J, V): each joint is the mean of the 8 vertices nearest to it."""
    regressor = np.zeros((len(joints), len(template)))
    for j, joint in enumerate(joints):
        regressor[j, np.argsort(((template - joint) ** 2).sum(1))[:8]] = 1 / 8
    return regressor


def _weights(template: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """(V, J): soft, rows sum to 1."""
    distance = np.linalg.norm(template[:, None] - joints[None], axis=2)
    weights = np.exp(-((distance / (0.3 * np.ptp(template, 0).max())) ** 2) * 8) + 1e-9
    return weights / weights.sum(1, keepdims=True)


def _uv(template: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(T, 2), (F, 3): a cylinder's UV with a seam, so that there are more of them than vertices."""
    angle = np.arctan2(template[:, 0], template[:, 2]) / (2 * np.pi) + 0.5
    height = (template[:, 1] - template[:, 1].min()) / np.ptp(template[:, 1])
    u = angle[faces]
    wrapped = (np.ptp(u, axis=1) > 0.5)[:, None] & (u < 0.5)
    vt = np.concatenate([np.stack([angle, height], 1), np.stack([angle + 1, height], 1)])
    return vt, np.where(wrapped, faces + len(template), faces).astype(np.uint32)


def _write(path: Path, data: dict[str, Any], layout: str, chumpy: tuple[str, ...] = ()) -> None:
    if layout == "npz":
        np.savez(path, **data)
        return
    from scipy.sparse import csc_matrix

    data = data | {"J_regressor": csc_matrix(data["J_regressor"])}
    if layout == "pkl":
        path.write_bytes(pickle.dumps(data, 2))
        return
    with chumpy_shells() as modules:
        content = {}
        for name, value in data.items():
            content[name] = modules["Ch"](value) if name in chumpy else value
        if "v_template" in chumpy:
            # some files hold a chosen part of a larger array: here all of it, backwards twice
            flat = data["v_template"].ravel()
            backwards = np.arange(flat.size)[::-1]
            content["v_template"] = modules["Select"](modules["Ch"](flat[::-1].copy()), backwards, (flat.size // 3, 3))
        path.write_bytes(pickle.dumps(content, 2))


@contextmanager
def chumpy_shells() -> Iterator[dict[str, type]]:
    """Modules called chumpy whose objects pickle under chumpy's names with chumpy's state, while the block runs."""

    class Ch:
        def __init__(self, x: np.ndarray | None = None) -> None:
            if x is not None:
                self.x = x
            self._dirty_vars = {"x"}
            self._itr = None
            self._depends_on_deps: dict = {}

        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return np.asarray(self.r, dtype)

        @property
        def r(self) -> np.ndarray:
            return self.x

        @property
        def shape(self) -> tuple[int, ...]:
            return self.r.shape

        def __getitem__(self, index: Any) -> np.ndarray:
            return self.r[index]

    class Select(Ch):
        def __init__(self, a: Ch, idxs: np.ndarray, preferred_shape: tuple[int, ...]) -> None:
            super().__init__()
            self.a, self.idxs, self.preferred_shape = a, idxs, preferred_shape

        @property
        def r(self) -> np.ndarray:
            return self.a.r.ravel()[self.idxs].reshape(self.preferred_shape)

    package, ch, reordering = (types.ModuleType(n) for n in ("chumpy", "chumpy.ch", "chumpy.reordering"))
    for cls, module in ((Ch, ch), (Select, reordering)):
        cls.__module__, cls.__qualname__ = module.__name__, cls.__name__
        setattr(module, cls.__name__, cls)
    names = {"chumpy": package, "chumpy.ch": ch, "chumpy.reordering": reordering}
    before = {name: sys.modules.get(name) for name in names}
    sys.modules.update(names)
    try:
        yield {"Ch": Ch, "Select": Select}
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
