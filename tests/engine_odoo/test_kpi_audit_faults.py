"""Many at once add to one chain of the audit log, on connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from psycopg2.errors import SerializationFailure

SHARES_DATABASE = True
WRITERS = 25


def append_once(registry, record_id, number, barrier):
    """Add one entry as a request would: again after a conflict; number of conflicts."""
    from odoo import SUPERUSER_ID, api
    from odoo.tools import mute_logger

    from odoo.addons.kpi_base.audit import AuditEvent

    conflicts = 0
    while True:
        with registry.cursor() as cr, mute_logger("odoo.sql_db"):
            env = api.Environment(cr, SUPERUSER_ID, {})
            record = env["res.partner"].browse(record_id)
            cr.execute("SELECT 1")  # the snapshot is taken before anybody has added
            if not conflicts:
                barrier.wait(60)
            try:
                event = AuditEvent(record, "moved", {"number": number})
                env["kpi.audit.log"]._append([event])
                cr.commit()
                return conflicts
            except SerializationFailure:
                cr.rollback()
                conflicts += 1


def test_a_chain_does_not_fork_when_many_add_to_it_at_once(registry):
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        record_id = env["res.partner"].create({"name": "Chained"}).id
    barrier = Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        waiting = [
            pool.submit(append_once, registry, record_id, number, barrier)
            for number in range(WRITERS)
        ]
        conflicts = sum(future.result(120) for future in waiting)
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        entries = env["kpi.audit.log"].search(
            [("model", "=", "res.partner"), ("res_id", "=", record_id)], order="seq"
        )
        assert entries.mapped("seq") == list(range(1, WRITERS + 1))
        assert entries._verify(env["res.partner"].browse(record_id)) == []
    assert conflicts, "nobody met anybody: the test showed nothing"
