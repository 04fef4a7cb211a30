"""What phones have kept, sent by two connections at once and cut at every stage."""

import os
from functools import partial
from threading import Thread
from uuid import uuid4

from acts import new_name, new_user

ITEMS = 192 if "KPI_LONG" in os.environ else 24
PER_REQUEST, CUTS = 12, (None, "before", "after")


def make_kpis(env):
    """Ids of a person and of KPIs of theirs, one for each item."""
    user = new_user(env)
    user.group_ids += env.ref("kpi_base.kpi_base_group_officer")
    values = {"computation": "manual", "company_id": False}
    kpis = env["kpi.definition"].create(
        [{"name": new_name(), **values} for _item in range(ITEMS)]
    )
    kpis._track_for("company", env.company)
    kpis.report_ids.owner_id = user
    return user.id, kpis.report_ids.ids


def make_item(env, user, report_id, **values):
    day = env["kpi.report"].browse(report_id).definition_id.calendar_id._today()
    return {
        "uuid": str(uuid4()),
        "uid": user,
        "company_id": env.company.id,
        "kind": "entry",
        "phone_time": "2026-01-01T00:00:00Z",
        "seen": {"state": "empty", "value": None},
        "data": {"report_id": report_id, "period": str(day), "value": 7},
        **values,
    }


def flush(user, items):
    return lambda env: env["kpi.phone"].with_user(user).flush(items)


def count_entries(report_ids):
    def count(env):
        env.cr.execute(
            "SELECT report_id, count(*) FROM kpi_submission"
            " WHERE report_id = ANY(%s) GROUP BY report_id",
            [report_ids],
        )
        return dict(env.cr.fetchall())

    return count


def test_two_senders_of_one_item_do_it_once(commit, meet):
    user, report_ids = commit(make_kpis)
    item = commit(lambda env: make_item(env, user, report_ids[0]))
    outcome = meet(flush(user, [item]), flush(user, [item]))
    assert not outcome.refusal
    assert commit(count_entries(report_ids)) == {report_ids[0]: 1}


def test_no_item_is_lost_or_done_twice_however_requests_are_cut(registry, commit):
    """Two senders; a request of three is cut before the server, one after it."""
    from odoo import api
    from odoo.service.model import retrying

    user, report_ids = commit(make_kpis)
    items = commit(lambda env: [make_item(env, user, one) for one in report_ids])

    def send(parts):
        waiting, turn = {item["uuid"]: item for item in items}, 0
        while waiting:
            turn += 1
            batch = [*waiting.values()][:: 1 if parts else -1][:PER_REQUEST]
            cut = CUTS[turn % len(CUTS)]
            if cut == "before":
                continue
            with registry.cursor() as cr:
                env = api.Environment(cr, user, {})
                answers = retrying(partial(flush(user, batch), env), env)
            if cut != "after":
                for answer in answers:
                    assert answer["state"] == "done", answer
                    del waiting[answer["uuid"]]
        done.append(parts)

    done = []
    threads = [Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1]
    assert commit(count_entries(report_ids)) == dict.fromkeys(report_ids, 1)
