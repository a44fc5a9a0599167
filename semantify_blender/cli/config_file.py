"""Options of `semantify run` from a TOML file, and the file that every run leaves of its own: `run.toml`.

A name is that of an option, with - or _; a list is several values; tables are headings, their names mean nothing. What
the command line says itself goes before the file. Standard library only.
"""

import argparse
import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.errors import FileFormatError, SemantifyError
from ..core.files.word_files import read_text
from ..core.files.writing import ODD, make_folder, write_text

RUN, MADE = "run", "made"
"""The verb that takes such a file, and the table of one that is told and not read."""
KEPT = "run.toml"
_NOT_KEPT = {"verb", "run", "config", "command", "json", "quiet", "out"}
"""What of a parsed command line is none of its result, and the folder: the same there does nothing again."""
_FLAG = "--config"


def with_config(words: Sequence[str]) -> list[str]:
    """A command line with the options of its --config file before its own. Others come back as they are.

    Raises FileFormatError naming the file and the option for a value that no option has.
    """
    found = _named(words)
    if not words or words[0] != RUN or found is None:
        return list(words)
    return [words[0], *_options(found), *words[1:]]


def keep_config(options: argparse.Namespace) -> Path:
    """Write all options of a run, also those that nobody gave, into its folder, to be given with --config elsewhere.

    Paths stay as they were given. One that says the same is left as it is. Returns the file's path.
    """
    lines = [f"# again: semantify run --config {KEPT} --out FOLDER"]
    if options.config is not None:
        lines.append(f"# with the options of {options.config.name}")
    lines.append("")
    for name, value in vars(options).items():
        if name not in _NOT_KEPT and value is not None and value != []:
            lines.append(f"{name} = {_toml(_words(name, value))}")
    lines += ["", f"[{MADE}]", f"semantify = {_toml(__version__)}", ""]
    path, text = make_folder(options.out) / KEPT, "\n".join(lines)
    if not (path.is_file() and path.read_bytes() == text.encode(errors=ODD)):
        write_text(path, text)
    return path


def _named(words: Sequence[str]) -> Path | None:
    """The file of the last --config."""
    named = None
    for number, word in enumerate(words):
        if word.startswith(_FLAG + "="):
            named = Path(word.partition("=")[2])
        elif word == _FLAG and number + 1 < len(words):
            named = Path(words[number + 1])
    return named


def _options(path: Path) -> Iterator[str]:
    text = read_text(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        way_out = "mend that line, or begin with the run.toml of a run"
        raise FileFormatError(path, "file", f"is no TOML ({error}); {way_out}") from error
    for name, value in _flat(path, values):
        option = f"--{name.replace('_', '-')}"
        if option == _FLAG:
            raise FileFormatError(path, name, "cannot be named in the file itself; leave it out")
        if value is False or value == []:
            continue
        if isinstance(value, list):
            yield from (option, *map(str, value))
        else:
            yield option if value is True else f"{option}={value}"


def _flat(path: Path, values: dict[str, Any], below: bool = False) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if name == MADE and not below:
            continue
        if isinstance(value, dict) and not below:
            yield from _flat(path, value, below=True)
        elif isinstance(value, bool | int | float | str) or _is_list(value):
            yield name, value
        else:
            raise FileFormatError(path, name, "expected text, a number, true, false or a list of texts and numbers")


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, int | float | str) and not isinstance(one, bool) for one in value
    )


def _words(name: str, value: Any) -> Any:
    """A parsed value as it is given on the command line."""
    if name in ("ends", "score_ends"):
        return [f"{word}={':'.join(f'{one:g}' for one in rest if one is not None)}" for word, *rest in value]
    return str(value) if isinstance(value, Path) else value


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # TOML's basic strings take what JSON's do
    raise SemantifyError(f"{value!r} cannot be kept in {KEPT}")
