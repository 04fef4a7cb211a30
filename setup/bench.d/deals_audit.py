"""The audit log of all deals verified, beside a cursor and hashlib."""

import hashlib
from collections.abc import Iterator

from odoo.addons.kpi_base.engine.audit import GENESIS

from _harness import Bench, DifferentResults, Figure, case

ROWS_AT_ONCE = 10_000
ENTRIES = """
    SELECT model, res_id, seq, text, previous_hash, hash FROM audit_logs ORDER BY id
"""


@case("deals")
def deals_verified(bench: Bench) -> Iterator[Figure]:
    """1,500,000 entries in 200,000 chains, and the rows beside them."""
    log = bench.env["kpi.audit.log"]
    yield bench.compare(
        "verify_vs_fetch_and_hash",
        ours=log._chain_faults,
        reference=lambda: _fetched_and_hashed(bench),
        same=_check_whole,
        target="<= 1",
    )
    chains, rows = bench.measure(log._chain_faults, log._row_faults)
    yield Figure("verify_rows_vs_chains", rows, "s", chains)


def _fetched_and_hashed(bench: Bench) -> list:
    """Places that do not fit; entries come in the order in which they were added, so
    that of each chain only its end is kept."""
    ends: dict[tuple[str, int], tuple[int, str]] = {}
    faults = []
    with bench.env.cr._cnx.cursor("entries") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(ENTRIES)
        for model, res_id, seq, text, previous, found in cursor:
            end = ends.get((model, res_id), (0, GENESIS.hex()))
            link = hashlib.sha256(bytes.fromhex(previous) + text.encode()).hexdigest()
            if (seq - 1, previous) != end or link != found:
                faults.append((model, res_id, seq))
            ends[model, res_id] = seq, found
    return faults


def _check_whole(ours: list, theirs: list) -> None:
    if ours or theirs:
        raise DifferentResults(f"The log is not whole: {(ours or theirs)[0]}")
