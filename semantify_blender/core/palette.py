"""The colour of each region of a model when nobody chose one, in renders and in the viewport alike."""

from collections.abc import Mapping

from .colour import Colour, from_hex

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
    "eyelashes": (0.24, 0.17, 0.14),
    "lips": (0.70, 0.40, 0.38),
    "brows": (0.20, 0.14, 0.10),
    "mouth": (0.45, 0.18, 0.18),
    "teeth": (0.90, 0.88, 0.84),
    "tongue": (0.66, 0.33, 0.33),
    "gums": (0.70, 0.40, 0.40),
    "nails": (0.84, 0.66, 0.58),
    "fur": (0.56, 0.42, 0.28),
    "belly fur": (0.63, 0.51, 0.38),
    "muzzle": (0.50, 0.38, 0.27),
    "nose pad": (0.16, 0.12, 0.11),
    "mane": (0.27, 0.18, 0.12),
    "hooves": (0.33, 0.25, 0.18),
    "horns": (0.78, 0.72, 0.60),
    "inner ear": (0.58, 0.42, 0.35),
    "udder": (0.78, 0.58, 0.52),
    "animal iris": (0.42, 0.26, 0.09),
    "nostrils": (0.07, 0.05, 0.05),
    "mouth line": (0.13, 0.09, 0.08),
}
"""Default sRGB colour of a region by its name; a name that is not here is skin."""

_FOLLOWS = {
    "brows": "hair", "eyebrows": "hair", "beard": "hair", "shirt": "top", "pants": "shorts", "trousers": "shorts",
    "skirt": "shorts", "dress": "top", "eye": "eyes", "lashes": "eyelashes", "mouth_inside": "mouth", "lip": "lips",
    "body": "skin", "face": "skin", "opening": "top",
}  # fmt: skip

FIRST = ("skin", "hair", "iris")
"""What people choose a colour of first."""
FOLLOWERS = frozenset(
    {"lips", "nails", "flush", "brows", "pupil", "eyes", "teeth", "gums", "tongue", "mouth", "lashes", "eyelashes"}
)
"""What follows another colour, or has one that it is born with: not offered where a skin is."""

MONK: tuple[Colour, ...] = tuple(
    from_hex(tone)
    for tone in (
        "#f6ede4", "#f3e7db", "#f7ead0", "#eadaba", "#d7bd96", "#a07e56", "#825c43", "#604134", "#3a312a", "#292420",
    )
)  # fmt: skip
"""The ten steps of the Monk skin-tone scale (Ellis Monk, 2022; CC BY 4.0), from light to dark."""


def skin_colours(skin: Colour) -> dict[str, Colour]:
    """The colours of a skin and of what goes with it: skin, lips, nails and its flush, where blood shows."""
    red, green, blue = skin
    pale = tuple(0.5 * part + 0.42 for part in skin)
    return {
        "skin": skin,
        "lips": (0.88 * red, 0.66 * green, 0.70 * blue),
        "nails": (pale[0], pale[1], pale[2]),
        "flush": (min(1.0, 0.99 * red + 0.01), 0.74 * green, 0.72 * blue),
    }


def with_followers(colours: Mapping[str, Colour]) -> dict[str, Colour]:
    """Colours of regions, sRGB, and of what goes with them: lips, nails and flush with the skin, brows with hair."""
    wanted = dict(colours)
    if "skin" in wanted:
        wanted = {**skin_colours(wanted["skin"]), **wanted}
    if "hair" in wanted:
        wanted.setdefault("brows", wanted["hair"])
    return wanted


def region_colour(name: str, palette: dict[str, Colour]) -> Colour:
    """The sRGB colour of a region in a palette, by its name."""
    key = name.lower()
    return palette.get(key) or palette.get(_FOLLOWS.get(key, "")) or palette["skin"]
