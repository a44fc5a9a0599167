"""Which shape keys sliders may move: patterns to include and to leave out, and what cannot be used anyway."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from ..core.errors import SemantifyError
from .reading import Key, KeyedMesh


def patterns(text: str | Sequence[str]) -> tuple[str, ...]:
    """Patterns such as *_L from a comma-separated text or a list of such texts; blanks around them do not count."""
    parts = [text] if isinstance(text, str) else list(text)
    return tuple(pattern.strip() for part in parts for pattern in part.split(",") if pattern.strip())


def choose_keys(
    mesh: KeyedMesh, object_name: str, include: str | Sequence[str] = (), exclude: str | Sequence[str] = ()
) -> tuple[tuple[Key, ...], dict[str, str]]:
    """The keys that a model is made of, and why each other one is left out (name -> a few words).

    include, exclude: patterns as for file names (*, ?, [abc]), upper and lower case alike; no include means all.
    Raises SemantifyError for a pattern that matches no key, and when no key is left.
    """
    wanted, unwanted = patterns(include), patterns(exclude)
    for option, given in (("include", wanted), ("exclude", unwanted)):
        for pattern in given:
            if not any(_matches(key.name, (pattern,)) for key in mesh.keys):
                raise SemantifyError(
                    f"{option} {pattern!r} matches no shape key of {object_name!r}, which has "
                    f"{listed([key.name for key in mesh.keys])}"
                )
    chosen, left_out = [], {}
    for key in mesh.keys:
        reason = key.unusable(mesh.size)
        if wanted and not _matches(key.name, wanted):
            left_out[key.name] = "not included"
        elif _matches(key.name, unwanted):
            left_out[key.name] = "excluded"
        elif reason:
            left_out[key.name] = reason
        else:
            chosen.append(key)
    if not chosen:
        reasons = listed([f"{name} ({reason})" for name, reason in left_out.items()])
        raise SemantifyError(f"no shape key of {object_name!r} is left to use: {reasons}")
    return tuple(chosen), left_out


def listed(names: Sequence[str], most: int = 6) -> str:
    """A list for a sentence, cut short when it is long: a, b, c and 49 more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _matches(name: str, wanted: Sequence[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in wanted)
