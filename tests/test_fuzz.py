"""A part of `make fuzz`, and proof that the hammer would notice: 2,000 spoilt files of all kinds."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.foreign_errors import foreign_errors_told
from tests.fuzzing import hammer
from tests.fuzzing.hammer import Findings, Kind, check_valid, content_of, one_case
from tests.fuzzing.kinds import core_kinds
from tests.fuzzing.mutations import spoil_bytes
from tests.fuzzing.training_kinds import training_kinds

CASES = 2000


def test_spoilt_files_are_refused_or_work(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kinds = [*core_kinds(tmp_path), *training_kinds(tmp_path)]
        found = hammer.hammer(kinds, CASES, 20_251_125, tmp_path)
    assert not found.failures, found.failures
    assert found.refused.total() + found.accepted.total() == CASES
    for kind in kinds:
        assert found.accepted[kind.name], f"every {kind.name} was refused: nothing of it was tried in use"
        assert found.refused[kind.name] or kind.name == "steps.json", f"no {kind.name} was refused"


def made(use: Callable[[], Any]) -> Kind:
    return Kind("made", ".bin", (b"0123456789",), (spoil_bytes,), lambda path, rng: use())


def judged(use: Callable[[], Any], folder: Path) -> Findings:
    found = Findings()
    one_case(made(use), 0, 0, folder, found)
    return found


def hang() -> None:
    try:
        while True:
            sum(range(1000))
    except Exception:
        raise AssertionError from None


def a_mistake_told_as_damage() -> None:
    try:
        None.size  # type: ignore[attr-defined]  # noqa: B018
    except AttributeError as error:
        raise FileFormatError("x", "y", "is damaged") from error


def foreign(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (lambda: foreign(ValueError("x")), "ValueError"),
        (lambda: foreign(RecursionError()), "RecursionError"),
        (lambda: {"a": [np.array([1.0, np.nan])]}, "result.a"),
        (lambda: float("inf"), "result"),
        (lambda: foreign(SemantifyError("two\nlines")), "one sentence"),
        (lambda: foreign(SemantifyError("")), "one sentence"),
        (lambda: foreign(SemantifyError("half \ud800")), "cannot be printed"),
        (a_mistake_told_as_damage, "hides AttributeError"),
        (hang, "hang"),
        (lambda: None, "memory"),
    ],
)
def test_the_hammer_notices(
    use: Callable[[], Any], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hammer, "SECONDS", 0.5)
    if expected == "memory":
        peaks = iter([100, 100 + hammer.MEGABYTES + 1])
        monkeypatch.setattr(hammer, "_peak", lambda: next(peaks))
    found = judged(use, tmp_path)
    assert len(found.failures) == 1
    assert any(expected in place for place in found.places)


def test_a_refusal_and_a_sound_result_are_no_findings(tmp_path: Path) -> None:
    for use in (lambda: foreign(FileFormatError("x", "y", "is not")), lambda: {"a": np.zeros(3), "b": [1.0, None]}):
        assert not judged(use, tmp_path).failures


def test_a_case_depends_on_its_number_alone(tmp_path: Path) -> None:
    kind = made(lambda: None)
    assert content_of(kind, 1, 7) == content_of(kind, 1, 7)
    assert len({content_of(kind, 1, case) for case in range(20)}) > 10
    with pytest.raises(ValueError, match="a valid file gives"):
        check_valid(made(lambda: float("nan")), tmp_path)


def test_what_reading_raises_is_one_sentence() -> None:
    for error in (
        ValueError("a\nb"),
        MemoryError(),
        RecursionError(),
        OverflowError("x"),
        EOFError(),
        OSError(5, "Bad"),
    ):
        with (
            pytest.raises(FileFormatError, match=r"^f: field: is damaged \([^\n]+\); again$"),
            foreign_errors_told("f", "field", "is damaged", "again"),
        ):
            raise error
