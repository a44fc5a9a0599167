"""What a finished run says, read back: figures, scores, words, training, and shapes as meshes.

A script of cells (# %%), for a notebook or as it stands, after own_model.py: python docs/examples/reading_results.py
"""

# %% The figures, and by what they were made.
import csv
import json
import os
from pathlib import Path

import numpy as np

import semantify_blender as sb

RUN = Path(os.environ.get("RUN", "out/vase"))
figures, made = (json.loads((RUN / name).read_text(encoding="utf-8")) for name in ("figures.json", "made.json"))
print(f"made by semantify {made['semantify']}, training seed {made['seeds']['training']}, on {made['processor']}")
print(figures["verdict"] or "each slider does as it says")
rows = zip(figures["descriptors"], figures["sliders"]["rho"], figures["coverage"]["mean_mm"], strict=True)
for word, rho, moved in rows:
    print(f"{word}: ρ {rho:.2f}, moves the surface by {moved:.0f} mm")

# %% Scores of all samples, and why each word was taken.
scores = sb.Scores.load(RUN / "scores.npz")
print(np.corrcoef(scores.values.T).round(2))
for decision in json.loads((RUN / "selection.json").read_text(encoding="utf-8"))["decisions"]:
    print(f"{decision['word']}: {decision['reason']}, {decision['text']}")

# %% How the training went.
(mapper_file,) = RUN.glob("*.mapper.npz")
(curve_file,) = RUN.glob("*.training.csv")
epochs = list(csv.DictReader(curve_file.read_text(encoding="utf-8").splitlines()))
kept = next(row for row in epochs if row["kept"] == "1")
print(f"epoch {kept['epoch']} of {len(epochs)} was kept, validation MSE {float(kept['validation_mse']):.3f}")

# %% A shape as a mesh that any program opens.
mapper, model = sb.load_mapper(mapper_file), sb.load_model(os.environ.get("MODEL", "vase.model.npz"))
vertices = model.vertices(mapper.coefficients(mapper.scores_from_sliders(np.ones(len(mapper.descriptors)))))
lines = [f"v {x:.5f} {y:.5f} {z:.5f}" for x, y, z in vertices]
faces = np.split(model.corner_vertices + 1, model.face_offsets[1:-1])
lines += [f"f {' '.join(map(str, face))}" for face in faces]
Path("shape.obj").write_text("\n".join(lines) + "\n", encoding="utf-8")
