"""Results of a fit kept as they come: a line each in a file that only grows, from which an ended run goes on."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from ...core.errors import SemantifyError
from ...core.files.json_lines import object_of
from ...core.fitting.choose import Tools
from ...processes.requests import FitRequest
from .files import KNOWN, event_of, failure_event
from .subject import Failure, PicturedSubject, Result

NAME = "fits.part.jsonl"
SCHEMA = "semantify.fits-part/2"
LONGEST = 8 << 20
"""Bytes of a line; that of a subject with several pictures has some ten thousand."""


class Kept:
    """The lines of one run, on disk; in memory there is only where each begins.

    A line: "subject" (a digest of its name, files and boxes), "name", "fit" (as in fits.json, or null), "failures",
    and "shown": how each picture was cut and seen, for the sheet. The first line says what was fitted with. Each ends
    with "sha256" of all before, so that a damaged one is fitted again rather than believed.
    """

    def __init__(self, folder: Path, run: str) -> None:
        """run: digest of all that decides about results. Lines of another run are dropped.

        Raises SemantifyError when the file cannot be written.
        """
        self.path = folder / NAME
        self._places: dict[str, int] = {}
        self._done: set[str] = set()
        try:
            self._file: IO[bytes] = open(self.path, "r+b" if self._usable(run) else "w+b")  # noqa: SIM115 - see close
            if not self._read():
                self._append({"schema": SCHEMA, "run": run})
        except OSError as error:
            raise self._unwritable(error) from error

    def has(self, subject: PicturedSubject) -> bool:
        """Whether it was fitted from these very files, all of them."""
        return digest_of(subject) in self._done

    def line(self, subject: PicturedSubject) -> dict[str, Any] | None:
        """What is known of a subject."""
        place = self._places.get(digest_of(subject))
        if place is None:
            return None
        self._file.seek(place)
        return object_of(self._file.readline())

    def lines(self, subjects: Sequence[PicturedSubject]) -> Iterator[dict[str, Any]]:
        """Those of some subjects, in their order."""
        for subject in subjects:
            if (found := self.line(subject)) is not None:
                yield found

    def add(self, subject: PicturedSubject, found: Sequence[Result | Failure], tools: Tools) -> dict[str, Any]:
        """Keep what came of a subject. Returns its line. Raises SemantifyError when the disk is full."""
        result = next((one for one in found if isinstance(one, Result)), None)
        line = {
            "subject": digest_of(subject),
            "name": subject.name,
            "fit": None if result is None else event_of(result, tools),
            "failures": [failure_event(one) for one in found if isinstance(one, Failure)],
            "shown": [] if result is None else [seen.shown() for seen in result.seen],
        }
        place = self._file.seek(0, os.SEEK_END)
        try:
            self._append(line)
        except OSError as error:
            raise self._unwritable(error) from error
        self._note(line, place)
        return line

    def close(self, whole: bool) -> None:
        """whole: nothing is left to do, or nothing was done, so that the file is not needed any more."""
        with contextlib.suppress(OSError):  # of a full disk, which was told
            self._file.close()
        if whole or not self._places:
            self.path.unlink(missing_ok=True)

    def _usable(self, run: str) -> bool:
        try:
            with open(self.path, "rb") as file:
                head = _sound(file.readline(LONGEST))
        except OSError:
            return False
        return head is not None and head == {**head, "schema": SCHEMA, "run": run}

    def _read(self) -> bool:
        """Take in the lines that are there, up to one that was damaged or cut short. Returns whether there are any."""
        at = 0
        while line := self._file.readline(LONGEST):
            found = _sound(line)
            if found is None:
                break
            if "subject" in found:
                self._note(found, at)
            at += len(line)
        self._file.truncate(at)
        return at > 0

    def _note(self, line: dict[str, Any], place: int) -> None:
        self._places[line["subject"]] = place
        if line["fit"] is not None and not line["failures"]:
            self._done.add(line["subject"])

    def _append(self, line: dict[str, Any]) -> None:
        self._file.seek(0, os.SEEK_END)
        self._file.write(json.dumps({**line, "sha256": _check(line)}).encode() + b"\n")
        self._file.flush()

    def _unwritable(self, error: OSError) -> SemantifyError:
        return SemantifyError(f"{self.path}: cannot be written ({error.strerror}); choose another --out")


def _check(line: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(line).encode()).hexdigest()


def _sound(data: bytes) -> dict[str, Any] | None:
    """What a line says; None unless it is just as it was written."""
    try:
        line = object_of(data)
    except ValueError:
        return None
    if not data.endswith(b"\n"):
        return None
    return line if line.pop("sha256", None) == _check(line) else None


def run_of(tools: Tools, request: FitRequest, mapper_checksum: str) -> str:
    """Digest of all that decides about results beside the pictures."""
    digest = hashlib.sha256()
    known: list[object] = [getattr(request, name) for name in KNOWN]
    known += [sorted(dict(request.lock).items()), request.refine, request.force, tools.fitter and tools.fitter.spread]
    files = [tools.model.checksum, mapper_checksum, tools.encoder.checksum]
    digest.update(json.dumps([known, files]).encode())
    for weights in tools.fitter.layers if tools.fitter is not None else ():
        for values in weights:
            digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def digest_of(subject: PicturedSubject) -> str:
    """Of a subject's name, its files as they are now, and its boxes."""
    files = []
    for path in subject.paths:
        try:
            state = path.stat()
            files.append([str(path.absolute()), state.st_size, state.st_mtime_ns])
        except (OSError, ValueError):
            files.append([str(path.absolute())])
    return hashlib.sha256(json.dumps([subject.name, files, subject.boxes]).encode("utf-8", "replace")).hexdigest()[:32]
