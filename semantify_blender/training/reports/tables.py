"""The forms that the experiments need: HTML tables for the report, Markdown for the docs, CSV of the records."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """A table for people: cells are finished texts. best: (row, column) cells to set in bold."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    best: frozenset[tuple[int, int]] = frozenset()

    def markdown(self) -> str:
        """GitHub's Markdown, the title as a heading, the note below."""
        lines = [f"### {self.title}", "", _line(self.columns), "|" + "---|" * len(self.columns)]
        for i, row in enumerate(self.rows):
            lines.append(_line([f"**{cell}**" if (i, j) in self.best else cell for j, cell in enumerate(row)]))
        return "\n".join([*lines, *(["", self.note] if self.note else [])]) + "\n"


def csv_text(records: Sequence[Mapping[str, Any]]) -> str:
    """Records as CSV with a header; lists are joined by "; ", None is empty, numbers keep their full precision."""
    names = list(dict.fromkeys(name for record in records for name in record))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for record in records:
        writer.writerow([_plain(record.get(name)) for name in names])
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return "" if value is None else value


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
