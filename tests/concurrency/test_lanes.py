"""Several lanes: crons that run jobs at once, on one machine or on several."""

import threading

import pytest
from acts import new_name

SECONDS = 60
MODELS = ("res.partner", "res.country", "res.currency")  # a source each
COMPUTATIONS = ("refresh", "change", "recompute")


@pytest.fixture
def lanes(commit):
    """Two lanes, and nothing that waits; the code of a formula over three sources.

    All of them are on one scorecard.
    """

    def prepare(env):
        env["kpi.job"].search([]).unlink()
        env["kpi.job"]._set_lane_count(2)
        env["kpi.definition"].search([]).active = False
        codes = [new_name() for _model in MODELS]
        for code, model in zip(codes, MODELS, strict=True):
            values = {"computation": "records", "date_field": "create_date"}
            env["kpi.definition"].create(
                {"name": code, "code": code, "model_name": model, **values}
            )._track_for("company", env.company)
        total = new_name()
        values = {"computation": "formula", "formula": " + ".join(codes)}
        env["kpi.definition"].create(
            {"name": total, "code": total, **values}
        )._track_for("company", env.company)
        kpis = env["kpi.report"].search([("definition_id.active", "=", True)])
        env["kpi.target"].create(
            [
                {"report_id": kpi.id, "date_from": "2020-01-01", "value": 1}
                for kpi in kpis
            ]
        )
        lines = [(0, 0, {"report_id": kpi.id}) for kpi in kpis]
        env["kpi.report.group"].create({"name": total, "line_ids": lines})
        env["kpi.job"].search([]).unlink()
        return total

    yield commit(prepare)
    commit(lambda env: env["kpi.job"]._set_lane_count(1))


@pytest.fixture
def begin(commit):
    """``begin(action)``: a session that runs it beside this one; joined at the end."""
    threads = []

    def start(action):
        thread = threading.Thread(target=commit, args=[action])
        threads.append(thread)
        thread.start()
        return thread

    yield start
    for thread in threads:
        thread.join(SECONDS)


class Computed:
    """Which thread computed which source; the first to come waits if it ``holds``."""

    def __init__(self):
        self.by, self.held, self.go = [], threading.Event(), threading.Event()
        self.holds = False

    def note(self, source_id):
        self.by.append((threading.get_ident(), source_id))
        if self.holds and not self.held.is_set():
            self.held.set()
            assert self.go.wait(SECONDS)


@pytest.fixture
def computed(registry, monkeypatch):
    sources, seen = registry["kpi.source"], Computed()
    original = sources._compute

    def compute(self, *args, **how):
        self.env.cr.execute("SELECT")  # what others commit from now on is not seen
        seen.note(self.id)
        return original(self, *args, **how)

    monkeypatch.setattr(sources, "_compute", compute)
    yield seen
    seen.go.set()


def run_lane(lane):
    return lambda env: env["kpi.job"]._cron_run(lane)


def run_second_cron(env):
    """Run the second lane as Odoo does; what it says remains to be done."""
    cron = env["kpi.job"]._find_lanes()[1]
    cron, progress = cron.with_context(cron_id=cron.id)._add_progress()
    cron.env["kpi.job"]._cron_run(2)
    return progress.remaining


def find_states(env):
    jobs = env["kpi.job"].search([])
    return {job.kind: job.state for job in jobs if job.kind in COMPUTATIONS}


def find_unsettled(env, total):
    """What of the formula, its parts and their scorecard is behind the values."""
    group = env["kpi.report.group"].search([("name", "=", total)])
    kpis = group.line_ids.report_id
    assert len(kpis) == len(MODELS) + 1
    found = [kpi.name for kpi in kpis if not kpi.has_value or kpi.status == "no_target"]
    parts = kpis.filtered(lambda kpi: kpi.code != total)
    if (kpis - parts).current_value != sum(parts.mapped("current_value")):
        found.append("formula")
    due = kpis.filtered(lambda kpi: kpi.status != "not_due")  # as on a first day
    if group.counted_count != len(due):
        found.append("scorecard")
    env.cr.execute("SELECT report_ids FROM kpi_job_change")
    return found + env.cr.fetchall()


def count_locks(env):
    env.cr.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        " AND classid IN (1262570836, 1262570837) AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return env.cr.fetchone()[0]


def test_two_lanes_share_an_update(commit, lanes, begin, computed):
    computed.holds = True
    first = begin(run_lane(1))
    assert computed.held.wait(SECONDS)
    # Does the others, and leaves the end to the first lane: nothing remains for it.
    assert commit(run_second_cron) == 0
    assert len({thread for thread, _source in computed.by}) == 2
    sources = [source for _thread, source in computed.by]
    assert len(sources) == len(set(sources)) == len(MODELS)
    assert commit(find_states) == {"refresh": "running"}
    computed.go.set()
    first.join(SECONDS)
    # Both changed what the formula and the scorecard are made of.
    assert len(computed.by) == len(MODELS)

    def read(env):
        (job,) = env["kpi.job"].search([("kind", "=", "refresh")])
        total = env["kpi.measurement"].search_count(
            [("report_id.definition_id.code", "=", lanes)]
        )
        lines = sum(job.line_ids.mapped("written_count"))
        return job.state, job.step_done_count, job.written_count - lines, total

    state, done, of_formula, total = commit(read)
    assert (state, done) == ("done", len(MODELS) + 1)
    assert of_formula == total > 0
    assert commit(count_locks) == 0
    assert commit(lambda env: find_unsettled(env, lanes)) == []


def test_whoever_leaves_last_ends_the_update(commit, lanes, begin, computed):
    computed.holds = True
    commit(lambda env: env["kpi.job"]._enqueue_regular())
    second = begin(run_lane(2))
    assert computed.held.wait(SECONDS)
    commit(run_lane(1))
    assert commit(find_states) == {"refresh": "running"}
    computed.go.set()
    second.join(SECONDS)
    assert commit(find_states) == {"refresh": "done"}
    assert len(set(computed.by)) == len(MODELS)


def test_a_job_that_another_lane_has_done_is_not_run_again(commit, lanes, computed):
    job_id = commit(
        lambda env: env["kpi.job"]._enqueue_computation("All", "recompute").id
    )

    def run_late(env):
        job = env["kpi.job"].browse(job_id)
        assert job.state == "queued"  # what the older list says
        commit(lambda other: other["kpi.job"].browse(job_id)._run())
        job._run()
        return job.state

    assert commit(run_late) == "done"
    assert len(computed.by) == len(MODELS)


def test_changes_do_not_wait_for_a_recalculation(commit, lanes, begin, computed):
    def enqueue(env):
        total = env["kpi.definition"].search([("code", "=", lanes)])
        env["kpi.job"]._enqueue_computation("All", "recompute")
        env["kpi.job"]._enqueue_computation("Total", "change", total)

    computed.holds = True
    commit(enqueue)
    slow = begin(lambda env: env["kpi.job"].search([], order="id", limit=1)._run())
    assert computed.held.wait(SECONDS)
    commit(run_lane(1))
    states = commit(find_states)
    assert (states["recompute"], states["change"]) == ("running", "done")
    computed.go.set()
    slow.join(SECONDS)
    assert commit(find_states)["recompute"] == "done"


def test_of_two_sessions_one_queues_what_is_regular(
    commit, lanes, monkeypatch, registry
):
    jobs, runs = registry["kpi.job"], []
    original = jobs._enqueue_regular

    def enqueue(self):
        runs.append(1)
        if len(runs) == 1:  # while the first is at it
            commit(lambda env: env["kpi.job"]._enqueue_regular_once())
        return original(self)

    monkeypatch.setattr(jobs, "_enqueue_regular", enqueue)
    commit(lambda env: env["kpi.job"]._enqueue_regular_once())
    assert len(runs) == 1
    assert commit(find_states) == {"refresh": "queued"}


def test_lanes_come_and_go(commit):
    def count(env, number):
        env["kpi.job"]._set_lane_count(number)
        lanes = env["kpi.job"]._find_lanes()
        assert lanes.mapped("code") == ["model._cron_run()"] + [
            f"model._cron_run({lane})" for lane in range(2, number + 1)
        ]
        env["ir.cron.trigger"].search([]).unlink()
        env["kpi.job"]._trigger()
        assert lanes <= env["ir.cron.trigger"].search([]).cron_id
        return len(lanes)

    for number in (3, 8, 1):
        assert commit(lambda env, number=number: count(env, number)) == number


def test_what_a_killed_lane_left_is_settled_by_the_next(
    commit, lanes, monkeypatch, registry
):
    with monkeypatch.context() as patch:
        patch.setattr(registry["kpi.job"], "_settle", lambda *_args, **_how: None)
        commit(run_lane(1))
    assert commit(lambda env: find_unsettled(env, lanes))
    commit(run_lane(1))
    assert commit(lambda env: find_unsettled(env, lanes)) == []
