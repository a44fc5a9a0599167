"""The small CLIP for faces: expressions from facial actions (FACS), face shapes from measured geometry.

Before the renders: python scripts/anny/build_faces.py --wide DIR, for `anny-face-wide`: all shapes with all actions.
"""

from pathlib import Path

import numpy as np

from scripts.anny.facs import ACTIONS, EXPRESSIONS, SUBTLE, draw
from scripts.small_clip.subject import Part, Subject
from semantify_blender.core.files.writing import write_aside
from semantify_blender.core.model.measurements import measure
from semantify_blender.core.model.morphable_model import MorphableModel

SHAPES: dict[str, dict[str, float]] = {
    "fat": {"jaw width": 1.0, "cheek width": 0.6, "neck width": 0.7, "head length": -0.3},
    "thin": {"jaw width": -1.0, "cheek width": -0.6, "neck width": -0.7, "head length": 0.3},
    "long neck": {"neck length": 1.0},
    "short neck": {"neck length": -1.0},
    "big forehead": {"forehead height": 1.0, "head length": -0.4},
    "nose sticking-out": {"nose protrusion": 1.0},
    "ears sticking-out": {"ear span": 1.0, "head width": -0.6},
    "small chin": {"chin length": -1.0},
    "big chin": {"chin length": 1.0},
    "long head": {"head length": 1.0, "head width": -0.7},
    "chubby cheeks": {"cheek width": 1.0, "cheek depth": 0.5},
    "big head": {"head length": 0.8, "head width": 1.0},
    "small head": {"head length": -0.8, "head width": -1.0},
}
GEOMETRY = tuple(sorted({name for parts in SHAPES.values() for name in parts}))
CLOSE = ("front", "az:45")
WIDE = "anny-face-wide"

TRAINING = (
    Part("random-expression", "anny-face-expression", 1500, 301, views=CLOSE),
    Part("random-shape", "anny-face-shape", 1200, 302),
    Part("random-both", WIDE, 1200, 303, sampler="file", views=CLOSE),
    Part("plain-expression", "anny-face-expression", 300, 304, look="plain", views=CLOSE),
    Part("plain-shape", "anny-face-shape", 300, 305, look="plain"),
)
TEST = (
    Part("test-both", WIDE, 300, 401, sampler="file", views=CLOSE),
    Part("test-expression", "anny-face-expression", 200, 402, views=CLOSE, unknown=GEOMETRY),
    Part(
        "test-shape",
        "anny-face-shape",
        200,
        403,
        unknown=(*(f"{word} (actions)" for word in EXPRESSIONS), "all actions"),
    ),
)


def face_measurements(part: Part, model: MorphableModel, coefficients: np.ndarray) -> dict[str, np.ndarray]:
    """Geometry of the face at rest, and how much of each expression's actions there is."""
    family = model.metadata["family"]
    shape = coefficients.copy()
    if family == "anny-face-expression":
        shape[:] = 0.0
    elif family == WIDE:
        shape[:, -len(ACTIONS) :] = 0.0
    still = measure(model, model.vertices(shape), shape)
    found = {name: still[name] for name in GEOMETRY}
    if family == "anny-face-shape":
        activation = dict.fromkeys(ACTIONS, np.zeros(len(coefficients)))
    else:
        activation = {name: coefficients @ model.extra[f"action/{name}"] / SUBTLE.get(name, 1.0) for name in ACTIONS}
    for word, strengths in EXPRESSIONS.items():
        parts = [strength * activation[name] for name, strength in strengths.items()]
        found[f"{word} (actions)"] = np.sum(parts, axis=0)
    found["all actions"] = np.sqrt(np.sum([np.square(value) for value in activation.values()], axis=0))
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def draw_both(folder: Path) -> None:
    """Random shapes, each with a random expression: the coefficients of the wide model."""
    for part in (*TRAINING, *TEST):
        if part.sampler == "file":
            shapes = np.random.default_rng(part.seed).uniform(-2, 2, (part.samples, 10))
            rows = np.concatenate([shapes, draw(part.samples, part.seed)], 1).astype(np.float32)
            with write_aside(folder / f"{part.name}.coefficients.npy") as aside, open(aside, "wb") as file:
                np.save(file, rows)


FACE = Subject(
    folder="small-face",
    training=TRAINING,
    test=TEST,
    signed={word: {f"{word} (actions)": 1.0} for word in EXPRESSIONS} | {"neutral": {"all actions": -1.0}} | SHAPES,
    templates=("{}", "a {} face", "a {} person", "a photo of a {} face"),
    measure=face_measurements,
    cannot="words outside its vocabulary, photographs, one-sided expressions, anything but these heads",
    floor=0.9,
    prepare=draw_both,
)
