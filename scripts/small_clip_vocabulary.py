"""What each word of the small CLIP means in measurements: the closed vocabulary that its captions are written from."""

import numpy as np

SIGNED: dict[str, dict[str, float]] = {
    # word: weights of standardised measurements (core.measurements)
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
WORDS = (*SIGNED, *CENTRED)
MEASUREMENTS = tuple(sorted({name for parts in SIGNED.values() for name in parts}))
TEMPLATES = ("{}", "a {} person", "a {} body", "a photo of a {} person")


def standardise(measured: dict[str, np.ndarray], reference: dict[str, tuple[float, float]]) -> np.ndarray:
    """(N, len(MEASUREMENTS)) float32 in the reference population's standard deviations."""
    columns = [(measured[name] - reference[name][0]) / reference[name][1] for name in MEASUREMENTS]
    return np.stack(columns, 1).astype(np.float32)


def meanings(standardised: np.ndarray) -> np.ndarray:
    """How much each word of WORDS holds, not centred. standardised: (N, M). Returns (N, W)."""
    column = {name: standardised[:, i] for i, name in enumerate(MEASUREMENTS)}
    found = [sum(weight * column[name] for name, weight in parts.items()) for parts in SIGNED.values()]
    for names in CENTRED.values():
        found.append(-np.sqrt(np.mean([column[name] ** 2 for name in names], axis=0)))
    return np.stack(found, 1)


def caption(holds: np.ndarray, rng: np.random.Generator) -> str:
    """One to four words that hold clearly, in a template. holds: (W,) standardised meanings."""
    true = np.flatnonzero(holds > 0.7)
    if not len(true):
        true = holds.argsort()[-2:]
    chosen = rng.permutation(true)[: rng.integers(1, 5)]
    return TEMPLATES[rng.integers(len(TEMPLATES))].format(" ".join(WORDS[i] for i in chosen))
