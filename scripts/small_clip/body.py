"""The small CLIP for bodies: Anny bodies, words from anthropometry.

The wide model (60 components, made by scripts/anny/build_models.py --variants neutral --components 60 --suffix=-wide)
carries nearly all that an Anny body can be; the embedded models carry what the sliders move. Before the renders:

    python scripts/anny/sample_bodies.py DIR/anny-body-neutral-wide.model.npz DIR/test-anny --count 300 --seed 999
"""

import numpy as np

from scripts.small_clip.subject import Part, Subject
from semantify_blender.core.model.measurements import measure
from semantify_blender.core.model.morphable_model import MorphableModel

TRAITS = ("gender", "muscle", "weight", "proportions")
"""Unknown where the wide model's coefficients are drawn one by one: such shapes come from no setting of Anny."""

TRAINING = (
    Part("random-neutral", "anny-body-neutral", 3500, 101),
    Part("random-wide", "anny-body-neutral-wide", 2500, 102, sampler="normal", k=3.0, unknown=TRAITS),
    Part("random-male", "anny-body-male", 800, 103),
    Part("random-female", "anny-body-female", 800, 104),
    Part("plain-neutral", "anny-body-neutral", 500, 105, look="plain"),
    Part("plain-male", "anny-body-male", 150, 106, look="plain"),
    Part("plain-female", "anny-body-female", 150, 107, look="plain"),
)
TEST = (
    # bodies drawn from Anny itself (scripts/anny/sample_bodies.py), not from any principal components
    Part("test-anny", "anny-body-neutral-wide", 300, 201, sampler="file"),
    Part("test-neutral", "anny-body-neutral", 300, 202),
)


SIGNED: dict[str, dict[str, float]] = {
    # word: weights of standardised measurements (core.model.measurements)
    "tall": {"height": 1.0},
    "short": {"height": -1.0},
    "long": {"height": 1.0, "bmi": -0.6},
    "big": {"height": 1.0, "bmi": 1.0},
    "small": {"height": -1.0, "bmi": -0.6},
    "petite": {"height": -1.0, "bmi": -1.0},
    "fat": {"bmi": 1.0},
    "obese": {"bmi": 1.0, "waist ratio": 0.3},
    "heavyset": {"bmi": 1.0, "shoulder ratio": 0.4},
    "thin": {"bmi": -1.0},
    "slim": {"bmi": -1.0, "waist ratio": -0.3},
    "skinny": {"bmi": -1.0, "muscle": -0.5},
    "lean": {"bmi": -1.0, "muscle": 0.4},
    "fit": {"muscle": 1.0, "bmi": -0.6},
    "muscular": {"muscle": 1.0},
    "strong": {"muscle": 1.0, "shoulder ratio": 0.4},
    "built": {"muscle": 1.0, "shoulder ratio": 0.6, "bmi": 0.4},
    "sturdy": {"bmi": 0.8, "muscle": 0.8, "thigh ratio": 0.4},
    "stocky": {"bmi": 1.0, "height": -0.8},
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
    "big hips": {"hip ratio": 1.0},
    "big belly": {"belly to chest": 1.0},
}
CENTRED: dict[str, tuple[str, ...]] = {
    # word: measurements that are all near their mean; the paper's non-directional words
    "average": ("height", "bmi", "muscle"),
    "proportioned": ("leg ratio", "shoulder ratio", "waist to hip"),
}
TEMPLATES = ("{}", "a {} person", "a {} body", "a photo of a {} person")


def body_measurements(part: Part, model: MorphableModel, coefficients: np.ndarray) -> dict[str, np.ndarray]:
    """Lengths, girths, ratios, traits."""
    return measure(model, model.vertices(coefficients), coefficients)


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
)
