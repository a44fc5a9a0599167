"""The add-on's training of own words, in the Python that has torch: its side is `addon.own_words`.

Tells one JSON object a line on standard output: progress, note, error, result. It ends when its standard input does;
what is rendered and embedded by then stays, and the next run goes on from there.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.dataset_spec import DatasetSpec
from ..core.errors import SemantifyError
from ..core.files import claims
from ..core.files.writing import read_bytes, unwritable, write_aside
from ..core.library import load_model
from ..core.own_words import BUSY, FILE, OwnWords
from ..core.pipes import telling, until_pipe_closes
from ..processes.child import interruptible
from .telling import Told

STEPS = 9
"""Steps that the whole line tells of."""


def say(event: str, **values: Any) -> None:
    """One object to whoever started this."""
    with telling():
        print(json.dumps({"event": event, **values}), flush=True)


class Progress:
    """Steps and counts as one number that grows."""

    def __init__(self) -> None:
        self.step, self.title, self.most = 0, "Starting", 0

    def __call__(self, told: Told) -> None:
        """Tell a step, a remark or a count."""
        share = 0.0
        if told.kind == "note":
            say("note", message=told.text)
            return
        if told.kind == "step":
            self.step, self.title = min(self.step + 1, STEPS), told.text
        elif told.total > 0:
            share = min(told.done / told.total, 1.0)
        text = f"{self.title}: {told.done} of {told.total}" if share else self.title
        # some steps count twice, and nothing that is shown goes back
        self.most = max(self.most, round(100 * (max(self.step - 1, 0) + share)))
        say("progress", done=self.most, total=100 * STEPS, text=text)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep others out of a folder meanwhile. Raises SemantifyError where somebody trains there already."""
    path = folder / FILE
    try:
        taken = claims.take(path)
    except OSError as error:
        raise unwritable(error, path) from error
    if not taken:
        raise SemantifyError(BUSY.format(folder=folder.name))
    try:
        # should this process be killed, whoever started it can tell that the claim is its own
        say("claim", text=claims.claim_path(path).read_text("utf-8"))
        yield
    finally:
        claims.release(path)


def train(folder: Path) -> dict[str, Any]:
    """Do what the task in a folder says. Returns what the panel shows. Raises SemantifyError."""
    task, began = OwnWords.load(folder), time.monotonic()
    from .line import Line
    from .result import PicturesMissing

    model = load_model(task.model)
    spec = DatasetSpec.of(model, samples=task.samples, size=task.size, engine_samples=task.engine_samples)
    line = Line(
        task.model, folder, spec, words=task.words, descriptors=task.words, clip=task.clip, picture_width=1000,
        blender=task.blender, name=task.name,
    )  # fmt: skip
    try:
        result = line.run(Progress())
    except PicturesMissing as error:
        say("note", message=str(error))
        result = error.result
    with write_aside(task.mapper) as aside:
        aside.write_bytes(read_bytes(result.files["mapper"]))
    replace(task, done=True).save(folder)
    sheet = result.files.get("slider sheet")
    sliders = result.figures.get("sliders", {})
    return {
        "mapper": task.mapper,
        "sheet": str(sheet) if sheet else "",
        "report": str(result.files.get("report", "")),
        "rho": sliders.get("rho"),
        "words": list(task.words),
        "seconds": time.monotonic() - began,
    }


def main(folder: str, task: str = "") -> int:
    """Train, and tell. Returns the exit status. task: to be put into the folder, as text; empty for what is there."""
    interruptible()
    try:
        with alone_in(Path(folder)):
            if task:
                OwnWords.read(Path(folder) / FILE, task).save(Path(folder))
            found = train(Path(folder))
    except SemantifyError as error:
        say("error", message=str(error))
        return 1
    except ModuleNotFoundError as error:
        say("error", message=f"this Python has no {error.name}: press Set Up in the add-on's preferences again")
        return 1
    except KeyboardInterrupt:
        return 130
    say("result", **found)
    return 0


def run(folder: str, task: str = "") -> None:
    """As a process."""
    sys.exit(until_pipe_closes(lambda: main(folder, task)))
