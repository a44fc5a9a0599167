"""Which shape keys sliders may move: names and patterns to include and to leave out, and what cannot be used anyway."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import bpy

from ...core.errors import SemantifyError
from .names import listed
from .preflight import object_name
from .reading import Key, KeyedMesh


def choose_keys(
    mesh: KeyedMesh,
    obj: bpy.types.Object,
    include: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    include_driven: bool = False,
) -> tuple[tuple[Key, ...], dict[str, str]]:
    """The keys that a model is made of, and why each other one is left out (name -> a few words); no points are read.

    include, exclude: see `chosen_names`; no include means all. include_driven: also keys with drivers or keyframes,
    which attached sliders leave alone. Raises SemantifyError for a pattern that matches no key, and when none is left.
    """
    names = [key.name for key in mesh.keys]
    wanted = chosen_names(include, names, "include", object_name(obj))
    unwanted = chosen_names(exclude, names, "exclude", object_name(obj))
    chosen, left_out = [], {}
    for key in mesh.keys:
        if wanted and key.name not in wanted:
            left_out[key.name] = "not included"
        elif key.name in unwanted:
            left_out[key.name] = "excluded"
        elif reason := key.unusable():
            left_out[key.name] = reason
        elif key.ruled and not include_driven:
            left_out[key.name] = "has a driver" if key.ruled == "driver" else "has keyframes"
        else:
            chosen.append(key)
    if not chosen:
        raise nothing_left(obj, left_out)
    return tuple(chosen), left_out


def nothing_left(obj: bpy.types.Object, left_out: dict[str, str]) -> SemantifyError:
    """The error for a mesh of which no key can be used."""
    reasons = listed([f"{name} ({reason})" for name, reason in left_out.items()])
    ruled = any(reason in ("has a driver", "has keyframes") for reason in left_out.values())
    insist = "; include driven keys (--include-driven) if sliders shall have them all the same" if ruled else ""
    return SemantifyError(f"no shape key of {object_name(obj)!r} is left to use: {reasons}{insist}")


def chosen_names(given: str | Sequence[str], names: Sequence[str], option: str, owner: str) -> set[str]:
    """Which of the names a comma-separated text, or a list of such texts, means.

    A part that is a name is that name, whatever signs it holds (commas, brackets, blanks before or after it); any other
    is a pattern as for file names (*, ?, [abc]), upper and lower case alike. Raises SemantifyError for one that
    matches no name. option: "include" or "exclude", and owner: of the names, for its sentence.
    """
    found: set[str] = set()
    for text in [given] if isinstance(given, str) else given:
        for part in _parts(text, names):
            exact = {part} & set(names) or {name for name in names if name.strip() == part.strip()}
            like = part.strip().lower()
            matched = exact or {name for name in names if fnmatchcase(name.strip().lower(), like)}
            if not matched:
                raise SemantifyError(
                    f"{option} {part.strip()!r} matches no shape key of {owner!r}, which has {listed(list(names))}"
                )
            found |= matched
    return found


def _parts(text: str, names: Sequence[str]) -> list[str]:
    """The text cut at its commas, but not within a name; blank parts do not count."""
    known = {name.strip() for name in names} | set(names)
    pieces, parts = text.split(","), []
    while pieces:
        # the longest run of pieces that is a name, else one piece
        length = next((n for n in range(len(pieces), 1, -1) if ",".join(pieces[:n]).strip() in known), 1)
        part = ",".join(pieces[:length])
        if part.strip() or part in names:
            parts.append(part)
        del pieces[:length]
    return parts
