"""The small CLIP for four-legged animals: the paper's seven words, from how much of each animal a shape is."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from scripts.repository import REPOSITORY
from scripts.small_clip.subject import Part, Subject
from semantify_blender.core.descriptors import ANIMAL
from semantify_blender.core.model.measurements import measure
from semantify_blender.core.model.morphable_model import MorphableModel

VIEWS = ("az:35", "side")

TRAINING = (
    Part("random-animals", "quadruped", 1300, 501, sampler="file", views=VIEWS),
    Part("random-uniform", "quadruped", 800, 502, views=VIEWS),
    Part("plain-uniform", "quadruped", 250, 503, look="plain", views=VIEWS),
)
TEST = (
    Part("test-animals", "quadruped", 250, 601, sampler="file", views=VIEWS),
    Part("test-uniform", "quadruped", 150, 602, views=VIEWS),
)


def shares(part: Part, model: MorphableModel, coefficients: np.ndarray) -> dict[str, np.ndarray]:
    """How much of each animal there is, 0 to 1, as the model's own quadratics tell it."""
    # the traits need no vertices, so one shape stands in for all of them
    measured = measure(model, np.repeat(model.template[None], len(coefficients), 0), coefficients)
    return {word: measured[word] for word in ANIMAL}


def draw_animals(folder: Path) -> None:
    """Varied animals and blends of two: scripts/quadruped/sample.py."""
    for part in (*TRAINING, *TEST):
        if part.sampler == "file":
            script = REPOSITORY / "scripts" / "quadruped" / "sample.py"
            out = folder / f"{part.name}.coefficients.npy"
            arguments = ["--count", str(part.samples), "--seed", str(part.seed)]
            subprocess.run([sys.executable, str(script), str(out), *arguments], check=True)


ANIMALS = Subject(
    folder="small-animal",
    training=TRAINING,
    test=TEST,
    signed={word: {word: 1.0} for word in ANIMAL},
    templates=("{}", "a {}", "a picture of a {}", "an animal like a {}"),
    measure=shares,
    cannot="words outside its vocabulary, photographs, other poses, anything but these animals",
    floor=0.93,
    prepare=draw_animals,
)
