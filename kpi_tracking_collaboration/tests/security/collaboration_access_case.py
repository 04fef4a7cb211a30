from odoo.tests import TransactionCase

from odoo.addons.kpi_tracking.tests.security.access_case import KpiAccessMixin
from odoo.addons.kpi_tracking.tests.security.access_oracle import SCORECARD_LINES


class CollaborationAccessCase(KpiAccessMixin, TransactionCase):
    """The people and KPIs of ``access_oracle.py``, and what they discuss and do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        records = super()._make_records()
        discussions = {
            key: cls.env["kpi.discussion"].create(
                {"name": "Access", "kpi_id": report.id}
            )
            for key, report in cls.report.items()
        }
        discussions["shared"].user_id = cls.users["user"]
        discussions["uma"].user_id = cls.users["manager"]
        # Uma does those of two KPIs that she sees, nobody of them does the others.
        actions = {
            key: cls.env["kpi.action.item"].create(
                {
                    "description": "Access",
                    "report_id": report.id,
                    "assigned_to": cls.env.uid,
                }
            )
            for key, report in cls.report.items()
        }
        for key in ("uma", "shared"):
            actions[key].assigned_to = cls.users["user"]
        return {
            **records,
            **cls._meetings(records["kpi.report.group"]),
            "kpi.action.item": actions,
            "kpi.discussion": discussions,
        }

    @classmethod
    def _meetings(cls, scorecards):
        """A meeting of each scorecard, with its KPIs on the agenda."""
        meetings = {
            key: cls.env["kpi.review.meeting"].create(
                {"name": "Access", "group_id": scorecard.id}
            )
            for key, scorecard in scorecards.items()
        }
        meetings["a_member"].user_id = cls.users["user"]
        return {
            "kpi.review.meeting": meetings,
            "kpi.review.meeting.line": {
                key: cls.env["kpi.review.meeting.line"].create(
                    {
                        "meeting_id": meetings[scorecard].id,
                        "report_id": cls.report[report].id,
                    }
                )
                for key, (scorecard, report) in SCORECARD_LINES.items()
            },
        }
