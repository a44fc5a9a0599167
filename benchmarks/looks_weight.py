"""How much looks may say beside outlines when a fit is refined: errors for several weights, on rendered bodies.

    semantify evaluate --image-to-shape --mapper anny-body-neutral --dataset WILD --subjects 12 --out OUT
    python benchmarks/looks_weight.py OUT/cycles OUT/workbench [--weights 0.125 0.25 0.5 1 2]

The datasets are those that the evaluation rendered: bodies of the mapper's own model in look "unseen". Looks count
where a picture has no outline, so each body is refined from one picture before a busy backdrop, and from two of which
the first is cut out. Mean distance of vertices in mm, centroid on centroid, heights known.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from semantify_blender.core.dataset import Dataset
from semantify_blender.core.fitting import refine as refining
from semantify_blender.core.fitting.camera import Camera
from semantify_blender.core.fitting.fit import fit_pictures
from semantify_blender.core.fitting.fitter import Fitter
from semantify_blender.core.fitting.image_encoder import ImageEncoder
from semantify_blender.core.fitting.known import Known
from semantify_blender.core.library import find, load_mapper, load_model
from semantify_blender.core.model.posing import Rig
from semantify_blender.core.pictures.crop import Cut, cut_figure
from semantify_blender.rendering.stage.photographer import Photographer
from semantify_blender.rendering.stage.quiet import quiet
from semantify_blender.training.fitter.image_to_shape import errors
from semantify_blender.training.fitter.unseen_pictures import pictured_shapes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="+", type=Path)
    parser.add_argument("--mapper", default="anny-body-neutral")
    parser.add_argument("--encoder", default="body")
    parser.add_argument("--weights", nargs="+", type=float, default=[0.125, 0.25, 0.5, 1.0, 2.0])
    options = parser.parse_args()
    mapper = load_mapper(options.mapper)
    model = load_model(mapper.model_name)
    encoder, fitter = ImageEncoder.load(find("encoders", options.encoder)), Fitter.load(find("fitters", model.name))
    truth = np.concatenate([np.load(f"{folder}.shapes.npy") for folder in options.datasets])
    rig = Rig.of(model)
    found: dict[str, dict] = {}
    usual = refining.LOOKS
    with quiet() as output, Photographer(model, encoder.size) as render:
        for subject in pictured_shapes([Dataset.open(folder).folder for folder in options.datasets]):
            shape = truth[subject.number]
            known = Known(float(np.ptp(shape[:, 2])))

            def cuts(backdrop: str, subject=subject) -> list[Cut]:
                pairs = zip(subject.pictures[backdrop], subject.boxes[backdrop], strict=True)
                return [cut_figure(picture, encoder.size, box) for picture, box in pairs]

            busy, alpha = cuts("busy"), cuts("alpha")
            for case, seen in {"1 busy": busy[:1], "1 cut out, 1 busy": [alpha[0], busy[1]]}.items():
                fit = fit_pictures(seen, encoder, fitter, mapper, model, known)
                by = found.setdefault(case, {})
                shots: dict[tuple, np.ndarray] = {}

                def once(vertices: np.ndarray, camera: Camera, palette: dict | None, shots=shots) -> np.ndarray:
                    # most candidates are the same whatever the weight
                    key = (vertices.tobytes(), camera, repr(palette))
                    if key not in shots:
                        shots[key] = render(vertices, camera, palette)
                    return shots[key]

                by.setdefault("not refined", []).append(errors(model, fit.coefficients, shape)["centroid-aligned"])
                for weight in options.weights:
                    refining.LOOKS = weight
                    refined = refining.refine(model, rig, seen, fit, known, encoder, once)
                    error = errors(model, refined.coefficients, shape)["centroid-aligned"]
                    by.setdefault(f"looks {weight:g}", []).append(error)
                only = [cut for cut in seen if cut.mask is not None]
                if only:
                    refined = refining.refine(model, rig, seen, fit, known)
                    by.setdefault("outlines alone", []).append(
                        errors(model, refined.coefficients, shape)["centroid-aligned"]
                    )
            table = [f"after {subject.number + 1} of {len(truth)}"]
            for case, rows in found.items():
                table += [f"{case:20} {name:16} {np.mean(v):6.2f} mm, worst {max(v):6.2f}" for name, v in rows.items()]
            os.write(output, ("\n".join(table) + "\n").encode())
        refining.LOOKS = usual
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # bpy as a module may hang or crash while Python shuts down
    os._exit(code)
