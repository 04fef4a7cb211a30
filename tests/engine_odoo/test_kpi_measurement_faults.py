"""A KPI deleted while it gets its first value, on connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from psycopg2 import OperationalError
from psycopg2.errors import ForeignKeyViolation

SHARES_DATABASE = True
DELETE = "DELETE FROM kpi_report WHERE id = %s"
INSERT = """
    INSERT INTO kpi_measurement
           (report_id, grain, period_start, value, source, recorded_at)
    VALUES (%s, 'month', '2026-01-01', 1, 'api', now())
"""
LOST = (ForeignKeyViolation, OperationalError)  # the latter: try again


@pytest.fixture
def report_id(registry):
    """A KPI without values."""
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        definition = env["kpi.definition"].create(
            {"name": "Contended", "computation": "external"}
        )
        return definition._track_for("company", env.company).id


@contextmanager
def snapshot(registry):
    """A transaction that sees the database as it is now."""
    from odoo.tools import mute_logger

    with registry.cursor() as cr, mute_logger("odoo.sql_db"):
        cr.execute("SELECT 1")
        yield cr


def count(registry, report_id):
    """(KPIs, values of them) that are left."""
    with registry.cursor() as cr:
        cr.execute(
            "SELECT (SELECT count(*) FROM kpi_report WHERE id = %(id)s),"
            " (SELECT count(*) FROM kpi_measurement WHERE report_id = %(id)s)",
            {"id": report_id},
        )
        return cr.fetchone()


def test_a_value_that_the_one_who_deletes_does_not_see_holds_its_kpi(
    registry, report_id
):
    with pytest.raises(LOST), snapshot(registry) as deleting:
        with snapshot(registry) as inserting:
            inserting.execute(INSERT, (report_id,))
        deleting.execute(DELETE, (report_id,))
    assert count(registry, report_id) == (1, 1)


def test_later_values_hold_it_as_the_first_does(registry, report_id):
    with snapshot(registry) as inserting:
        inserting.execute(INSERT, (report_id,))
    with pytest.raises(LOST), snapshot(registry) as deleting:
        with snapshot(registry) as inserting:
            inserting.execute(INSERT.replace("-01-01", "-02-01"), (report_id,))
        deleting.execute(
            "DELETE FROM kpi_measurement WHERE report_id = %s", (report_id,)
        )
        deleting.execute(DELETE, (report_id,))
    assert count(registry, report_id) == (1, 2)


def test_a_kpi_that_is_deleted_meanwhile_gets_no_value(registry, report_id):
    with pytest.raises(LOST), snapshot(registry) as inserting:
        with snapshot(registry) as deleting:
            deleting.execute(DELETE, (report_id,))
        inserting.execute(INSERT, (report_id,))
    assert count(registry, report_id) == (0, 0)


@pytest.mark.parametrize(
    ("first", "second", "left"), [(INSERT, DELETE, (1, 1)), (DELETE, INSERT, (0, 0))]
)
def test_the_second_of_two_waits_for_the_first_and_loses(
    registry, report_id, first, second, left
):
    def lose():
        with snapshot(registry) as cr:
            cr.execute(second, (report_id,))

    with ThreadPoolExecutor(1) as pool:
        with snapshot(registry) as cr:
            cr.execute(first, (report_id,))
            waiting = pool.submit(lose)
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
        with pytest.raises(LOST):
            waiting.result(60)
    assert count(registry, report_id) == left
