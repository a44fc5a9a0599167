"""A morphable model and words of one's own, from arrays to sliders.

A script of cells (# %%), for a notebook or as it stands: python docs/examples/own_model.py. The figures of a real run
want 3,000 samples and a CLIP that knows any word: SAMPLES=3000 CLIP=ViT-B-32:openai.
"""

# %% A model is a mesh and what one standard deviation of each coefficient does to it: here a vase, in metres, Z up.
import os

import numpy as np

import semantify_blender as sb

SAMPLES, CLIP = int(os.environ.get("SAMPLES", "300")), os.environ.get("CLIP", "small")
RINGS, SEGMENTS = 24, 32
height = np.linspace(0.0, 1.0, RINGS)
angle = np.linspace(0.0, 2 * np.pi, SEGMENTS, endpoint=False)
circle = np.stack([np.cos(angle), np.sin(angle), np.zeros(SEGMENTS)], 1)
profile = 0.2 + 0.08 * np.sin(2.5 * np.pi * height)
template = (profile[:, None, None] * circle + height[:, None, None] * [0.0, 0.0, 1.0]).reshape(-1, 3)
template -= template.mean(0)
steps = np.repeat(height, SEGMENTS)[:, None]
around = template * [1.0, 1.0, 0.0]
basis = np.stack(
    [
        template * [0.0, 0.0, 0.15],  # taller
        0.15 * around,  # wider everywhere
        0.3 * around * np.exp(-(((steps - 0.35) / 0.2) ** 2)),  # a belly
        0.3 * around * np.exp(-(((steps - 0.9) / 0.1) ** 2)),  # a lip
    ]
)
quads = [
    (ring * SEGMENTS + i, ring * SEGMENTS + j, (ring + 1) * SEGMENTS + j, (ring + 1) * SEGMENTS + i)
    for ring in range(RINGS - 1)
    for i, j in zip(range(SEGMENTS), [*range(1, SEGMENTS), 0], strict=True)
]
model = sb.MorphableModel(
    name="vase",
    template=template.astype(np.float32),
    basis=basis.astype(np.float32),
    standard_deviations=np.sqrt((basis**2).sum((1, 2))).astype(np.float32),
    corner_vertices=np.ravel(quads).astype(np.int32),
    face_offsets=np.arange(0, 4 * len(quads) + 1, 4, dtype=np.int32),
    metadata={"family": "vase", "licence": "CC0-1.0", "units": "metres"},
)
model.save("vase.model.npz")

# %% Words of one's own: those that the mapper gets are named, so nothing is chosen.
words = ["tall", "fat"]
spec = sb.DatasetSpec.of(model, samples=SAMPLES, size=64, engine="workbench", views=("front",))
line = sb.Line(
    "vase.model.npz",
    "out/vase",
    spec,
    words=words,
    descriptors=words,
    clip=CLIP,
    recipe=sb.Recipe(epochs=30, hidden=(200, 200)),
    sweep_steps=5,
    picture_width=320,
    picture_samples=1,
)
result = line.run(progress=print)
print(result.figures["verdict"] or "each slider does as it says")

# %% What a slider does to the mesh.
mapper = sb.load_mapper(result.files["mapper"])
for word, sliders in zip(words, np.eye(len(words)), strict=True):
    low, high = (model.vertices(mapper.coefficients(mapper.scores_from_sliders(end * sliders))) for end in (-1, 1))
    print(f"{word}: {100 * np.ptp(low[:, 2]):.0f} to {100 * np.ptp(high[:, 2]):.0f} cm tall")
