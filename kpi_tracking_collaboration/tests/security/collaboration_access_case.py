from odoo import Command
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
            **cls._coachings(),
            **cls._meetings(records["kpi.report.group"]),
            "kpi.action.item": actions,
            "kpi.discussion": discussions,
        }

    @classmethod
    def _coachings(cls):
        """Mark coaches Uma, as far as their keys say; Bea a colleague in company B."""
        mark, uma, bea = (cls.users[key] for key in ("manager", "user", "user_b"))
        made = {
            key: cls._coaching(mark, uma, "uma", cls.a)
            for key in ("draft", "shared", "signed")
        }
        colleague = cls.users["officer_ab"]
        made["b"] = cls._coaching(bea, colleague, "b_user", cls.b)
        (made["shared"] | made["signed"]).action_share()
        for person in (mark, uma):
            made["signed"].with_user(person).action_sign()
        # The matrix looks at them as nobody of them.
        coachings = {
            key: cls.env[each._name].browse(each.id) for key, each in made.items()
        }
        return {
            "kpi.performance.coaching": coachings,
            "kpi.performance.coaching.action": {
                key: each.action_ids for key, each in coachings.items()
            },
            "kpi.performance.coaching.line": {
                key: each.line_ids for key, each in coachings.items()
            },
        }

    @classmethod
    def _coaching(cls, coach, employee, report, company):
        return (
            cls.env["kpi.performance.coaching"]
            .with_user(coach)
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "employee_id": employee.id,
                    "manager_feedback": "Access",
                    "line_ids": [Command.create({"report_id": cls.report[report].id})],
                    "action_ids": [Command.create({"description": "Access"})],
                }
            )
        )

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
