"""setup/bench: what a figure is, and how two sides are compared and timed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "bench.d"))


def bench_command(*arguments):
    environment = dict(os.environ)
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        [ROOT / "setup" / "bench", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def harness():
    import _harness

    return _harness


@pytest.mark.parametrize(
    ("value", "reference", "target", "ratio", "verdict"),
    [
        (3.0, 2.0, "<= 2", 1.5, "met"),
        (5.0, 2.0, "<= 2", 2.5, "missed"),
        (900.0, 2.0, ">= 500", 450.0, "missed"),
        (1000.0, 2.0, ">= 500", 500.0, "met"),
        (3.0, 2.0, "", 1.5, ""),
    ],
)
def test_figure_is_a_ratio_to_its_reference(
    harness, value, reference, target, ratio, verdict
):
    figure = harness.Figure("m", value, "s", reference, target)
    assert figure.verdict == verdict
    assert figure.as_json() == {
        "metric": "m",
        "value": value,
        "unit": "s",
        "reference": reference,
        "ratio": ratio,
    }


def test_nothing_is_timed_where_results_differ(harness):
    calls = []

    def same(ours, reference):
        raise harness.DifferentResults(f"{ours} is not {reference}")

    with pytest.raises(harness.DifferentResults, match="1 is not 2"):
        harness.Bench().compare(
            "m",
            ours=lambda: calls.append("ours") or 1,
            reference=lambda: calls.append("reference") or 2,
            same=same,
        )
    assert calls == ["ours", "reference"]


def test_sides_take_turns_after_what_comes_before_each_run(harness):
    calls = []
    harness.Bench(repeat=1).measure(
        lambda: calls.append("a"),
        lambda: calls.append("b"),
        before=lambda: calls.append("."),
    )
    assert "".join(calls) == ".a.b" * 3  # never less than three runs


def test_median_ignores_a_run_that_was_disturbed(harness, monkeypatch):
    # per run of each side: start and stop on the clock
    clock = iter([0, 2, 0, 1, 0, 90, 0, 1, 0, 2, 0, 50])
    monkeypatch.setattr(harness.time, "perf_counter", lambda: next(clock))
    seconds = harness.Bench().measure(dict, dict, before=dict)
    assert seconds == [2, 1]


def test_a_case_that_fails_hides_no_other(harness):
    from _run import measure

    def broken(_bench):
        yield harness.Figure("first", 1.0, "s", 1.0)
        raise ValueError("no rows")

    def different(_bench):
        raise harness.DifferentResults("1 is not 2")
        yield

    def fine(_bench):
        yield harness.Figure("last", 1.0, "s", 1.0)

    cases = [harness.Case(case, "") for case in (broken, different, fine)]
    options = SimpleNamespace(repeat=3, rows=1)
    figures, failed = measure(cases, options)
    assert [figure.metric for figure in figures] == ["first", "last"]
    assert failed == [
        "broken: ValueError: no rows",
        "different: results differ: 1 is not 2",
    ]


def test_command_writes_table_and_json(tmp_path):
    file = tmp_path / "figures.json"
    process = bench_command("formula", "--json", str(file))
    assert process.returncode == 0, process.stderr
    assert "formula_vs_numpy" in process.stdout
    [figure] = json.loads(file.read_text())
    assert list(figure) == ["metric", "value", "unit", "reference", "ratio"]
    assert figure["ratio"] == pytest.approx(figure["value"] / figure["reference"])


def test_cases_are_listed_with_their_file():
    process = bench_command("scale", "--list")
    assert process.returncode == 0, process.stderr
    assert [line.split() for line in process.stdout.splitlines()] == [
        ["scale", "lanes_2_vs_1"],
        ["scale", "refresh_rows"],
        ["scale", "facts_growth"],
        ["scale", "warehouse_vs_bare"],
        ["scale", "queue_job_vs_cron"],
        ["scale", "replica"],
    ]


def test_unknown_case_is_refused_with_a_sentence():
    process = bench_command("formulas")
    assert process.returncode == 1
    # before it another command may be said to prepare the environment
    assert process.stderr.strip().splitlines()[-1] == (
        "bench: there is no formulas: see setup/bench --list."
    )
