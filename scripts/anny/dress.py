"""Give body models their clothes, teeth and lashes; shapes stay as they are.

python scripts/anny/dress.py [MODEL.model.npz …]      # default: the embedded bodies; needs the package anny

Garments are hung on bodies drawn from Anny, and what comes of it is regressed on the model's coefficients: a garment
then is a template and a basis like the body's, however it was hung. Prints how far unseen bodies' garments are missed,
and how much of them lies inside the skin. Give models their rig first (scripts/anny/rig.py): parts take its weights.
"""

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny.base_mesh import BaseSource
from scripts.anny.follow import Follower
from scripts.anny.garments import DEFAULT, OUTFITS, Pattern
from scripts.anny.hems import with_hems
from scripts.anny.mirrored import partners, symmetric
from scripts.anny.mouth import MOUTH_PARTS, mouth_part, mouth_vertices
from scripts.anny.skin_weights import weights_beside
from scripts.anny.skirt_weights import Hanging, learned
from scripts.anny.skirts import loosened
from scripts.anny.wardrobe import Wardrobe
from scripts.repository import MODELS
from semantify_blender.core.files.writing import write_aside
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.parts import Part
from semantify_blender.core.model.posing import Rig, sparse_weights

UNSEEN, CHUNK = 100, 50
FINENESS = 2.0**15
"""Of a garment's basis, in parts of a metre: 0.03 mm, so that the file packs well."""


def shapes(source: BaseSource, wardrobe: Wardrobe, variant: str, seed: int) -> dict[str, np.ndarray]:
    """Some random bodies: "body" (N, V, 3), and every part (N, Vp, 3), metres."""
    base = source.sample_base(CHUNK, variant, seed).vertices
    mouths = {name: base[:, mouth_vertices(name)] for name in MOUTH_PARTS}
    return {"body": base[:, source.body_rows], **wardrobe.hung(base), **mouths}


def followers(
    source: BaseSource, wardrobe: Wardrobe, model: MorphableModel, bodies: int, seed: int
) -> dict[str, Follower]:
    """Every part's template and basis, learned from some bodies, and how far unseen ones are missed."""
    found: dict[str, Follower] = {}
    for number in range((bodies + UNSEEN) // CHUNK):
        drawn = shapes(source, wardrobe, model.metadata["variant"], seed + number)
        coefficients = model_coefficients(model, drawn.pop("body"))
        for name, vertices in drawn.items():
            follower = found.setdefault(name, Follower(model.component_count))
            (follower.learn if number < bodies // CHUNK else follower.test)(coefficients, vertices)
    return found


def model_coefficients(model: MorphableModel, bodies: np.ndarray) -> np.ndarray:
    """(N, K) coefficients whose shapes are nearest to bodies (N, V, 3)."""
    basis = model.basis.reshape(model.component_count, -1).astype(np.float64)
    off = (bodies - model.template).reshape(len(bodies), -1)
    return np.asarray(np.linalg.solve(basis @ basis.T, basis @ off.T).T)


def dressed(
    source: BaseSource, wardrobe: Wardrobe, model: MorphableModel, bodies: int, seed: int
) -> tuple[MorphableModel, dict[str, Follower]]:
    """A model with its parts, and what they were learned with."""
    found = followers(source, wardrobe, model, bodies, seed)
    parts = {}
    for name, follower in found.items():
        if name in MOUTH_PARTS:
            part = mouth_part(name, follower.template, follower.basis)
        else:
            part = _garment(source, wardrobe, model, name, follower)
        if Rig.of(model) is not None:
            part = dataclasses.replace(part, **_rigged(model, part, wardrobe.patterns.get(name)))
        parts[name] = part
    clothes = {"default": DEFAULT, "outfits": {name: list(worn) for name, worn in OUTFITS.items()}}
    painted = {part.region for part in parts.values()}
    regions = {name: mask for name, mask in model.regions.items() if name not in painted}
    metadata = {**model.metadata, "clothes": clothes}
    return dataclasses.replace(model, parts=parts, regions=regions, metadata=metadata), found


def _rigged(model: MorphableModel, part: Part, pattern: Pattern | None) -> dict[str, Any]:
    """The rig's fields of a part; pattern: of a garment."""
    if pattern is None:
        return weights_beside(model, part.template, "head")
    outer = part.template[: pattern.shell.weights.shape[0]]
    beside = weights_beside(model, outer)
    dense = np.zeros((len(outer), len(model.extra["rig/names"])))
    np.put_along_axis(dense, beside["rig_index"].astype(int), beside["rig_weights"].astype(float), 1)
    if pattern.skirt is not None:
        dense = loosened(pattern.shell, pattern.skirt, dense)
        free = pattern.skirt.freedom(len(outer))
        dense = learned(model, Hanging(pattern.shell, free, outer, part.basis[:, : len(outer)]), dense)
    index, weights = sparse_weights(with_hems(pattern.shell, dense))
    return {"rig_index": index, "rig_weights": weights}


def _garment(source: BaseSource, wardrobe: Wardrobe, model: MorphableModel, name: str, follower: Follower) -> Part:
    faces, uv = wardrobe.faces(name)
    pattern = wardrobe.patterns[name]
    # bodies are drawn with both sides alike but for their pose; draping, with its steps and limits, is less exact
    partner = partners(pattern.shell, pattern.skirt)
    basis = symmetric(follower.basis, partner)
    hidden = wardrobe.hides(name)[source.body_rows]
    covered = np.logical_and.reduceat(hidden[model.corner_vertices], model.face_offsets[:-1])
    return Part(
        template=symmetric(follower.template, partner).astype(np.float32),
        basis=(np.round(basis * FINENESS) / FINENESS).astype(np.float16).astype(np.float32),
        corner_vertices=np.concatenate(faces).astype(np.int32),
        face_offsets=np.concatenate([[0], np.cumsum([len(face) for face in faces])]).astype(np.int32),
        region=pattern.region,
        uv=np.concatenate([np.stack(corners) for corners in uv]).astype(np.float32),
        covers=covered,
    )


def figures(
    wardrobe: Wardrobe, source: BaseSource, model: MorphableModel, found: dict[str, Follower], seed: int
) -> dict[str, str]:
    """Part -> what the coefficients miss of it on unseen bodies, and how much of a garment lies in the skin."""
    base = source.sample_base(CHUNK, model.metadata["variant"], seed).vertices
    coefficients = model_coefficients(model, base[:, source.body_rows])
    base[:, source.body_rows] = model.vertices(coefficients)
    skin = wardrobe.skin(base)
    cells = {}
    for name, part in model.parts.items():
        missed = 1000 * np.concatenate(found[name].missed)
        cells[name] = f"{missed.mean():.2f} / {np.percentile(missed, 95):.1f}"
        if name in wardrobe.patterns:
            shell = wardrobe.patterns[name].shell
            cloth = (part.template + np.tensordot(coefficients, part.basis, 1))[:, : shell.weights.shape[0]]
            cells[name] += f", {100 * skin.share_inside(shell, cloth):.1f} %"
    return cells


def table(models: list[MorphableModel], cells: list[dict[str, str]]) -> str:
    """Markdown, one column a model: mean / 95 % of what is missed in mm, share inside the skin."""
    names = [model.metadata["variant"] for model in models]
    lines = ["| part | vertices | " + " | ".join(names) + " |", "|---" * (2 + len(names)) + "|"]
    for name, part in models[0].parts.items():
        lines.append(f"| {name} | {part.vertex_count} | " + " | ".join(one[name] for one in cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Write the parts into each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", type=Path, default=sorted(MODELS.glob("anny-body-*.model.npz")))
    parser.add_argument("--bodies", type=int, default=400, help="that garments are learned from")
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--table", type=Path, default=None, help="also write the table to this Markdown file")
    arguments = parser.parse_args()
    source = BaseSource()
    wardrobe = Wardrobe(source)
    models, cells = [], []
    for path in arguments.models:
        model = MorphableModel.load(path)
        changed, found = dressed(source, wardrobe, model, arguments.bodies, arguments.seed)
        if changed.checksum != model.checksum:
            raise AssertionError(f"{path}: parts must not change the shapes")
        before = path.stat().st_size
        changed.save(path)
        print(f"{path.name}: {before / 1e6:.2f} MB, with its parts {path.stat().st_size / 1e6:.2f} MB", flush=True)
        models.append(changed)
        cells.append(figures(wardrobe, source, changed, found, arguments.seed - 1))
    text = table(models, cells)
    print(text)
    if arguments.table:
        with write_aside(arguments.table) as aside:
            aside.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
