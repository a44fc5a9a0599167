"""A scorer of one's own in the place of CLIP, step by step.

A script of cells (# %%), for a notebook or as it stands: pip install docs/examples/silhouette_scorer, then
python docs/examples/own_scorer.py. That package is all that a scorer needs; `semantify scorers` lists those there are.
"""

# %% The model, and pictures of random shapes of it.
import os

import numpy as np

import semantify_blender as sb

SAMPLES = int(os.environ.get("SAMPLES", "300"))
model = sb.load_model("anny-body-neutral")
spec = sb.DatasetSpec.of(model, samples=SAMPLES, size=64, engine="workbench", views=("front",))
dataset = sb.render("anny-body-neutral", "out/silhouettes", spec)

# %% Scores of the scorer's own words; they are kept beside the pictures, as those of a CLIP are.
scores = sb.score_words(dataset, ["wide", "tall"], clip="silhouette")
heights = np.ptp(model.vertices(dataset.coefficients())[:, :, 2], axis=1)
print(
    f"{scores.clip}: tall and the body's height correlate {np.corrcoef(scores.of(['tall'])[:, 0], heights)[0, 1]:.2f}"
)

# %% A mapper of them, and what it is worth; sliders are percentiles of whatever the scores are.
recipe = sb.Recipe(epochs=30, hidden=(200, 200), low=5, high=95)
mapper = sb.fit_mapper(dataset, scores, ["wide", "tall"], recipe=recipe, out="out/silhouettes.mapper.npz")
measured = sb.evaluate(
    "out/silhouettes.mapper.npz", dataset, "out/silhouettes-figures", clip="silhouette", rendered=False
)
print(f"MSE {measured.figures['fit']['relative_mse']:.2f} of the variance, on samples that chose nothing")
