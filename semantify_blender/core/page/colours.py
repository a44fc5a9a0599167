"""The colours of a page's figures, and which of them its visitors choose: what the panel in Blender offers."""

from collections.abc import Container, Mapping
from typing import Any

from ..colour import Colour
from ..looks.coats import COATS
from ..palette import FIRST, FOLLOWERS, MONK, PALETTE, region_colour, skin_colours, with_followers

FLUSH = "flush"


def as_hex(colour: Colour) -> str:
    """ "#rrggbb" of an sRGB colour; what is beyond 0..1 is cut."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02x}" for part in colour)


def of_region(name: str, own: Mapping[str, Colour]) -> str:
    """The colour of a region or paint when nobody chose one. own: colours that the model itself names."""
    if name in own:
        return as_hex(own[name])
    if name == FLUSH:
        return as_hex(skin_colours(PALETTE["skin"])[FLUSH])
    return as_hex(region_colour(name, PALETTE))


def shown(chosen: Mapping[str, Colour], names: Container[str]) -> dict[str, str]:
    """Chosen colours and what goes with them, of the regions and paints that a page shows. chosen: sRGB by name."""
    return {name: as_hex(colour) for name, colour in with_followers(chosen).items() if name in names}


def choices(names: list[str], animal: bool) -> dict[str, Any]:
    """Header fields: which of these regions and paints have a colour to choose, and what goes with them."""
    offered = names if "skin" not in names else [name for name in names if name not in FOLLOWERS]
    follow = {"hair": ["brows"]} if "brows" in names else {}
    tones = [{name: as_hex(colour) for name, colour in skin_colours(tone).items()} for tone in MONK]
    coats = [
        {"name": name, "colours": {region: as_hex(colour) for region, colour in coat.items()}}
        for name, coat in COATS.items()
    ]
    return {
        "adjustable": [*(name for name in FIRST if name in offered), *(n for n in offered if n not in FIRST)],
        "follow": follow,
        "tones": [] if animal or "skin" not in names else tones,
        "coats": coats if animal and "fur" in names else [],
    }
