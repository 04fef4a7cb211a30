"""The fenced blocks of README.md and docs/*.md: commands and samples."""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# notations and drawings
TEXTS = ("text", "ebnf")
BLOCK = re.compile(
    r"(?:^ *<!-- not run: (?P<reason>[^\n]+) -->\n)?"
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A block of a page.

    :ivar reason: why it is not run here, from a comment above it; empty: it is
    """

    page: str
    line: int
    language: str
    text: str
    reason: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(path: Path) -> list[Block]:
    """The blocks of a page in their order."""
    page = path.read_text(encoding="utf-8")
    return [
        Block(
            path.name,
            page.count("\n", 0, match.start("text")),
            match["language"],
            textwrap.dedent(match["text"]),
            match["reason"] or "",
        )
        for match in BLOCK.finditer(page)
    ]


ALL = [block for page in PAGES for block in blocks_of(page)]
NOT_RUN = [block for block in ALL if block.reason]


def run_here(language: str) -> list[Block]:
    """The blocks of a language that a test runs."""
    return [each for each in ALL if each.language == language and not each.reason]
