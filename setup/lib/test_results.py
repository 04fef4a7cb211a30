"""What the groups of a full run found, read from their records and Odoo's log."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

NO_TESTS = 5
LAST_LINES = 120
LONGEST = 10
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

    @property
    def has_failed(self) -> bool:
        return self.status not in (0, NO_TESTS)

    @cached_property
    def tests(self) -> dict[str, dict]:
        """Outcome, seconds, names of failed subtests of each test."""
        return json.loads(self.record.read_text()) if self.record.exists() else {}

    @property
    def counts(self) -> Counter:
        """Number of tests by passed, failed, skipped; a test counts once."""
        if self.record.exists():
            return Counter(test["outcome"] for test in self.tests.values())
        passed = sum(int(number) for number in HOOT.findall(self.output))
        return Counter(failed=1) if self.has_failed else Counter(passed=passed)

    @property
    def excerpt(self) -> str:
        """What explains a failure: pytest's report, the end of Odoo's log."""
        _, found, report = self.output.partition("= FAILURES =")
        if not found:
            return "\n".join(self.output.splitlines()[-LAST_LINES:])
        return found + report

    @property
    def line(self) -> str:
        word = "FAILED" if self.has_failed else "ok"
        return f"{word:6} {self.name}: {_in_words(self.counts)}"


def summary(results: list[Result]) -> str:
    """What was skipped, took longest and failed, by name; last the sums in a line."""
    total = Counter()
    for result in results:
        total.update(result.counts)
    tests = [item for result in results for item in result.tests.items()]
    skips = [f"skipped {name}: {t['reason']}" for name, t in tests if "reason" in t]
    tests.sort(key=lambda item: item[1]["seconds"], reverse=True)
    longest = [f"{test['seconds']:7.1f} s {name}" for name, test in tests[:LONGEST]]
    failed = sorted(f"FAILED {name}" for _, test in tests for name in test["failed"])
    groups = [f"FAILED {result.name}" for result in results if result.has_failed]
    return "\n".join([*skips, *longest, *failed, *groups, "", _in_words(total)])


def _in_words(counts: Counter) -> str:
    return ", ".join(
        f"{counts[word]} {word}" for word in ("passed", "failed", "skipped")
    )
