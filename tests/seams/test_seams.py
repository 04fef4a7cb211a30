"""What an addon adds by the seams alone, without a change to those below it."""

import base64
import json
from datetime import date
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from forked import Forked
from odoo_server import OdooServer

ON, PROBE = "kpi_tracking_dashboard", "kpi_probe"
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


@pytest.fixture
def committed(env):
    """The environment of a test whose jobs commit; it takes back what it made."""
    yield env
    env.cr.rollback()
    env["kpi.job"].search([]).unlink()
    env.cr.commit()


def _notes(env):
    return env["kpi.probe.note"].search([], order="id").mapped("name")


def _entered(env, *rows):
    kpi = env["kpi.definition"].create({"name": "Heard", "computation": "manual"})
    report = kpi._track_for("company", env.company)
    facts = env["kpi.measurement"]
    facts._upsert("month", [(report.id, *row) for row in rows], source="manual")
    return report


def test_a_listener_hears_values_with_those_before(env):
    report = _entered(env, (JANUARY, 1.0))
    rows = [(report.id, JANUARY, 2.0), (report.id, FEBRUARY, 3.0)]
    env["kpi.measurement"]._upsert("month", rows, source="manual")
    assert sorted(_notes(env)) == [
        "fact 2026-01-01 1.0 2.0",
        "fact 2026-01-01 None 1.0",
        "fact 2026-02-01 None 3.0",
    ]


def test_a_listener_hears_what_was_judged_and_what_people_do(env):
    report = _entered(env, (JANUARY, 1.0))
    env["kpi.target"].create(
        {"report_id": report.id, "date_from": JANUARY, "value": 2.0}
    )
    notes = _notes(env)
    assert "judged 2026-01-01 off_target" in notes
    assert "target.changed 1" in notes


def test_an_addon_has_events_of_its_own(env):
    visit = env["kpi.probe.visit"].create({"name": "Fair", "day": JANUARY})
    env["kpi.event"]._emit("visit.ended", visit)
    assert _notes(env) == ["visit.ended 1"]


def test_a_job_counts_in_steps(committed):
    job = committed["kpi.job"]._enqueue("Count", "count")
    committed.cr.commit()
    job._run()
    assert (job.state, job.step_done_count, job.progress_ratio) == ("done", 3, 1.0)
    assert job.written_count == 3


def test_a_job_goes_on_where_it_was_cut_off(committed):
    job = committed["kpi.job"]._enqueue("Count", "count")
    job.step_done_count = 2
    committed.cr.commit()
    job._run()
    assert (job.state, job.step_done_count) == ("done", 3)


def test_a_job_is_stopped(committed):
    job = committed["kpi.job"]._enqueue("Count", "count")
    committed.cr.commit()
    job._start()
    job.action_cancel()
    job._run_count()
    assert (job.state, job.step_done_count) == ("cancelled", 0)


def test_a_job_is_stopped_while_it_takes_a_step(committed, registry, monkeypatch):
    """Somebody else's request to stop comes between the beginning and the end."""
    job = committed["kpi.job"]._enqueue("Count", "count")
    committed.cr.commit()
    commit = registry["kpi.job"]._commit

    def commit_after_stop(self, done=0):
        if self.step_done_count == 2 and not asked:
            asked.append(True)
            with registry.cursor() as cr:
                self.with_env(self.env(cr=cr)).action_cancel()
        return commit(self, done)

    asked = []
    monkeypatch.setattr(registry["kpi.job"], "_commit", commit_after_stop)
    job._run()
    assert (job.state, job.step_done_count) == ("cancelled", 2), job.error


def test_records_of_the_addon_are_counted(env):
    env["kpi.probe.visit"].create(
        [{"name": f"Visit {day}", "day": date(2026, 1, day)} for day in (3, 5, 9)]
    )
    kpi = env["kpi.definition"].create(
        {
            "name": "Visits",
            "computation": "records",
            "model_name": "kpi.probe.visit",
            "date_field": "day",
            "history_start": JANUARY,
        }
    )
    report = kpi._track_for("company", env.company)
    env["kpi.source"]._recompute_all()
    facts = env["kpi.measurement"].search(
        [("report_id", "=", report.id), ("period_start", "=", JANUARY)]
    )
    assert facts.value == 3.0


def test_values_from_outside_are_handed_over_and_explained(env):
    kpi = env.ref("kpi_probe.kpi_definition_rain")
    report = kpi._track_for("company", env.company)
    env["kpi.source"]._recompute_all()
    facts = env["kpi.measurement"].search(
        [("report_id", "=", report.id), ("period_start", "=", FEBRUARY)]
    )
    assert (facts.value, facts.source) == (20.0, "external")
    explained = report.get_explanation("2026-02-01")
    assert "Ten for each month" in str(explained)


def test_the_overview_shows_what_the_addon_has_to_say(env):
    home = env(user=env.ref("base.user_admin"))["kpi.home"]
    assert "kpi_probe.visits" not in home.get_summary()["panels"]
    home.env["kpi.probe.visit"].create({"name": "Fair", "day": JANUARY})
    summary = home.get_summary()
    assert summary["panels"]["kpi_probe.visits"] == ["Fair"]
    assert [item["text"] for item in summary["needs"]] == ["Fair"]


def test_a_tile_without_a_kpi_is_drawn(env):
    env["kpi.probe.visit"].create({"name": "Fair", "day": JANUARY})
    board = env["kpi.dashboard"].create(
        {"name": "Board", "tile_ids": [(0, 0, {"kind": "visits"})]}
    )
    answer = board.data()
    (tile,) = answer["tiles"]
    assert (tile["state"], tile["visits"]) == ("ok", 1)
    # Files say that it is for the screen.
    assert board._file("xlsx", answer)


def test_a_file_of_the_addon_is_imported_as_it_asked(committed):
    env = committed
    content = b"Visit,Day\nFair,2026-01-03\nShop,2025-12-30\nQuay,2026-01-09\n"
    job = env["kpi.import"].create(
        {
            "file": base64.b64encode(content),
            "file_name": "visits.csv",
            "target_model": "kpi.import.visit",
            "target_options": {"first_year": 2026},
        }
    )
    job.action_read()
    assert not job.question
    job._run()
    assert (job.state, job.added_count, job.refused_count) == ("done", 2, 1)
    visits = env["kpi.probe.visit"].search([], order="day")
    assert visits.mapped("name") == ["Fair", "Quay"]
    assert b"too early" in base64.b64decode(job.refused_file)
    visits.unlink()
    job.unlink()
    env.cr.commit()


def test_what_the_addon_draws_is_in_the_bundles(env):
    for bundle, word in (
        ("kpi_tracking.assets_home", "o_kpi_probe_panel"),
        ("kpi_tracking_dashboard.assets_dashboard", "o_kpi_probe_tile"),
    ):
        files, _external = env["ir.qweb"]._get_asset_content(bundle)
        assert any("kpi_probe" in file["url"] for file in files), (bundle, word)


def test_the_route_is_served_with_its_description(database, config_file, tmp_path):
    options = ["-c", str(config_file)]
    server = OdooServer(database, tmp_path / "server.log", options, workers=0)
    server.start()
    try:
        with urlopen(f"{server.url}/api/kpi/openapi.json", timeout=60) as answer:
            described = json.load(answer)
        assert "Visits so far" in str(described["paths"]["/api/kpi/probe"])
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{server.url}/api/kpi/probe", timeout=60)
        assert refused.value.code == 401
        assert json.load(refused.value)["type"] == "/api/kpi/problems/unauthorized"
    finally:
        server.stop()


def test_uninstalling_takes_along_what_the_addon_added(registry, database):
    """In a process of its own: the registry of this one goes on."""
    process = Forked(uninstall, database)
    said = process.communicate()
    assert process.poll() == 0, said
    with registry.cursor() as cr:
        cr.execute("SELECT kind FROM kpi_dashboard_tile WHERE kind = 'visits'")
        assert cr.fetchall() == []
        cr.execute("SELECT to_regclass('kpi_probe_visit')")
        assert cr.fetchone() == (None,)


def uninstall(database):
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry.new(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        module = env["ir.module.module"].search([("name", "=", "kpi_probe")])
        module.button_immediate_uninstall()
