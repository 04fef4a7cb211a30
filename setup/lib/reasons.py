"""Finds rules that are switched off without saying why.

``python reasons.py FILE...``: prints each place, ends with status 1 if there is one.
A reason stands behind the marker, in a comment on the line above, or behind the marker
of the line above, if that switches off the same.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

# what switches a rule off (its rules: group 1), up to where a reason can begin
MARKERS = [
    re.compile(r"#\s*noqa(:\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)?"),
    re.compile(r"#\s*pylint:\s*disable(?:-next)?\s*=\s*([\w-]+(?:\s*,\s*[\w-]+)*)"),
    re.compile(r"#\s*type:\s*ignore(\[[\w,\s-]+\])?"),
    re.compile(r"#\s*shellcheck\s+disable\s*=\s*(\w+(?:\s*,\s*\w+)*)"),
    re.compile(
        r"/[/*]\s*(?:es|style)lint-disable(?:-next-line|-line)?"
        r"\s+([@\w/-]+(?:\s*,\s*[@\w/-]+)*)"
    ),
]
COMMENT = re.compile(r"\s*(?:#|//|/?\*)(.*)")
WORD = re.compile(r"[^\W\d_]{2,}")


def places_without_reason(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Line number (from 1) and marker of each rule switched off without a reason."""
    explained = None  # the rules whose reason the line above gave
    for number, line in enumerate(lines, 1):
        match = _marker(line)
        if match is None:
            explained = None
        elif _is_reason(line[match.end() :]) or _is_comment(lines, number - 2):
            explained = match[1]
        elif explained is None or explained != match[1]:
            yield number, match[0]


def _marker(line: str) -> re.Match | None:
    matches = (marker.search(line) for marker in MARKERS)
    return next((match for match in matches if match), None)


def _is_reason(text: str) -> bool:
    return len(WORD.findall(text)) >= 2


def _is_comment(lines: Sequence[str], index: int) -> bool:
    if index < 0:
        return False
    comment = COMMENT.fullmatch(lines[index])
    return bool(comment and not _marker(lines[index]) and _is_reason(comment[1]))


def main(paths: Sequence[str]) -> int:
    """Prints what it finds in the files; the status to end with."""
    count = 0
    for path in paths:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        for number, marker in places_without_reason(lines):
            count += 1
            print(f"{path}:{number}: {marker.strip()}: say why")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
