"""Cloth that stands off the body: how what is worn over an outfit, hair and fur change a dressed figure's surface."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..model.dressed import Dressed
from ..model.morphable_model import MorphableModel
from ..model.posing import Rig
from .layers import Layers

_SECTORS = 36
"""Directions about the trunk in which loose cloth hangs."""
_SMOOTHED = 3
"""Passes of averaging over neighbours."""
_WAVES = np.array([[31.0, 9.0, 47.0], [-22.0, 41.0, 18.0], [13.0, -28.0, 83.0], [57.0, 35.0, -26.0]])
"""Creases: waves of 6 to 15 cm, 2π per metre."""
TOPS, BOTTOMS, HANGING = ("top", "dress"), ("shorts", "trousers"), ("skirt", "dress")
"""Regions of garments: on the trunk, around each leg, and around both."""
_STILL = 1.25
"""A skirt longer than this many times its own length is worn only by who stands: it hangs on the thighs."""


@dataclass(frozen=True, eq=False)
class Over:
    """Which vertices of a dressed figure are cloth, and where.

    All (Vd,). top, bottom, hanging: bool, whose garments they are. trunk, arms, legs: float32, how much of each hangs
    on these parts of the rig, hands and feet left out. hair, fur: float32, 1 where they are. template: (Vd, 3).
    triangles: (T, 3).
    """

    template: np.ndarray
    triangles: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    hanging: np.ndarray
    trunk: np.ndarray
    arms: np.ndarray
    legs: np.ndarray
    hair: np.ndarray
    fur: np.ndarray

    @classmethod
    def of(cls, body: MorphableModel, dressed: Dressed[MorphableModel]) -> "Over":
        """Of a figure in an outfit. body: what it wears it on."""
        model = dressed.model
        owner = np.full(model.vertex_count, "", dtype="U64")
        begin = body.vertex_count
        for part in body.parts.values():
            inside = (dressed.rows >= begin) & (dressed.rows < begin + part.vertex_count)
            owner[inside] = part.region
            begin += part.vertex_count
        rig = Rig.of(model)
        nothing = np.zeros(model.vertex_count, np.float32)

        def limbs(whole: str, end: str) -> np.ndarray:
            found = nothing.copy()
            for side in "LR":
                if rig is not None and f"{whole}.{side}" in rig.chains:
                    found += rig.part(f"{whole}.{side}")
                    if f"{end}.{side}" in rig.chains:
                        found -= rig.part(f"{end}.{side}")
            return np.clip(found, 0, 1)

        arms, legs = limbs("upperarm", "hand"), limbs("thigh", "foot")
        head = rig.part("neck") if rig is not None and "neck" in rig.chains else nothing
        return cls(
            model.template,
            model.triangles,
            np.isin(owner, TOPS),
            np.isin(owner, BOTTOMS),
            np.isin(owner, HANGING),
            np.clip(1 - arms - legs - head, 0, 1) if rig is not None else nothing,
            arms,
            legs,
            _share(model, ("hair",)),
            _share(model, ("fur", "belly fur", "mane")),
        )

    def draped(self, vertices: np.ndarray, layers: Layers, still: bool = True) -> np.ndarray:
        """Hang loose tops and skirts before the figure is posed. vertices: (Vd, 3) metres. Returns the same, float32.

        still: whether it will stand.
        """
        out = np.array(vertices, np.float32)
        if layers.loose and self.top.any():
            self._loosen(out, layers.loose)
        if self.hanging.any():
            self._widen(out, layers.flare, layers.length if still else min(layers.length, _STILL))
        return out

    def padded(self, vertices: np.ndarray, layers: Layers) -> np.ndarray:
        """Push cloth, hair and fur outwards, of a posed figure. vertices: (Vd, 3) metres. Returns the same, float32."""
        far = self.top * layers.padding * np.clip(self.trunk + self.arms, 0, 1)
        covered = self.arms * ~self.top if layers.sleeves and self.top.any() else np.zeros_like(self.arms)
        far = far + covered * layers.padding
        far += self.bottom * layers.legs * self._down_the_legs
        cloth = np.clip(self.top + self.bottom + self.hanging + covered, 0, 1)
        waves = np.sin(self.template @ _WAVES.T + np.resize(layers.phase, len(_WAVES))).mean(1)
        far += cloth * layers.creases * waves
        far += self.hair * layers.hair + self.fur * layers.fur
        if not far.any():
            return np.asarray(vertices, np.float32)
        return np.asarray(vertices + far[:, None] * self._normals(vertices), np.float32)

    def _loosen(self, out: np.ndarray, loose: float) -> None:
        """Tops hang from the widest place above, as far as `loose` says."""
        for rows in self._sectors:
            centre = self._axis(out)
            reach = out[rows, :2] - centre
            radius = np.linalg.norm(reach, axis=1)
            wide = np.maximum.accumulate(radius)
            out[rows, :2] += (loose * self.trunk[rows] * (wide / np.maximum(radius, 1e-6) - 1))[:, None] * reach
        rows = self._loose_rows
        if len(rows):
            smooth = out.copy()
            for _ in range(_SMOOTHED):
                smooth[self.top] = self._averaged(smooth)[self.top]
            out[rows] += (loose * self.trunk[rows])[:, None] * (smooth[rows] - out[rows])

    def _widen(self, out: np.ndarray, flare: float, length: float) -> None:
        skirt = self._skirt_rows
        if not len(skirt) or (flare, length) == (0.0, 1.0):
            return
        centre, waist = self._axis(out), out[skirt, 2].max()
        below = waist - out[skirt, 2]
        out[skirt, :2] = centre + (out[skirt, :2] - centre) * (1 + flare * below)[:, None]
        out[skirt, 2] = waist - below * length

    def _axis(self, out: np.ndarray) -> np.ndarray:
        """(2,) where the trunk stands."""
        cloth = (self.top | self.hanging) & (self.trunk > 0.5)
        return np.asarray(out[cloth, :2].mean(0) if cloth.any() else out[:, :2].mean(0))

    @cached_property
    def _loose_rows(self) -> np.ndarray:
        """Vertices of tops below the arms: above them cloth lies on the shoulders."""
        return np.flatnonzero(self.top & (self.trunk > 0.2) & (self.arms < 0.05))

    @cached_property
    def _sectors(self) -> list[np.ndarray]:
        """The same by their direction about the trunk, each from above downwards."""
        rows = self._loose_rows
        if not len(rows):
            return []
        reach = self.template[rows, :2] - self.template[rows, :2].mean(0)
        sector = np.floor((np.arctan2(reach[:, 1], reach[:, 0]) / (2 * np.pi) + 0.5) * _SECTORS).astype(int)
        order = np.lexsort((-self.template[rows, 2], sector))
        return np.split(rows[order], np.flatnonzero(np.diff(sector[order])) + 1)

    @cached_property
    def _skirt_rows(self) -> np.ndarray:
        """Vertices of skirts, and of dresses from the hips downwards."""
        return np.flatnonzero(self.hanging & (self.legs > 0.02))

    @cached_property
    def _down_the_legs(self) -> np.ndarray:
        """(Vd,) 0 at the waist to 1 at the hems of what is around the legs."""
        if not self.bottom.any():
            return np.zeros(len(self.bottom), np.float32)
        z = self.template[:, 2]
        high, low = z[self.bottom].max(), z[self.bottom].min()
        return np.asarray(np.clip((high - z) / max(high - low, 1e-6), 0, 1), np.float32)

    @cached_property
    def _neighbours(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        pairs = np.concatenate([self.triangles[:, [0, 1]], self.triangles[:, [1, 2]], self.triangles[:, [2, 0]]])
        pairs = np.unique(np.sort(pairs, 1), axis=0)
        one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
        return one, other, np.maximum(np.bincount(one, minlength=len(self.template)), 1)

    def _averaged(self, points: np.ndarray) -> np.ndarray:
        one, other, count = self._neighbours
        sums = [np.bincount(one, points[other, axis], len(points)) for axis in range(3)]
        return np.asarray(np.stack(sums, 1) / count[:, None], np.float32)

    def _normals(self, vertices: np.ndarray) -> np.ndarray:
        a, b, c = vertices[self.triangles].swapaxes(0, 1)
        faces = np.cross(b - a, c - a)
        corners = self.triangles.ravel()
        sums = [np.bincount(corners, np.repeat(faces[:, axis], 3), len(vertices)) for axis in range(3)]
        found = np.stack(sums, 1)
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12), np.float32)


def _share(model: MorphableModel, names: tuple[str, ...]) -> np.ndarray:
    """(V,) how many of the faces around a vertex are of these regions."""
    inside = np.zeros(model.face_count, bool)
    for name in names:
        inside |= model.regions.get(name, False)
    sizes = np.diff(model.face_offsets)
    corners = model.corner_vertices
    counts = np.bincount(corners, minlength=model.vertex_count)
    return np.asarray(
        np.bincount(corners, np.repeat(inside, sizes), model.vertex_count) / np.maximum(counts, 1), np.float32
    )
