"""What the groups of a full run found, read from pytest's reports and Odoo's log."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

NO_TESTS = 5
LAST_LINES = 120
HOOT = re.compile(r"\[HOOT\] (?:Passed|Failed) (\d+) tests?")


@dataclass(frozen=True)
class Result:
    """One group that has run."""

    name: str
    status: int
    output: str
    report: Path

    @property
    def has_failed(self) -> bool:
        return self.status not in (0, NO_TESTS)

    @property
    def counts(self) -> Counter:
        """Number of tests by passed, failed, skipped."""
        if not self.report.exists():
            return self._counts_of_odoo()
        counts = Counter()
        for suite in ElementTree.parse(self.report).iter("testsuite"):
            tests, skipped = int(suite.get("tests")), int(suite.get("skipped"))
            failed = int(suite.get("failures")) + int(suite.get("errors"))
            counts.update(
                passed=tests - failed - skipped, failed=failed, skipped=skipped
            )
        return counts

    def _counts_of_odoo(self) -> Counter:
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
    def skips(self) -> list[str]:
        """Name and reason of each skipped test."""
        if not self.report.exists():
            return []
        return [
            f"{case.get('name')}: {skip.get('message')}"
            for case in ElementTree.parse(self.report).iter("testcase")
            for skip in case.iter("skipped")
        ]

    @property
    def line(self) -> str:
        word = "FAILED" if self.has_failed else "ok"
        return f"{word:6} {self.name}: {_in_words(self.counts)}"


def summary(results: list[Result]) -> str:
    """The skipped tests by name and one line with the sums of all groups."""
    total = Counter()
    for result in results:
        total.update(result.counts)
    skips = [f"skipped {text}" for result in results for text in result.skips]
    failed = [f"FAILED {result.name}" for result in results if result.has_failed]
    return "\n".join([*skips, *failed, "", _in_words(total)])


def _in_words(counts: Counter) -> str:
    return ", ".join(
        f"{counts[word]} {word}" for word in ("passed", "failed", "skipped")
    )
