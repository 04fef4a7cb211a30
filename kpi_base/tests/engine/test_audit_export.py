"""An exported log, verified line by line and by the script for strangers."""

import base64
import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ...engine.audit import (
    GENESIS,
    AnchorKey,
    AuditError,
    AuditFault,
    canonical_text,
    link_hash,
)
from ...engine.audit.export import ExportedLog, export_lines
from ...engine.audit.merkle import Frontier, leaf_hash

ENGINE = Path(__file__).parents[2] / "engine"
KEY = AnchorKey(bytes(range(32)))


def _rows(steps):
    """Rows of an export: steps are pairs of a record and what happened to it."""
    last: dict[int, tuple[int, bytes]] = {}
    for place, (res_id, what) in enumerate(steps):
        seq, previous = last.get(res_id, (0, GENESIS))
        text = canonical_text({"model": "deal", "res_id": res_id, "values": what})
        found = link_hash(previous, text)
        last[res_id] = seq + 1, found
        yield [seq + 1, previous.hex(), found.hex(), text, place]


def _anchor(rows, size):
    frontier = Frontier()
    for row in rows[:size]:
        frontier.append(leaf_hash(bytes.fromhex(row[2])))
    return KEY.sign_anchor("log", size, frontier.root(), "2026-01-31T12:00:00Z")


ROWS = list(_rows([(1, "a"), (2, "b"), (1, "c"), (1, "d"), (2, "e")]))
ANCHOR = _anchor(ROWS, 4)


def _verified(rows, anchors=(ANCHOR,)):
    log = ExportedLog()
    for line in export_lines(rows):
        log.add(line)
    log.check(anchors)
    return log


def _changed(place, column, value):
    rows = [list(row) for row in ROWS]
    rows[place][column] = value
    return rows


def test_a_whole_log_has_no_faults():
    log = _verified(ROWS)
    assert (log.faults, log.size, log.chain_count) == ([], 5, 2)


@pytest.mark.parametrize(
    ("rows", "faults"),
    [
        (
            _changed(2, 3, ROWS[2][3].replace('"c"', '"x"')),
            [AuditFault("changed", "deal", 1, 2)],
        ),
        (_changed(4, 3, "no JSON"), [AuditFault("changed", "", 0, 2)]),
        (ROWS[:2] + ROWS[3:], [AuditFault("missing", "deal", 1, 2)]),
        (
            [ROWS[0], ROWS[1], ROWS[3], ROWS[2], ROWS[4]],
            [
                AuditFault("missing", "deal", 1, 2),
                AuditFault("reordered", "deal", 1, 2),
            ],
        ),
    ],
    ids=["edited", "garbled", "removed", "exchanged"],
)
def test_what_was_changed_is_named(rows, faults):
    assert _verified(rows, anchors=()).faults == faults


def test_a_cut_tail_is_found_by_an_anchor_only():
    assert _verified(ROWS[:3], anchors=()).faults == []
    assert _verified(ROWS[:3]).faults == [AuditFault("anchor", "", 0, 4)]


def test_a_log_written_anew_is_found_by_an_anchor_only():
    rows = list(_rows([(1, "a"), (2, "b"), (1, "x"), (1, "d"), (2, "e")]))
    assert _verified(rows, anchors=()).faults == []
    assert _verified(rows).faults == [AuditFault("anchor", "", 0, 4)]


def test_signatures_are_believed_of_the_key_named_only():
    log = _verified(ROWS, anchors=())
    log.check([ANCHOR], KEY.public_key)
    assert log.faults == []
    log.check([ANCHOR], AnchorKey(bytes(32)).public_key)
    assert log.faults == [AuditFault("anchor", "", 0, 4)]


@pytest.mark.parametrize(
    "line",
    ["", "[]", "{}", '{"seq":1}', "null", json.dumps({"seq": "1"}), "[" * 100_000],
    ids=["empty", "list", "object", "part", "null", "text", "nested"],
)
def test_what_is_no_line_is_refused(line):
    with pytest.raises(AuditError, match="not a line of an exported log"):
        ExportedLog().add(line)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"model":[],"res_id":1}', '{"model":1,"res_id":1}'],
    ids=["nested", "a list for a model", "a number for a model"],
)
def test_a_text_that_is_no_entry_is_a_fault(text):
    assert _verified(_changed(4, 3, text), anchors=()).faults == [
        AuditFault("changed", "", 0, 2)
    ]


class TestScript:
    """``python -m audit``, as somebody without Odoo runs it."""

    @staticmethod
    def _run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "audit", *map(str, arguments)],
            cwd=ENGINE,
            capture_output=True,
            text=True,
            check=False,
        )

    @pytest.fixture
    def anchors(self, tmp_path):
        path = tmp_path / "anchors.jsonl"
        path.write_text(ANCHOR.text() + "\n")
        return path

    def _packed(self, folder, rows):
        path = folder / "audit-log.jsonl.gz"
        path.write_bytes(gzip.compress("".join(export_lines(rows)).encode()))
        return path

    def test_whole(self, tmp_path, anchors):
        key = base64.b64encode(KEY.public_key).decode()
        log = self._packed(tmp_path, ROWS)
        done = self._run(log, "--anchors", anchors, "--public-key", key)
        assert done.returncode == 0, done.stderr
        assert "5 entries of 2 records, 0 faults" in done.stdout
        assert "4 entries are covered" in done.stdout

    def test_changed(self, tmp_path, anchors):
        done = self._run(self._packed(tmp_path, ROWS[:3]), "--anchors", anchors)
        assert (done.returncode, done.stdout.splitlines()[0]) == (1, "anchor: 4")

    def test_unreadable(self, tmp_path):
        for content in (b"not gzip", gzip.compress(b"not JSON")):
            path = tmp_path / "log.gz"
            path.write_bytes(content)
            done = self._run(path)
            assert done.returncode == 2
            assert done.stderr
            assert "Traceback" not in done.stderr

    def test_nested_brackets_are_refused_in_a_sentence(self, tmp_path, anchors):
        """Python's reader of JSON gives up on them."""
        log, nested = self._packed(tmp_path, ROWS), tmp_path / "nested"
        nested.write_text("[" * 100_000)
        for arguments in ([nested], [log, "--anchors", nested]):
            done = self._run(*arguments)
            assert done.returncode == 2
            (sentence,) = done.stderr.splitlines()
            assert "nested too deeply" in sentence
        assert self._run(log, "--anchors", anchors).returncode == 0

    def test_missing(self, tmp_path):
        assert self._run(tmp_path / "missing").returncode == 2
