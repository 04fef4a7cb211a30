"""An upgrade that cannot keep everything leaves the database as it was."""

import pytest
from old_database import OLD_VERSION

COUNTS = """
    SELECT (SELECT count(*) FROM kpi_report WHERE kpi_type IS NOT NULL),
           (SELECT count(*) FROM kpi_report_submission),
           (SELECT count(*) FROM mail_message WHERE model = 'kpi.report'),
           (SELECT latest_version FROM ir_module_module WHERE name = 'kpi_tracking')
"""


@pytest.mark.parametrize(
    "change, message",
    [
        # before anything is touched
        ("DROP TABLE kpi_report_res_users_rel", "no table kpi_report_res_users_rel"),
        # at the very end: no period holds a day before 1900
        (
            "UPDATE kpi_report_group_submission SET date = '1850-01-01' WHERE id = 1",
            "would lose rows.*1 group submissions",
        ),
    ],
)
def test_nothing_changes(refused, change, message):
    cursor = refused(change, message)
    cursor.execute(COUNTS)
    assert cursor.fetchone() == (10, 15, 4, OLD_VERSION)
