"""What the groups of a full run found, read from their records and Odoo's log; and
how many lines of each addon's Python they ran, all together."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from costs import Cost

NO_TESTS = 5
LAST_LINES = 120
MAX_SHOWN = 10
REQUIRED_PERCENT, WORST_FILES = 90, 5
# Each entry of Odoo's log begins with its time.
ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\d \d\d:)", re.MULTILINE)
HOOT = re.compile(r"\[HOOT\] (?:Passed|Failed) (\d+) tests?")


@dataclass(frozen=True)
class Result:
    """One group that has run.

    :ivar record: what ``test_record`` wrote; missing for groups of Odoo's own runner
    """

    name: str
    status: int
    output: str
    record: Path
    cost: Cost = Cost()

    @property
    def has_failed(self) -> bool:
        return self.status not in (0, NO_TESTS)

    @cached_property
    def tests(self) -> dict[str, dict]:
        """Outcome, seconds, those of its class's set-up, failed subtests of each."""
        return json.loads(self.record.read_text()) if self.record.exists() else {}

    @property
    def counts(self) -> Counter:
        """Number of tests by passed, failed, skipped, long; a test counts once."""
        if self.record.exists():
            return Counter(test["outcome"] for test in self.tests.values())
        passed = sum(int(number) for number in HOOT.findall(self.output))
        return Counter(failed=1) if self.has_failed else Counter(passed=passed)

    @property
    def excerpt(self) -> str:
        """What explains a failure: pytest's report, or Odoo's errors, or the end."""
        _, found, report = self.output.partition("= FAILURES =")
        if found:
            return found + report
        entries = ENTRY.split(self.output)
        errors = [entry for entry in entries if " ERROR " in entry.partition("\n")[0]]
        return "\n".join("".join(errors or entries).splitlines()[-LAST_LINES:])

    @property
    def line(self) -> str:
        word = "FAILED" if self.has_failed else "ok"
        setup = sum(test["setup_seconds"] for test in self.tests.values())
        seconds = (
            f"{self.cost.elapsed:.0f} s, processor {self.cost.processor:.0f} s, "
            f"PostgreSQL {self.cost.database:.0f} s, set-up of classes {setup:.0f} s"
        )
        return f"{word:6} {self.name}: {_in_words(self.counts)}; {seconds}"


def summary(results: list[Result]) -> str:
    """What was left out, took longest and failed, by name; last the sums in a line."""
    total = Counter()
    for result in results:
        total.update(result.counts)
    tests = sorted(item for result in results for item in result.tests.items())
    lines = [f"only with --long {name}" for name, t in tests if t["outcome"] == "long"]
    lines += [f"skipped {name}: {t['reason']}" for name, t in tests if "reason" in t]
    lines += _longest({name: test["seconds"] for name, test in tests})
    lines += _longest(_class_seconds(tests), "class ")
    lines += sorted(f"FAILED {name}" for _, test in tests for name in test["failed"])
    lines += [f"FAILED {result.name}" for result in results if result.has_failed]
    return "\n".join([*lines, "", _in_words(total)])


def _longest(seconds: dict[str, float], kind: str = "") -> list[str]:
    names = sorted(seconds, key=seconds.get, reverse=True)
    return [f"{seconds[name]:7.1f} s {kind}{name}" for name in names[:MAX_SHOWN]]


def _class_seconds(tests: list[tuple[str, dict]]) -> dict[str, float]:
    """Of the tests of each class together, or of a file without classes."""
    by_class = groupby(tests, key=lambda item: item[0].rpartition("::")[0])
    return {
        name: sum(test["seconds"] for _, test in own) for name, own in by_class if name
    }


def _in_words(counts: Counter) -> str:
    words = [f"{counts[word]} {word}" for word in ("passed", "failed", "skipped")]
    if counts["long"]:
        words.append(f"{counts['long']} only with --long")
    return ", ".join(words)


def covered_enough(addons: list[str], data: list[Path], work: Path) -> bool:
    """Prints a line per addon, and the worst files of one below the requirement.

    :param data: coverage files
    :param work: where the sums are kept meanwhile
    """
    if not addons:
        return True
    files = _files(data, work)
    print(f"\n{'addon':30} {'lines':>7} {'run':>7} {'percent':>8}")
    enough = [_print_addon(name, files) for name in addons]
    return all(enough)


def _print_addon(name: str, files: dict[str, dict]) -> bool:
    own = {f: s["summary"] for f, s in files.items() if Path(f).parts[0] == name}
    lines = sum(one["num_statements"] for one in own.values())
    run = sum(one["covered_lines"] for one in own.values())
    # no line known: nothing of the addon was traced
    percent = 100 * run / lines if lines else 0.0
    enough = percent >= REQUIRED_PERCENT
    mark = "" if enough else f"  below {REQUIRED_PERCENT} %"
    print(f"{name:30} {lines:7} {run:7} {percent:8.1f}{mark}")
    worst = sorted(own.items(), key=lambda item: -item[1]["missing_lines"])
    for file, one in worst[: 0 if enough else WORST_FILES]:
        print(f"    {file}: {one['missing_lines']} lines never run")
    return enough


def _files(data: list[Path], work: Path) -> dict[str, dict]:
    """coverage.py's figures by file; empty when nothing was traced."""
    if not data:
        return {}
    report = work / "coverage.json"
    environment = dict(os.environ, COVERAGE_FILE=str(work / "combined"))
    for arguments in (
        ["combine", "--keep", *map(str, data)],
        ["json", "-o", str(report)],
    ):
        command = [sys.executable, "-m", "coverage", arguments[0], "--quiet"]
        subprocess.run([*command, *arguments[1:]], env=environment, check=True)
    return json.loads(report.read_text())["files"]
