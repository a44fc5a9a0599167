"""What long work tells: to a callback, or to nobody."""

import pytest

from semantify_blender.training.telling import Teller, Told


def test_everything_is_told_in_order_with_a_text_for_people() -> None:
    told: list[Told] = []
    teller = Teller(told.append)
    teller.step("Rendering")
    teller.note("with cycles")
    teller.images(2, 8, 1.5)
    teller.images(8, 8, 1.5)
    teller.progress(1, 3)
    assert [one.kind for one in told] == ["step", "note", "count", "count", "count"]
    assert list(map(str, told)) == [
        "Rendering", "with cycles", "2/8 1.5 pictures/s, 4 s left", "8/8 1.5 pictures/s", "1/3",
    ]  # fmt: skip
    assert (told[2].done, told[2].total) == (2, 8)


def test_print_is_a_callback_and_nobody_need_listen(capsys: pytest.CaptureFixture[str]) -> None:
    Teller(print).step("Rendering")
    Teller().step("Unheard")
    assert capsys.readouterr().out == "Rendering\n"


def test_a_callback_may_end_the_work() -> None:
    def stop(told: Told) -> None:
        raise KeyboardInterrupt(told.text)

    with pytest.raises(KeyboardInterrupt, match="Rendering"):
        Teller(stop).step("Rendering")
