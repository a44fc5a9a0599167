"""The garments: how each is cut out of MakeHuman's tights, how loosely it sits and what it hides."""

from dataclasses import dataclass, field

import numpy as np

from scripts.anny.cuts import Cuts, Field, Points
from scripts.anny.shells import Shell
from scripts.anny.skirts import Skirt, hang

COVER = 0.022
"""Metres that the skin goes on under a hem: what can be seen when looking in, and where poses move the hem."""
OUTFITS = {
    "none": (),
    "sportswear": ("shorts", "t-shirt"),
    "casual": ("trousers", "t-shirt"),
    "smart": ("trousers", "long-sleeves"),
    "skirt": ("skirt", "t-shirt"),
    "dress": ("dress",),
}
DEFAULT = "sportswear"


@dataclass(frozen=True, eq=False)
class Pattern:
    """A garment as it is cut.

    region: of its colour. shell: its outer face. ease: (V,) metres from the tight cloth. taut: (V,) 0 to 1, how much
    it bridges hollows. covers: fields that are above COVER where the skin is hidden. straight: height of the knee on
    the typical body where legs hang straight from there, else 0. over: garments that it is worn over. skirt: what
    hangs from it.
    """

    region: str
    shell: Shell
    ease: np.ndarray
    taut: np.ndarray
    covers: tuple[Field, ...]
    straight: float = 0.0
    over: tuple[str, ...] = ()
    skirt: Skirt | None = None


@dataclass(eq=False)
class Tailor:
    """Cuts garments. tights: uncut. arm: (B,) how much of a base vertex is arm. hips: base vertices, legs too."""

    tights: Shell
    arm: np.ndarray
    cuts: Cuts
    hips: np.ndarray
    patterns: dict[str, Pattern] = field(default_factory=dict)

    def all(self) -> dict[str, Pattern]:
        """Every garment, those that others are worn over first."""
        cuts = self.cuts
        crew = cuts.neckline(0.048, 0.018, 0.086)
        waist = cuts.waist - 0.012
        shirt, below = (crew, cuts.above(cuts.hip - 0.02)), ("shorts", "trousers", "skirt")
        self._legs("shorts", "shorts", 0.4 * cuts.hip + 0.6 * cuts.knee, 0.012)
        self._legs("trousers", "trousers", cuts.ankle + 0.012, 0.010, straight=cuts.knee)
        band = (cuts.below(waist), cuts.above(waist - 0.035))
        self._skirted("skirt", "skirt", band, 0.95)
        self._shirt("t-shirt", (*shirt, cuts.sleeve(0.6)), below)
        self._shirt("long-sleeves", (*shirt, cuts.sleeve(1.93)), below)
        self._skirted("dress", "dress", (crew, cuts.above(cuts.waist + 0.03), cuts.sleeve(0.5)), 0.85)
        return self.patterns

    def _cut(self, fields: tuple[Field, ...]) -> tuple[Shell, Points]:
        shell = self.tights
        for one in fields:
            shell = shell.cut(one(self._at(shell)))
        shell = shell.rounded()
        return shell, self._at(shell)

    def _at(self, shell: Shell) -> Points:
        return Points(shell.where, shell.weights @ self.arm)

    def _shirt(self, name: str, fields: tuple[Field, ...], over: tuple[str, ...]) -> None:
        shell, at = self._cut(fields)
        self.patterns[name] = Pattern("top", shell, *self._upper(at), fields, over=over)

    def _upper(self, at: Points) -> tuple[np.ndarray, np.ndarray]:
        """(ease, taut) of shirts: close at the shoulders, loose at hem and sleeves."""
        down = np.clip((self.cuts.hip + 0.38 - at.where[:, 2]) / 0.38, 0, 1)
        ease = np.where(at.on_arm, 0.003 + 0.005 * at.arm, 0.001 + 0.010 * down)
        return ease, np.clip((self.cuts.chest + 0.05 - at.where[:, 2]) / 0.08, 0, 1)

    def _legs(self, name: str, region: str, hem: float, loose: float, straight: float = 0.0) -> None:
        waist = self.cuts.waist - 0.012
        fields = (self.cuts.below(waist), self.cuts.above(hem))
        shell, at = self._cut(fields)
        ease = 0.001 + loose * np.clip((waist - at.where[:, 2]) / 0.25, 0, 1)
        self.patterns[name] = Pattern(region, shell, ease, np.ones(len(ease)), fields, straight)

    def _skirted(self, name: str, region: str, fields: tuple[Field, ...], share: float) -> None:
        shell, at = self._cut(fields)
        loop = min(shell.borders, key=lambda one: at.where[one, 2].mean())
        whole, skirt = hang(shell, loop, share, self.hips)
        ease, taut = self._upper(at)
        if region == "skirt":
            ease, taut = np.full_like(ease, 0.001), np.ones_like(taut)
        rest = np.zeros(whole.weights.shape[0] - len(ease))
        # what is seen from below stays: legs, and the seat from where they part
        covers = (*(one for one in fields if one is not fields[1]), self.cuts.above(self.cuts.hip - 0.06))
        self.patterns[name] = Pattern(
            region, whole, np.concatenate([ease, rest]), np.concatenate([taut, rest]), covers, skirt=skirt
        )
