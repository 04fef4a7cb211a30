"""How large the addons and ``setup`` are, how dense, and how well typed and tested.

``python counts.py [ROOT]``: prints a line each, then the places behind long files, long
functions and untyped ones. These are figures to look at, not limits. All but the last
column leave tests out:

- lines: of Python
- dense: of the functions with 15 lines or more, the share without a blank line
- a, b =: assignments of several values at once, ``a, b = x, y``, per 1,000 lines
- compr.: comprehensions and generator expressions per 1,000 lines
- median, 90 %: length of functions, from their ``def`` to their end
- > 40, > 800: functions and files with more lines
- typed: share of the functions of pure code that say what they return
- tests: lines of tests per line
"""

import ast
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from addons import ROOT, our_addons
from layers import PURE

LONG_FUNCTION = 40
LONG_FILE = 800
# a shorter one may well be a single thought
MIN_LINES_WITH_BLANK = 15
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
TITLES = (
    "addon", "lines", "dense", "a, b =", "compr.", "median", "90 %", "> 40", "> 800",
    "typed", "tests",
)  # fmt: skip
TABLE = "{:28} {:>6} {:>5} {:>6} {:>6} {:>6} {:>5} {:>5} {:>5} {:>8} {:>6}"


@dataclass(frozen=True)
class Function:
    """A function or method.

    :ivar place: file and line
    :ivar code: its lines without the docstring
    """

    place: str
    name: str
    lines: int
    code: tuple[str, ...]
    has_typed_return: bool

    @property
    def is_long_enough_for_blank(self) -> bool:
        return len(self.code) >= MIN_LINES_WITH_BLANK

    @property
    def is_dense(self) -> bool:
        """Has no blank line although it is long enough for one."""
        return self.is_long_enough_for_blank and all(map(str.strip, self.code))


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

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.text)))

    def functions(self) -> list[Function]:
        """Those inside others too."""
        return [
            Function(
                place=f"{self.path}:{node.lineno}",
                name=node.name,
                lines=node.end_lineno - node.lineno + 1,
                code=self._code_of(node),
                has_typed_return=node.returns is not None,
            )
            for node in self.nodes
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]

    def _code_of(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
        lines = self.text.splitlines()
        start, stop = node.lineno - 1, node.end_lineno
        if ast.get_docstring(node, clean=False) is None:
            return tuple(lines[start:stop])

        docstring = node.body[0]
        above = lines[start : docstring.lineno - 1]
        below = lines[docstring.end_lineno : stop]
        return (*above, *below)


class Count:
    """What is counted in one addon, or another folder of the root."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        sources = list(_sources(folder))
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
    def dense_percent(self) -> float:
        """Share without a blank line of the functions that are long enough for one."""
        long = [each for each in self._functions if each.is_long_enough_for_blank]
        dense = [each for each in long if each.is_dense]
        return 100 * len(dense) / len(long) if long else math.nan

    @property
    def tuple_assignments(self) -> float:
        """How many times ``a, b = x, y`` stands in 1,000 lines."""
        return self._per_thousand_lines(_is_tuple_assignment)

    @property
    def comprehensions(self) -> float:
        """How many stand in 1,000 lines."""
        return self._per_thousand_lines(
            lambda node: isinstance(node, COMPREHENSIONS),
        )

    def _per_thousand_lines(self, is_counted: Callable[[ast.AST], bool]) -> float:
        nodes = [node for source in self._code for node in source.nodes]
        counted = [node for node in nodes if is_counted(node)]
        return 1000 * len(counted) / self.lines if self.lines else 0.0

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
        return (
            self.name,
            str(self.lines),
            _format_percent(self.dense_percent, digits=0),
            f"{self.tuple_assignments:.1f}",
            f"{self.comprehensions:.1f}",
            str(self.length_at(0.5)),
            str(self.length_at(0.9)),
            str(len(self.long_functions)),
            str(len(self.long_files)),
            _format_percent(self.typed_percent, digits=1),
            f"{self.tests_ratio:.2f}",
        )


def _format_percent(percent: float, digits: int) -> str:
    return "" if math.isnan(percent) else f"{percent:.{digits}f} %"


def _is_tuple_assignment(node: ast.AST) -> bool:
    """``low, high = bounds`` is none: its values belong together."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Tuple):
        return False
    return any(isinstance(target, ast.Tuple) for target in node.targets)


def _sources(folder: Path) -> Iterator[Source]:
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder.parent)
        yield Source(path, path.parts[1], file.read_text(encoding="utf-8"))


def _functions(sources: Iterable[Source]) -> list[Function]:
    return [function for source in sources for function in source.functions()]


def report(root: Path) -> str:
    """The table, and the places below it."""
    folders = [addon.path for addon in our_addons(root).values()]
    counts = [Count(folder) for folder in (*folders, root / "setup")]
    lines = [TABLE.format(*row) for row in (TITLES, *(count.row for count in counts))]
    for kind in ("long_files", "long_functions", "untyped"):
        places = [place for count in counts for place in getattr(count, kind)]
        lines += ["", *places] if places else []
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(report(Path(*sys.argv[1:]) if sys.argv[1:] else ROOT))
