"""How a picture looks apart from its shape: colours, light, background and camera, plain or random (NumPy only)."""

from dataclasses import dataclass, field

import numpy as np

from .model.sampling import LOOK, generator

Colour = tuple[float, float, float]

GREY: Colour = (0.62, 0.62, 0.62)
PALETTE: dict[str, Colour] = {
    "skin": (0.80, 0.60, 0.49),
    "hair": (0.20, 0.14, 0.10),
    "top": (0.25, 0.45, 0.62),
    "shorts": (0.20, 0.22, 0.30),
    "shoes": (0.16, 0.15, 0.15),
    "eyes": (0.93, 0.93, 0.92),
    "iris": (0.30, 0.40, 0.45),
    "pupil": (0.03, 0.03, 0.03),
    "eyelashes": (0.10, 0.07, 0.06),
    "lips": (0.70, 0.40, 0.38),
    "brows": (0.20, 0.14, 0.10),
    "mouth": (0.45, 0.18, 0.18),
    "teeth": (0.90, 0.88, 0.84),
    "nails": (0.84, 0.66, 0.58),
    "fur": (0.56, 0.42, 0.28),
    "belly fur": (0.63, 0.51, 0.38),
    "muzzle": (0.50, 0.38, 0.27),
    "nose pad": (0.16, 0.12, 0.11),
    "mane": (0.27, 0.18, 0.12),
    "hooves": (0.33, 0.25, 0.18),
    "horns": (0.78, 0.72, 0.60),
    "inner ear": (0.66, 0.47, 0.40),
    "udder": (0.78, 0.58, 0.52),
}
"""Default sRGB colour of a region by its name; a name that is not here is skin."""

_FOLLOWS = {
    "brows": "hair", "eyebrows": "hair", "beard": "hair", "shirt": "top", "pants": "shorts", "trousers": "shorts",
    "eye": "eyes", "mouth_inside": "mouth", "tongue": "mouth", "lip": "lips", "body": "skin", "face": "skin",
}  # fmt: skip
_SKIN_LIGHT, _SKIN_DARK = np.array([0.93, 0.75, 0.65]), np.array([0.33, 0.20, 0.14])
_HAIR = np.array([[0.08, 0.06, 0.05], [0.22, 0.14, 0.09], [0.40, 0.26, 0.15], [0.72, 0.55, 0.33], [0.45, 0.20, 0.10],
                  [0.62, 0.61, 0.60]])  # fmt: skip
_FUR = np.array([[0.90, 0.88, 0.84], [0.80, 0.68, 0.50], [0.66, 0.48, 0.30], [0.47, 0.28, 0.16], [0.30, 0.20, 0.14],
                 [0.12, 0.10, 0.10], [0.52, 0.50, 0.48], [0.62, 0.53, 0.50]])  # fmt: skip


def region_colour(name: str, palette: dict[str, Colour]) -> Colour:
    """The sRGB colour of a region in a palette, by its name."""
    key = name.lower()
    return palette.get(key) or palette.get(_FOLLOWS.get(key, "")) or palette["skin"]


@dataclass(frozen=True)
class Look:
    """One picture's look. Angles in degrees, relative to the camera: azimuth to its right, elevation up.

    palette: region name -> sRGB. Light strengths: 1 lights a surface that faces the light to its own colour.
    background: sRGB colours at the two ends of a gradient that runs along `gradient` degrees (0 right, 90 up).
    key_colour: sRGB of the key light.
    stripes: of the garments, or None: their second sRGB colour, how many to a metre, and their slant in degrees.
    yaw, pitch: turn of the camera around the figure. zoom: frame size, 1 is the model's own.
    shift: of the figure to the (right, up), in frames. distance: of the camera, metres per metre of frame height.
    """

    palette: dict[str, Colour] = field(default_factory=lambda: PALETTE)
    background: tuple[Colour, Colour] = ((0.78, 0.79, 0.80), (0.78, 0.79, 0.80))
    gradient: float = 90.0
    key_azimuth: float = -38.0
    key_elevation: float = 42.0
    key_strength: float = 0.78
    fill_azimuth: float = 55.0
    fill_elevation: float = 10.0
    fill_strength: float = 0.22
    ambient: float = 0.20
    yaw: float = 0.0
    pitch: float = 0.0
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    distance: float = 6.0 / 2.2
    key_colour: Colour = (1.0, 1.0, 1.0)
    stripes: tuple[Colour, float, float] | None = None


PLAIN = Look()
UNTEXTURED = dict.fromkeys(PALETTE, GREY)


def look_of(look: str, seed: int, sample: int, view: int, textured: bool = True) -> Look:
    """The look of view number `view` of a sample; it depends on (seed, sample, view) and nothing else.

    look: "plain", "random", "wild" or "unseen". textured: False paints every region the same grey.
    """
    if look == "plain":
        return PLAIN if textured else Look(palette=UNTEXTURED)
    # each view draws from its own child stream, so that adding a view leaves the others as they were
    rng = np.random.default_rng(generator(seed, sample, LOOK).integers(0, 2**63, view + 1)[view])
    if look == "random":
        return _random_look(rng, textured)
    from .wild_looks import unseen_look, wild_look

    return (wild_look if look == "wild" else unseen_look)(rng, textured)


def _random_look(rng: np.random.Generator, textured: bool) -> Look:
    # always the same draws in the same order, whatever is used of them
    palette = random_palette(rng)
    first = _background_colour(rng)
    second = np.clip(first + rng.normal(0, 0.18, 3), 0.03, 0.97) if rng.random() < 0.7 else first
    gradient = rng.uniform(0, 360)
    side = -1.0 if rng.random() < 0.5 else 1.0
    return Look(
        palette=palette if textured else UNTEXTURED,
        background=(colour_of(first), colour_of(second)),
        gradient=gradient,
        key_azimuth=side * rng.uniform(12, 68),
        key_elevation=rng.uniform(15, 62),
        key_strength=rng.uniform(0.60, 0.95),
        fill_azimuth=-side * rng.uniform(20, 80),
        fill_elevation=rng.uniform(-15, 35),
        fill_strength=rng.uniform(0.05, 0.32),
        ambient=rng.uniform(0.10, 0.28),
        yaw=rng.uniform(-25, 25),
        pitch=rng.uniform(-4, 10),
        zoom=rng.uniform(0.97, 1.10),
        shift=(rng.uniform(-0.05, 0.05), rng.uniform(-0.025, 0.025)),
        distance=rng.uniform(1.8, 4.5),
    )


def random_palette(rng: np.random.Generator) -> dict[str, Colour]:
    """Colours of skin, hair, garments and coats, as people and animals have them."""
    skin = _SKIN_DARK + rng.beta(1.3, 1.0) * (_SKIN_LIGHT - _SKIN_DARK) + rng.normal(0, 0.015, 3)
    hair = _HAIR[rng.integers(len(_HAIR))] * rng.uniform(0.7, 1.2) + rng.normal(0, 0.01, 3)
    top, shorts = cloth(rng), cloth(rng)
    lips = skin * [0.88, 0.66, 0.70]
    changed = {"skin": skin, "hair": hair, "brows": hair * 0.8, "top": top, "shorts": shorts, "lips": lips}
    changed |= {"nails": skin * 0.5 + 0.42, "shoes": cloth(rng) * 0.6}
    # animals draw from a child stream, so that they leave the looks of people as they are
    changed |= _random_coat(rng.spawn(1)[0])
    return PALETTE | {name: colour_of(value) for name, value in changed.items()}


def _random_coat(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Colours of an animal; they say nothing about its species, so that shape alone names it."""
    fur, other = _FUR[rng.integers(len(_FUR), size=2)] * rng.uniform(0.8, 1.15, (2, 1))
    pink, dark = np.array([0.80, 0.58, 0.53]), np.array([0.15, 0.12, 0.11])
    mane = fur if rng.random() < 0.25 else fur * 0.5 if rng.random() < 0.6 else other
    belly = fur + rng.uniform(0, 0.6) * (np.array([0.9, 0.87, 0.82]) - fur)
    muzzle = fur + rng.uniform(0, 0.5) * ((dark if rng.random() < 0.5 else belly) - fur)
    horns = dark + rng.random() * (np.array([0.90, 0.85, 0.74]) - dark)
    nose = dark + rng.beta(0.7, 1.5) * (pink - dark)
    feet = fur * rng.uniform(0.3, 1.0) if rng.random() < 0.7 else horns
    return {"fur": fur, "mane": mane, "belly fur": belly, "muzzle": muzzle, "nose pad": nose, "hooves": feet,
            "horns": horns, "inner ear": 0.5 * (fur + pink), "udder": 0.4 * fur + 0.6 * pink}  # fmt: skip


def cloth(rng: np.random.Generator) -> np.ndarray:
    """A colour of cloth: any hue, mostly muted. Returns (3,) sRGB."""
    return _from_hsv(rng.random(), rng.beta(1.2, 1.6), rng.uniform(0.12, 0.88))


def _background_colour(rng: np.random.Generator) -> np.ndarray:
    return _from_hsv(rng.random(), rng.beta(1.0, 2.2) * 0.8, rng.uniform(0.12, 0.97))


def _from_hsv(hue: float, saturation: float, value: float) -> np.ndarray:
    ramp = np.clip(np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    return value * (1 + saturation * (ramp - 1))


def colour_of(values: np.ndarray) -> Colour:
    """An sRGB colour kept off pure black and white. values: (3,)."""
    red, green, blue = np.clip(values, 0.02, 0.98).tolist()
    return red, green, blue


def linear(colour: Colour) -> tuple[float, float, float, float]:
    """sRGB to scene-linear RGBA, the colours of Blender's nodes."""
    values = np.asarray(colour, np.float64)
    out = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return (*out.tolist(), 1.0)  # type: ignore[return-value]


def direction(azimuth: float, elevation: float) -> tuple[float, float, float]:
    """Unit vector towards an azimuth and elevation in degrees; (0, 0) is −Y, where a front view is taken from."""
    a, e = np.radians([azimuth, elevation])
    return float(np.sin(a) * np.cos(e)), float(-np.cos(a) * np.cos(e)), float(np.sin(e))
