"""All garments on bodies: patterns cut once, on the typical body, and hung on any others."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from scripts.anny.base_mesh import BaseSource, base_groups
from scripts.anny.cuts import Cuts, Points
from scripts.anny.drape import CLEARANCE, Skin, drape
from scripts.anny.garments import COVER, Pattern, Tailor
from scripts.anny.hems import hem_faces, hemmed
from scripts.anny.parts import body_parts
from scripts.anny.shells import Shell

OVER = 0.004
"""Metres between a garment and one that is worn over it."""
_ARM = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
SKIN = 13380
"""The first base vertices are the body's skin."""


@dataclass(eq=False)
class Wardrobe:
    """Garments for the bodies of a source."""

    source: BaseSource

    @cached_property
    def typical(self) -> np.ndarray:
        """(19158, 3) base vertices of the body that garments are cut on, metres, feet on the floor."""
        base = self.source.typical_base()
        return np.asarray(base - [0, 0, base[self.source.body_rows, 2].min()])

    @cached_property
    def patterns(self) -> dict[str, Pattern]:
        """Garments, those that others are worn over first."""
        group = base_groups()["helper-tights"]
        tights = Shell.of(group.faces, group.uv, self.typical)
        cuts = Cuts(self.typical)
        below = (np.arange(len(self.typical)) < SKIN) & (self.typical[:, 2] < cuts.waist + 0.05) & (self._arm < 0.1)
        return Tailor(tights, self._arm, cuts, np.flatnonzero(below)).all()

    @cached_property
    def _arm(self) -> np.ndarray:
        """(19158,) how much of each base vertex is arm; that of tights is the skin's beside them."""
        rows, tights = self.source.body_rows, np.unique(base_groups()["helper-tights"].faces)
        arm = np.zeros(len(self.typical))
        arm[rows] = body_parts(self.source.small, self.typical[rows]).influence(*_ARM)
        arm[tights] = arm[rows][cKDTree(self.typical[rows]).query(self.typical[tights])[1]]
        return arm

    def skin(self, base: np.ndarray) -> Skin:
        """The skin of bodies. base: (N, 19158, 3)."""
        faces = base_groups()["body"].faces
        return Skin(base[:, :SKIN], np.concatenate([faces[:, :3], faces[:, [0, 2, 3]]]))

    def hung(self, base: np.ndarray) -> dict[str, np.ndarray]:
        """Garment -> its vertices (N, V, 3) with hems on bodies. base: (N, 19158, 3) metres."""
        skin = self.skin(base)
        outer: dict[str, Skin] = {}
        found = {}
        for name, pattern in self.patterns.items():
            skins = [(skin, CLEARANCE), *((outer[other], OVER) for other in pattern.over)]
            cloth = drape(pattern, base, skins)
            outer[name] = Skin(cloth, pattern.shell.triangles)
            found[name] = hemmed(pattern.shell, cloth)
        return found

    def faces(self, name: str) -> tuple[list[list[int]], list[list[np.ndarray]]]:
        """Faces of a garment with its hems, and the UV of each corner."""
        return hem_faces(self.patterns[name].shell)

    def hides(self, name: str) -> np.ndarray:
        """(19158,) bool: base vertices of the skin that are well under a garment."""
        points = Points(self.typical, self._arm)
        hidden = np.min([field(points) for field in self.patterns[name].covers], 0) > COVER
        return hidden & (np.arange(len(hidden)) < SKIN)
