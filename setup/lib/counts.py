"""How large the addons are, and how well typed and tested.

``python counts.py [ROOT]``: prints a line per addon, then the places behind the numbers
that should be 0 or 100 %. Lines are those of Python; a function's are those from its
``def`` to its end. ``python counts.py --check``: names what holds more lines than the
``most_lines`` of its ``pyproject.toml``; that of the root is of ``setup``.
"""

import ast
import math
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from addons import ROOT, Addon, our_addons
from layers import PURE

LONG_FUNCTION = 40
LONG_FILE = 800
MOST_LINES = re.compile(r"^most_lines = (\d+)$", re.MULTILINE)
TITLES = ("addon", "lines", "most", "median", "90 %", "> 40", "> 800", "typed", "tests")
TABLE = "{:28} {:>7} {:>7} {:>7} {:>5} {:>5} {:>6} {:>8} {:>6}"


@dataclass(frozen=True)
class Function:
    """A function or method.

    :ivar place: file and line
    """

    place: str
    name: str
    lines: int
    has_typed_return: bool


@dataclass(frozen=True)
class Source:
    """A file of an addon.

    :ivar folder: the folder of the addon that it lies in, or its own name
    """

    path: Path
    folder: str
    text: str

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    def functions(self) -> list[Function]:
        """Those inside others too."""
        return [
            Function(
                place=f"{self.path}:{node.lineno}",
                name=node.name,
                lines=node.end_lineno - node.lineno + 1,
                has_typed_return=node.returns is not None,
            )
            for node in ast.walk(ast.parse(self.text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]


class Count:
    """What is counted in one addon."""

    def __init__(self, addon: Addon) -> None:
        self.name = addon.name
        self.most = most_lines(addon.path)
        sources = list(_sources(addon))
        self._code = [source for source in sources if source.folder != "tests"]
        self._tests = [source for source in sources if source.folder == "tests"]
        self._functions = _functions(self._code)
        self._pure = _functions(
            source for source in self._code if source.folder in PURE
        )

    @property
    def lines(self) -> int:
        """Those of tests left out."""
        return sum(source.lines for source in self._code)

    @property
    def long_files(self) -> list[str]:
        return [
            f"{source.path}: {source.lines} lines"
            for source in self._code
            if source.lines > LONG_FILE
        ]

    @property
    def long_functions(self) -> list[str]:
        return [
            f"{function.place}: {function.name}, {function.lines} lines"
            for function in self._functions
            if function.lines > LONG_FUNCTION
        ]

    @property
    def untyped(self) -> list[str]:
        """Functions of pure code that do not say what they return."""
        return [
            f"{function.place}: {function.name} returns what?"
            for function in self._pure
            if not function.has_typed_return
        ]

    @property
    def typed_percent(self) -> float:
        """Share of the functions of pure code that say what they return."""
        count = len(self._pure)
        return 100 * (1 - len(self.untyped) / count) if count else math.nan

    @property
    def tests_ratio(self) -> float:
        """Lines of tests per line of code."""
        tests = sum(source.lines for source in self._tests)
        return tests / self.lines if self.lines else math.nan

    def length_at(self, share: float) -> int:
        """The length that this share of the functions does not exceed."""
        lengths = sorted(function.lines for function in self._functions)
        return lengths[math.ceil(share * len(lengths)) - 1] if lengths else 0

    @property
    def row(self) -> tuple[str, ...]:
        """The line of the table, below ``TITLES``."""
        typed = "" if math.isnan(self.typed_percent) else f"{self.typed_percent:.1f} %"
        numbers = (
            self.lines,
            self.length_at(0.5),
            self.length_at(0.9),
            len(self.long_functions),
            len(self.long_files),
        )
        lines, *lengths = map(str, numbers)
        most = str(self.most or "")
        return (self.name, lines, most, *lengths, typed, f"{self.tests_ratio:.2f}")


def _sources(addon: Addon) -> Iterator[Source]:
    for file in sorted(addon.path.rglob("*.py")):
        path = file.relative_to(addon.path.parent)
        yield Source(path, path.parts[1], file.read_text(encoding="utf-8"))


def _functions(sources: Iterable[Source]) -> list[Function]:
    return [function for source in sources for function in source.functions()]


def most_lines(folder: Path) -> int | None:
    """How many lines the ``pyproject.toml`` of a folder allows; None: any number."""
    file = folder / "pyproject.toml"
    found = file.exists() and MOST_LINES.search(file.read_text(encoding="utf-8"))
    return int(found[1]) if found else None


def find_too_long(root: Path) -> Iterator[str]:
    """What holds more lines than it may."""
    sizes = [(a.name, Count(a).lines, a.path) for a in our_addons(root).values()]
    files = (root / "setup").rglob("*.py")
    commands = sum(file.read_text(encoding="utf-8").count("\n") for file in files)
    for name, lines, folder in [*sizes, ("setup", commands, root)]:
        most = most_lines(folder)
        if most is not None and lines > most:
            yield f"{name}: {lines} lines of Python, at most {most} are allowed"


def report(root: Path) -> str:
    """The table, and the places below it."""
    counts = [Count(addon) for addon in our_addons(root).values()]
    lines = [TABLE.format(*row) for row in (TITLES, *(count.row for count in counts))]
    for kind in ("long_files", "long_functions", "untyped"):
        places = [place for count in counts for place in getattr(count, kind)]
        lines += ["", *places] if places else []
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        sys.exit(
            "\n".join(find_too_long(Path(*sys.argv[2:]) if sys.argv[2:] else ROOT))
            or None
        )
    sys.stdout.write(report(Path(*sys.argv[1:]) if sys.argv[1:] else ROOT))
