"""Measure how well clothes stay on posed bodies: what lies in the skin, what skin is seen through cloth, holes, hems.

python scripts/anny/measure_clothes.py [MODEL.model.npz …]       # default: the embedded bodies; needs bpy, not anny

Three figures of a garment are of posed bodies: how much of it lies inside the skin and how deep; how much of what is
seen of it is skin that came through; and how much is a hole, where one looks past a hem to where no skin was left.
One is of fat bodies as they stand: how far a hem waves, up and down.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny.hem_waves import hems, waviness
from scripts.anny.seen import Seen, seen
from scripts.anny.worn import Surface, Worn
from scripts.repository import MODELS
from semantify_blender.core.model.measurements import measure
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.parts import Part
from semantify_blender.core.model.random_poses import lively_pose

KINDS = ("walking", "striding", "sitting", "overhead")
OUTFITS = ("sportswear", "casual", "skirt", "dress")
"""Every garment but long sleeves, which are the T-shirt's but for an arm."""
FAT = 38.0
"""kg/m²: bodies above it are those whose hems are looked at."""


def fat_bodies(model: MorphableModel, count: int, seed: int) -> np.ndarray:
    """(count, K) coefficients of the model's own people above FAT."""
    people = model.people
    assert people is not None
    rng = np.random.default_rng(seed)
    found: list[np.ndarray] = []
    while len(found) < count:
        drawn = np.stack([people.draw(rng) for _ in range(50)])
        found += list(drawn[measure(model, model.vertices(drawn), drawn)["bmi"] > FAT])
    return np.stack(found[:count])


def lively(model: MorphableModel, count: int, seed: int) -> "list[tuple[np.ndarray, dict[str, np.ndarray]]]":
    """People of the model's own, in poses of KINDS by turns: coefficients (K,), and the pose."""
    people = model.people
    assert people is not None
    found = []
    for i in range(count):
        rng = np.random.default_rng([seed, i])
        found.append((people.draw(rng), lively_pose(rng, KINDS[i % len(KINDS)])))
    return found


def figures(model: MorphableModel, poses: int, looked_at: int, seed: int = 7) -> dict[str, dict[str, str]]:
    """Garment (outfit: of what is seen) -> figure -> text."""
    found: dict[str, dict[str, str]] = {}
    people, fat = lively(model, poses, seed), fat_bodies(model, 12, 1)
    for outfit in OUTFITS:
        worn = Worn.of(model, outfit)
        deep: dict[str, list[np.ndarray]] = {name: [] for name in worn.garments}
        total = Seen()
        for number, (coefficients, pose) in enumerate(people):
            body, cloth = worn.posed(coefficients, pose)
            skin = Surface(body, model.triangles)
            for name, vertices in cloth.items():
                if name not in found:
                    deep[name].append(skin.depth(vertices))
            if number < looked_at:
                one = seen(worn, body, cloth, worn.below(coefficients))
                total = Seen(total.cloth + one.cloth, total.through + one.through, total.holes + one.holes)
        for name, depths in deep.items():
            if depths:
                all_depths = 1000 * np.concatenate(depths)
                found[name] = {
                    "inside %": f"{100 * (all_depths > 0).mean():.2f}",
                    "mm, 99 %": f"{np.percentile(all_depths, 99):.1f}",
                    "worst": f"{all_depths.max():.0f}",
                    "hems wave, mm": _hems_wave(fat, worn.garments[name]),
                }
        if looked_at:
            share = 1000 / max(total.cloth, 1)
            found[f"outfit {outfit}"] = {
                "through ‰": f"{share * total.through:.2f}",
                "holes ‰": f"{share * total.holes:.2f}",
            }
    return found


def _hems_wave(bodies: np.ndarray, part: Part) -> str:
    """Mean over bodies (N, K) of the largest wave of each hem, from the highest hem to the lowest."""
    vertices = part.template + np.tensordot(bodies, part.basis, 1)
    loops = sorted(hems(part), key=lambda loop: -part.template[loop, 2].mean())
    return " ".join(f"{1000 * np.mean([np.abs(waviness(one[loop])).max() for one in vertices]):.1f}" for loop in loops)


def main() -> None:
    """Print the figures of each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", type=Path, default=sorted(MODELS.glob("anny-body-*.model.npz")))
    parser.add_argument("--poses", type=int, default=60)
    parser.add_argument("--looked-at", type=int, default=16, help="of the poses, from all sides: the slow part")
    options = parser.parse_args()
    for path in options.models:
        print(path.name)
        for name, cells in figures(MorphableModel.load(path), options.poses, options.looked_at).items():
            print(f"  {name:20} " + "  ".join(f"{key} {value}" for key, value in cells.items()), flush=True)


if __name__ == "__main__":
    main()
