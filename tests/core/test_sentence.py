"""Messages as sentences."""

import pytest

from semantify_blender.core.sentence import as_sentence


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no person was found", "No person was found"),
        ("animal-01.jpg: no person was found", "animal-01.jpg: no person was found"),
        ("ann: is no picture", "Ann: is no picture"),
        ("räum 3.png: is no picture", "räum 3.png: is no picture"),
        ("two people: take 1.5 of them", "Two people: take 1.5 of them"),
        ("--crop: give four numbers", "--crop: give four numbers"),
        ("", ""),
    ],
)
def test_a_message_begins_with_a_capital_letter_and_a_file_keeps_its_name(text: str, said: str) -> None:
    assert as_sentence(text) == said
