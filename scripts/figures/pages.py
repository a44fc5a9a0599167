"""Parts of the pages between `<!-- NAME -->` and `<!-- end NAME -->`, which scripts write."""

import re

PART = re.compile(r"^<!-- (?!end )([\w ]+) -->\n(.*?)^<!-- end \1 -->$", re.DOTALL | re.MULTILINE)


def with_part(page: str, name: str, text: str) -> str:
    """The page with one part replaced. Raises ValueError when the page has no place for it."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end {name} -->"
    before, there, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not (there and closed):
        raise ValueError(f"no {begin.strip()} … {end} in the page")
    return f"{before}{begin}{text.rstrip()}\n{end}{after}"


def parts_of(page: str) -> dict[str, str]:
    """Name -> text of all parts of a page, without their last newline."""
    return {name: text.rstrip("\n") for name, text in PART.findall(page)}


def table(columns: list[str], rows: list[list[str]], numbers: bool = False) -> str:
    """Markdown. numbers: all columns but the first stand to the right."""
    line = "|---" + ("|---:" if numbers else "|---") * (len(columns) - 1) + "|"
    return "\n".join(["| " + " | ".join(columns) + " |", line, *("| " + " | ".join(row) + " |" for row in rows)])


def full_table(columns: list[str], rows: list[list[str]], numbers: bool = False) -> str:
    """A table without the rows and columns that are empty: what nothing was measured of. The first cells are names."""
    rows = [row for row in rows if any(row[1:])]
    kept = [i for i in range(len(columns)) if i == 0 or any(row[i] for row in rows)]
    return table([columns[i] for i in kept], [[row[i] for i in kept] for row in rows], numbers)


def between(values: list[float], places: int = 2) -> str:
    """ "0.91–1.04", or "1.00" where all round to the same."""
    low, high = f"{min(values):.{places}f}", f"{max(values):.{places}f}"
    return low if low == high else f"{low}–{high}"
