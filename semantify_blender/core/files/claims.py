"""Who makes which file, where several processes on several machines fill one folder.

A claim is a small file beside the one that is to be made, created in one step that succeeds for one writer alone
(O_EXCL, which NFS and the parallel file systems of clusters keep; flock they often do not). Its owner touches it while
it works. One whose owner is dead, or has not touched it for `STALE` seconds, is void: whoever needs the file takes it.

Claims save work; nothing rests on them. Files are written aside and renamed, and the same job gives the same bytes, so
should two writers ever make one file, the second takes nothing from the first.
"""

import json
import os
import re
import threading
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from .owners import process_is_alive, this_node

STALE = 600.0
"""Seconds after which a claim that nobody touched is void. Its owner may be on a machine that is gone."""
_EVERY = 20.0
"""Seconds between two touches."""
POLL = 1.0
"""Seconds between two looks at what others make."""
_SUFFIX = ".lock"
_CLAIM = re.compile(r"\.(.+?)\.lock(\.[0-9a-f]{8}\.\d+\.\d+)?")
_HALF = re.compile(r"\.(.+)\.([0-9a-f]{8})\.(\d{1,10})\.part")
"""What `writing.write_aside` writes for a file: the machine and the process that does."""
_ours: set[Path] = set()
_changing = threading.RLock()
"""Held while a claim is taken or given back: between its file and `_ours` another thread would take it for void."""
_touching = threading.Lock()
_toucher: threading.Thread | None = None


def claim_path(path: Path) -> Path:
    """The file that says that `path` is being made."""
    return path.with_name(f".{path.name}{_SUFFIX}")


def take(path: Path) -> bool:
    """Claim a file that is to be made. Returns whether it is ours now; give it back with `release`.

    Raises OSError when its folder cannot be written.
    """
    claim = claim_path(path).absolute()
    with _changing:
        for _ in range(3):
            try:
                handle = os.open(claim, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            except FileExistsError:
                if not _void(claim) or not _clear(claim):
                    return False
                continue
            try:
                with open(handle, "w", encoding="utf-8") as file:
                    file.write(_signature())
            except BaseException:
                # on a full disk: an empty claim is nobody's, and others would wait until it is stale
                with suppress(OSError):
                    claim.unlink()
                raise
            _hold(claim)
            return True
    return False


def release(path: Path) -> None:
    """Give a claim back."""
    claim = claim_path(path).absolute()
    with _changing:
        with _touching:
            _ours.discard(claim)
        with suppress(OSError):
            # it was taken from us while we seemed dead: then it is another's
            if claim.read_text(encoding="utf-8") == _signature():
                claim.unlink()


def is_claimed(path: Path) -> bool:
    """Whether somebody who is alive makes this file."""
    claim = claim_path(path)
    return claim.exists() and not _void(claim.absolute())


def clear_leftovers(folder: Path, names: Container[str]) -> None:
    """Remove void claims of files with these names, and what dead processes had half written of them."""
    for path in folder.glob(".*"):
        if match := _HALF.fullmatch(path.name):
            mine = match[2] == this_node() and os.name != "nt"
            dead = match[1] in names and (not process_is_alive(int(match[3])) if mine else _age(path) > STALE)
            if dead:
                path.unlink(missing_ok=True)
        elif (match := _CLAIM.fullmatch(path.name)) and match[1] in names:
            with _changing:
                if _void(path.absolute()):
                    # one that was being removed when its remover died has a longer name
                    path.unlink(missing_ok=True) if match[2] else _clear(path.absolute())


def available(
    wanted: Sequence[int], path_of: Callable[[int], Path], is_made: Callable[[int], bool], others: list[int]
) -> Iterator[int]:
    """Of files that several processes make together, those that nobody makes now, one after the other, claimed.

    wanted: their numbers, in the order in which they are tried. path_of, is_made: of a number. others: the numbers of
    those that somebody else makes are added to it. The caller makes the file and gives the claim back with `release`.
    """
    for number in wanted:
        if is_made(number):
            continue
        if not take(path_of(number)):
            others.append(number)
            continue
        try:
            made = is_made(number)  # by its owner of a moment ago
            if not made:
                clear_leftovers(path_of(number).parent, {path_of(number).name})
        except BaseException:
            release(path_of(number))
            raise
        if made:
            release(path_of(number))
            continue
        yield number


def shared(
    wanted: Sequence[int],
    path_of: Callable[[int], Path],
    is_made: Callable[[int], bool],
    waiting: Callable[[int], None] | None = None,
) -> Iterator[int]:
    """The same until all are made, by whomever: those of an owner who dies meanwhile are given out here.

    Each has to be made before the next is asked for: two that wait for each other would wait for ever.
    waiting: told, once, how many others are making.
    """
    left, told = list(wanted), False
    while left:
        others: list[int] = []
        yield from available(left, path_of, is_made, others)
        if len(others) == len(left):
            if waiting is not None and not told:
                waiting(len(others))
                told = True
            time.sleep(POLL)
        left = others


def _signature() -> str:
    return json.dumps({"node": this_node(), "process": os.getpid()})


def _void(claim: Path) -> bool:
    """Whether the owner of a claim is gone. Nobody can ask another machine: there its age decides."""
    with _touching:
        if claim in _ours:
            return False
    try:
        text = claim.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False  # given back this moment; whoever asks tries again
    match = re.fullmatch(r'\{"node": "([0-9a-f]{8})", "process": (\d{1,10})\}', text)
    if match and match[1] == this_node() and os.name != "nt" and not process_is_alive(int(match[2])):
        return True
    return _age(claim) > STALE


def _age(path: Path) -> float:
    """Seconds since a file was touched, by the clock of the file system: machines' own clocks differ."""
    probe = path.with_name(f".{this_node()}.{os.getpid()}.{threading.get_ident()}.now")
    try:
        probe.touch()
        now = probe.stat().st_mtime
    except OSError:
        now = time.time()
    finally:
        with suppress(OSError):
            probe.unlink()
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0


def _clear(claim: Path) -> bool:
    """Remove a void claim: of all who try, one does. Returns whether the way is free for another try."""
    aside = claim.with_name(f"{claim.name}.{this_node()}.{os.getpid()}.{threading.get_ident()}")
    try:
        os.rename(claim, aside)
    except FileNotFoundError:
        return True  # somebody was quicker
    except OSError:
        return False
    free = _void(aside)
    if not free:
        # a new owner came between our look and our grasp: hand it back, unless there is yet another
        with suppress(OSError):
            os.link(aside, claim)
    with suppress(OSError):
        aside.unlink()
    return free


def _hold(claim: Path) -> None:
    global _toucher
    with _touching:
        _ours.add(claim)
        if _toucher is None or not _toucher.is_alive():
            _toucher = threading.Thread(target=_keep_touching, daemon=True)
            _toucher.start()


def _keep_touching() -> None:
    while True:
        time.sleep(_EVERY)
        with _touching:
            held = list(_ours)
        for claim in held:
            with suppress(OSError):
                os.utime(claim)
