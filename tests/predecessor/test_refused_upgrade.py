"""An upgrade that cannot keep everything leaves the database as it was."""

from contextlib import nullcontext

import pytest

COUNTS = """
    SELECT (SELECT count(*) FROM kpi_report WHERE kpi_type IS NOT NULL),
           (SELECT count(*) FROM kpi_report_submission),
           (SELECT count(*) FROM mail_message WHERE model = 'kpi.report'),
           (SELECT latest_version FROM ir_module_module WHERE name = 'kpi_tracking')
"""


VERSION = "UPDATE ir_module_module SET latest_version = %s WHERE name = 'kpi_tracking'"


@pytest.mark.parametrize(
    "change, messages",
    [
        # before anything is touched
        pytest.param(
            "DROP TABLE kpi_report_res_users_rel",
            ["no table kpi_report_res_users_rel"],
            marks=pytest.mark.long,
        ),
        # at the very end: no period holds a day before 1900
        (
            """
            UPDATE kpi_report_group_submission SET date = '1850-01-01' WHERE id = 1;
            UPDATE kpi_report_submission SET date = '1850-01-01' WHERE id <= 12
            """,
            [
                r"would lose rows.*1 group submissions \(1\)",
                # more rows than are named
                r"would lose rows.*12 submissions \(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …\)",
            ],
        ),
        # tables of a version that nobody knows
        pytest.param(
            "UPDATE ir_module_module SET latest_version = '17.0.11.6'"
            " WHERE name = 'kpi_tracking'",
            ["has KPIs of kpi_tracking 17.0.11.6; only those of 18.1"],
            marks=pytest.mark.long,
        ),
    ],
)
def test_nothing_changes(refused, change, messages):
    cursor = refused(change, *messages)
    cursor.execute(COUNTS)
    *counts, version = cursor.fetchone()
    assert counts == [10, 15, 4]
    assert not version.startswith("19.")


@pytest.mark.parametrize(
    "version, is_known",
    [("18.0.18.1.0", True), ("18.1", True), ("18.0.18.2.0", False), (None, False)],
)
def test_only_one_version_is_taken_over(upgraded, version, is_known):
    from odoo.addons.kpi_tracking_migration.takeover import begin

    with upgraded.registry.cursor() as cr:
        cr.execute(VERSION, [version])
        expected = nullcontext() if is_known else pytest.raises(RuntimeError)
        with expected as refusal:
            begin(cr)
        assert is_known or f"kpi_tracking {version}; only" in str(refusal.value)
        cr.rollback()
