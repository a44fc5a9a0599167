"""Files of words as editors write them, and which words are one."""

import codecs
from pathlib import Path

import pytest

from semantify_blender.core.descriptors import distinct_words, same_word
from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.files.word_files import read_word_file

WORDS = "tall\r\nlong  legs\n\n  Tall \nmüde\n"
EXPECTED = ("tall", "long legs", "müde")


@pytest.mark.parametrize(
    "data",
    [
        WORDS.encode(),
        codecs.BOM_UTF8 + WORDS.encode(),
        codecs.BOM_UTF16_LE + WORDS.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 little", "utf-16 big"],
)
def test_words_are_read_in_the_encodings_of_editors(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(data)
    assert read_word_file(path) == EXPECTED


@pytest.mark.parametrize(
    "data",
    [
        WORDS.encode("utf-16-le"),
        "müde".encode("latin-1"),
        codecs.BOM_UTF32_LE + WORDS.encode("utf-32-le"),
        codecs.BOM_UTF16_LE + b"t",
        codecs.BOM_UTF16_LE + b"\x00\xd8",
        b"\x89PNG\r\n\x1a\n",
        b"tall\x00",
    ],
)
def test_another_encoding_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match=r"words\.txt: file: is no text in UTF-8 or UTF-16; save it as UTF-8"):
        read_word_file(path)


@pytest.mark.parametrize("data", [b"", b" \n\t\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_a_file_without_words_is_an_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="holds no word"):
        read_word_file(path)


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent", "/dev/zero", tmp_path / "a\0b"):
        with pytest.raises(FileFormatError, match="text file of words"):
            read_word_file(path)


def test_words_that_differ_by_case_spaces_or_composition_are_one() -> None:
    assert distinct_words(["Tall", " tall ", "long   legs", "LONG legs", "", "e\u0301", "\xe9"]) == (
        "Tall",
        "long legs",
        "\xe9",
    )
    assert same_word(" Long\u00a0 LEGS") == "long legs"
