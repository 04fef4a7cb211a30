"""What another program reads as changed, whoever writes meanwhile."""

import json
from datetime import date

from acts import new_name


def read(env, token=""):
    """Values by first day, and the mark of what changes after."""
    from odoo.addons.kpi_tracking_connector.engine.odata.options import read_options
    from odoo.addons.kpi_tracking_connector.models.kpi_bi_feed import SETS

    facts = SETS["Facts"]
    options = read_options([("$deltatoken", token)] if token else [], facts)
    page = env["kpi.bi.feed"]._read_page(facts, options, tracks=True)
    assert not page.next
    rows = json.loads(b"[" + page.rows + b"]")
    return {
        (row["kpi_id"], row["period_start"]): row.get("value") for row in rows
    }, page.delta


def record(env, kpi_id, **values):
    rows = [(kpi_id, date(2025, int(month[1:]), 1), v) for month, v in values.items()]
    env["kpi.measurement"]._upsert("month", rows, source="api")


def test_what_was_being_written_comes_with_the_next_changes(registry, commit):
    from odoo import SUPERUSER_ID, api

    def track(env):
        kpi = env["kpi.definition"].create({"name": new_name()})
        report = kpi._track_for("company", env.company)
        record(env, report.id, m1=1, m2=2, m3=3)
        return report.id

    kpi_id = commit(track)
    with registry.cursor() as cr:
        early = api.Environment(cr, SUPERUSER_ID, {})
        record(early, kpi_id, m2=20, m3=None, m4=4)
        known, token = commit(read)
        assert {day: known.get((kpi_id, f"2025-0{day}-01")) for day in (2, 3, 4)} == {
            2: 2,
            3: 3,
            4: None,
        }
        # as ``cr`` is left, its transaction ends after that of the reader
    changes, token = commit(lambda env: read(env, token))
    mine = {day: value for (kpi, day), value in changes.items() if kpi == kpi_id}
    assert mine["2025-02-01"] == 20
    assert mine["2025-03-01"] is None
    assert mine["2025-04-01"] == 4
    commit(lambda env: record(env, kpi_id, m5=5))
    changes, _token = commit(lambda env: read(env, token))
    assert changes[kpi_id, "2025-05-01"] == 5
