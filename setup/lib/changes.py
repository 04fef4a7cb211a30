"""What ``setup/test --changed`` runs: what differs from a revision, and what depends on
it by manifest."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from addons import ROOT, Addon, with_lower
from test_groups import (
    Group,
    all_groups,
    groups_of_addon,
    groups_of_tests_folder,
    merged,
)

DIFF_OPTIONS = (
    "--unified=0",
    "--no-renames",
    "--no-color",
    "--no-ext-diff",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
# "@@ -12,3 +14,2 @@": lines of the file as it was, and as it is
HUNK = re.compile(r"@@ -[\d,]+ \+(\d+)(?:,(\d+))? @@")


class UnknownRevision(Exception):
    """A sentence for the person at the terminal."""


def since(revision: str) -> set[PurePath]:
    """Files that differ from where this branch left ``revision``, untracked ones too.

    :raises UnknownRevision: git finds no common ancestor
    """
    base = _find_base(revision)
    changed = _git("diff", "--name-only", "--no-renames", "-z", base)
    return {*_read_names(changed), *_list_untracked()}


def lines_since(revision: str) -> dict[PurePath, set[int]]:
    """Numbers of the lines that are new since then, per file that ``since`` finds.

    :raises UnknownRevision: git finds no common ancestor
    """
    changed = {file: set() for file in since(revision)}
    base = _find_base(revision)
    lines: set[int] = set()
    for line in _git("diff", *DIFF_OPTIONS, base).splitlines():
        if line.startswith("+++ b/"):
            lines = changed.setdefault(PurePath(line[6:]), set())
        elif hunk := HUNK.match(line):
            start, count = int(hunk[1]), int(hunk[2] or 1)
            lines.update(range(start, start + count))

    for file in _list_untracked():
        text = (ROOT / file).read_text(encoding="utf-8", errors="replace")
        changed[file] = set(range(1, text.count("\n") + 2))
    return changed


def groups_of(changed: Iterable[PurePath], addons: list[Addon]) -> Iterator[Group]:
    """The groups to run; everything where a file belongs to no addon, test or page."""
    names = {addon.name for addon in addons}
    folders = {group.name: group for group in groups_of_tests_folder()}
    wanted = {_owner(file) for file in changed}
    if wanted - names - folders.keys():
        yield from all_groups(addons)
        return

    above = [addon for addon in addons if _is_reached(addon, wanted)]
    yield from merged(group for addon in above for group in groups_of_addon(addon))
    yield from (group for name, group in folders.items() if name in wanted)


def _owner(file: PurePath) -> str:
    """The addon, or the folder below ``tests/``, whose tests try this file."""
    top = file.parts[0]
    if top == "docs" or str(file) == "README.md":
        return "tests/docs"
    return "/".join(file.parts[:2]) if top == "tests" else top


def _is_reached(addon: Addon, names: set[str]) -> bool:
    return not names.isdisjoint(below.name for below in with_lower(addon))


def _find_base(revision: str) -> str:
    try:
        return _git("merge-base", revision, "HEAD").strip()
    except subprocess.CalledProcessError as error:
        raise UnknownRevision(
            f"git knows no {revision} to compare with: name a revision with "
            "--changed=REV, for example --changed=HEAD~1."
        ) from error


def _list_untracked() -> set[PurePath]:
    return _read_names(_git("ls-files", "--others", "--exclude-standard", "-z"))


def _read_names(listed: str) -> set[PurePath]:
    return {PurePath(name) for name in listed.split("\0") if name}


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout
