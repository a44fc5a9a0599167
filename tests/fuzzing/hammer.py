"""Spoilt files loaded and used, one after the other; whatever is no plain refusal and no sound result is a finding."""

import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from semantify_blender.core.errors import SemantifyError

SECONDS, MEGABYTES = 5.0, 400
"""What one file may take: of this process's own time, so that other load on the machine does not count."""
_WAITING = 20
"""How many times as long it may take by the clock."""
LONGEST = 1500
"""Characters of a message."""
OWN_MISTAKES = (AttributeError, NameError, AssertionError)

Spoil = Callable[[np.random.Generator, bytes, bytes], bytes]
Use = Callable[[Path, np.random.Generator], Any]


@dataclass(frozen=True)
class Kind:
    """One kind of file. valid: contents that must load. suffix: of the file's name. spoils: ways to spoil it.

    use: loads the file and does with it what the product does; gives the arrays that must be finite.
    """

    name: str
    suffix: str
    valid: tuple[bytes, ...]
    spoils: tuple[Spoil, ...]
    use: Use


@dataclass
class Findings:
    """What was found. refused, accepted: cases of each kind. failures: (kind, case, what), one of each place."""

    refused: Counter = field(default_factory=Counter)
    accepted: Counter = field(default_factory=Counter)
    failures: list[tuple[str, int, str]] = field(default_factory=list)
    places: Counter = field(default_factory=Counter)

    def add(self, kind: str, case: int, place: str, what: str) -> None:
        """Note a failure; of each place the first one is kept whole."""
        self.places[f"{kind}: {place}"] += 1
        if self.places[f"{kind}: {place}"] == 1:
            self.failures.append((kind, case, what))


class HangError(BaseException):
    """A case took too long; no handler of the code under test may catch it."""


def content_of(kind: Kind, seed: int, case: int) -> bytes:
    """The file of one case; it depends on kind, seed and case alone."""
    rng = np.random.default_rng([seed, case])
    valid = kind.valid[int(rng.integers(len(kind.valid)))]
    other = kind.valid[int(rng.integers(len(kind.valid)))]
    return kind.spoils[int(rng.integers(len(kind.spoils)))](rng, valid, other)


def check_valid(kind: Kind, folder: Path) -> None:
    """Raise unless every valid content of a kind loads and gives finite results."""
    for number, content in enumerate(kind.valid):
        path = folder / f"valid{kind.suffix}"
        path.write_bytes(content)
        bad = list(_not_finite(kind.use(path, np.random.default_rng(0))))
        if bad:
            raise ValueError(f"{kind.name} {number}: a valid file gives {bad}")


def hammer(kinds: list[Kind], cases: int, seed: int, folder: Path, tell: Callable[[str], None] = print) -> Findings:
    """Run cases of all kinds in turn, in this process."""
    found = Findings()
    start = told = time.monotonic()
    for kind in kinds:
        check_valid(kind, folder)
    for case in range(cases):
        kind = kinds[case % len(kinds)]
        one_case(kind, case, seed, folder, found)
        if time.monotonic() - told > 60:
            told = time.monotonic()
            tell(f"{case + 1:,} of {cases:,} cases, {len(found.failures)} findings, {told - start:.0f} s")
    return found


def one_case(kind: Kind, case: int, seed: int, folder: Path, found: Findings) -> None:
    """One file: spoilt, loaded, used, judged."""
    path = folder / f"case{kind.suffix}"
    path.write_bytes(content_of(kind, seed, case))
    before, start = _peak(), time.process_time()
    try:
        with _watched():
            result = kind.use(path, np.random.default_rng([seed, case, 1]))
        bad = list(_not_finite(result))
        if bad:
            found.add(kind.name, case, bad[0], f"not finite: {', '.join(bad)}")
        found.accepted[kind.name] += 1
    except SemantifyError as error:
        problem = _badly_said(error)
        if problem:
            found.add(kind.name, case, problem, f"{problem}: {error!s:.300}")
        found.refused[kind.name] += 1
    except HangError as error:
        found.add(kind.name, case, f"hang {_place(error)}", f"more than {SECONDS} s\n{_trace(error)}")
        return
    except Exception as error:
        found.add(kind.name, case, f"{type(error).__name__} {_place(error)}", _trace(error))
    grown, took = _peak() - before, time.process_time() - start
    if grown > MEGABYTES:
        found.add(kind.name, case, "memory", f"took {grown} MB")
    if took > SECONDS:
        found.add(kind.name, case, "time", f"took {took:.1f} s")


@contextmanager
def _watched() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise HangError

    clocks = ((signal.SIGPROF, signal.ITIMER_PROF, SECONDS), (signal.SIGALRM, signal.ITIMER_REAL, _WAITING * SECONDS))
    before = [signal.signal(number, ring) for number, _, _ in clocks]
    for _, clock, seconds in clocks:
        signal.setitimer(clock, seconds)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        for (number, clock, _), handler in zip(clocks, before, strict=True):
            signal.setitimer(clock, 0)
            signal.signal(number, handler)


def _badly_said(error: SemantifyError) -> str:
    text = str(error)
    if "\n" in text or not text.strip() or len(text) > LONGEST:
        return "message is not one sentence"
    if not text.isprintable():
        return "message cannot be printed"
    cause = error.__cause__
    return f"hides {type(cause).__name__} {_place(cause)}" if isinstance(cause, OWN_MISTAKES) else ""


def _not_finite(value: Any, at: str = "result") -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _not_finite(item, f"{at}.{name}")
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _not_finite(item, at)
    elif isinstance(value, float | np.ndarray) and np.asarray(value).dtype.kind == "f" and not np.isfinite(value).all():
        yield at


def _place(error: BaseException) -> str:
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "semantify_blender" in f.filename]
    return f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "outside"


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-2500:]


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
