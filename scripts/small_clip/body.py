"""The small CLIP for bodies: bodies drawn from Anny itself, words from anthropometry and from Anny's own values.

What *fat*, *thin*, *lean* and their like mean comes from Anny's weight value, in which muscle has no part. The body
mass index rises with either: words captioned from it take the arms away from whoever is to be muscular and not fat.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

from scripts.repository import REPOSITORY
from scripts.small_clip.subject import Part, Subject
from semantify_blender.core.model.measurements import measure
from semantify_blender.core.model.morphable_model import MorphableModel

TRAINING = (
    Part("anny-neutral", "anny-body-neutral", 4000, 101, sampler="file"),
    Part("anny-male", "anny-body-male", 900, 103, sampler="file"),
    Part("anny-female", "anny-body-female", 900, 104, sampler="file"),
    # the paper's setting: ten components, each by itself
    Part("uniform-neutral", "anny-body-neutral", 1500, 102, components=10),
    Part("plain-neutral", "anny-body-neutral", 700, 105, look="plain", sampler="population"),
    Part("plain-male", "anny-body-male", 200, 106, look="plain", sampler="population"),
    Part("plain-female", "anny-body-female", 200, 107, look="plain", sampler="population"),
)
TEST = (
    Part("test-anny", "anny-body-neutral", 300, 201, sampler="file"),
    Part("test-neutral", "anny-body-neutral", 300, 202, sampler="population"),
)


SIGNED: dict[str, dict[str, float]] = {
    # word: weights of standardised measurements (core.model.measurements); bmi is mass of either kind, fat or muscle
    "tall": {"height": 1.0},
    "short": {"height": -1.0},
    "long": {"height": 1.0, "fat": -0.6},
    "big": {"height": 1.0, "bmi": 1.0},
    "small": {"height": -1.0, "bmi": -0.6},
    "petite": {"height": -1.0, "bmi": -1.0},
    "fat": {"fat": 1.0},
    "obese": {"fat": 1.0, "waist ratio": 0.3},
    "heavyset": {"fat": 1.0, "shoulder ratio": 0.4},
    "thin": {"fat": -1.0},
    "slim": {"fat": -1.0, "waist ratio": -0.3},
    "skinny": {"fat": -1.0, "muscle": -0.5},
    "lean": {"fat": -1.0, "muscle": 0.4},
    "fit": {"muscle": 1.0, "fat": -0.6},
    "muscular": {"muscle": 1.0},
    "strong": {"muscle": 1.0, "shoulder ratio": 0.4},
    "built": {"muscle": 1.0, "shoulder ratio": 0.6, "bmi": 0.3},
    "sturdy": {"bmi": 0.8, "muscle": 0.8, "thigh ratio": 0.4},
    "stocky": {"bmi": 1.0, "height": -0.8},
    "old": {"age": 1.0},
    "young": {"age": -1.0},
    "masculine": {"gender": -1.0},
    "feminine": {"gender": 1.0},
    "curvy": {"hip ratio": 0.7, "waist to hip": -0.8, "gender": 0.4},
    "hourglass": {"waist to hip": -1.0, "waist ratio": -0.3},
    "rectangular": {"waist to hip": 1.0, "waist ratio": 0.2},
    "pear shaped": {"shoulder to hip": -1.0, "chest to hip": -0.6},
    "round apple": {"belly to chest": 0.6, "waist ratio": 1.0},
    "broad shoulders": {"shoulder ratio": 1.0},
    "narrow shoulders": {"shoulder ratio": -1.0},
    "long legs": {"leg ratio": 1.0},
    "short legs": {"leg ratio": -1.0},
    "long torso": {"torso ratio": 1.0},
    "short torso": {"torso ratio": -1.0},
    "narrow waist": {"waist ratio": -1.0},
    # beside what fat adds: held lean, the hips of the fattest are a balloon
    "big hips": {"hip ratio": 1.0, "fat": -0.8},
    "big belly": {"belly to chest": 1.0},
}
CENTRED: dict[str, tuple[str, ...]] = {
    # word: measurements that are all near their mean; the paper's non-directional words
    "average": ("height", "fat", "muscle"),
    "proportioned": ("leg ratio", "shoulder ratio", "waist to hip"),
}
TEMPLATES = ("{}", "a {} person", "a {} body", "a photo of a {} person")


def body_measurements(part: Part, model: MorphableModel, coefficients: np.ndarray) -> dict[str, np.ndarray]:
    """Lengths, girths, ratios, traits."""
    return measure(model, model.vertices(coefficients), coefficients)


def draw_bodies(folder: Path) -> None:
    """Bodies of Anny as coefficients, with the values they were drawn with: scripts/anny/sample_bodies.py."""
    for part in (*TRAINING, *TEST):
        if part.sampler == "file":
            script = REPOSITORY / "scripts" / "anny" / "sample_bodies.py"
            arguments = [str(part.model_path(folder)), str(folder / part.name)]
            arguments += ["--count", str(part.samples), "--seed", str(part.seed)]
            subprocess.run([sys.executable, str(script), *arguments], check=True)


BODY = Subject(
    folder="small",
    training=TRAINING,
    test=TEST,
    signed=SIGNED,
    centred=CENTRED,
    templates=TEMPLATES,
    measure=body_measurements,
    cannot="words outside its vocabulary, photographs, other poses, anything but these bodies",
    floor=0.93,
    prepare=draw_bodies,
)
