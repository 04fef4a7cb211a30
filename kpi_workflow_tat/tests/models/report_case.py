"""Requests, clocks and reminders of two companies, drawn at random."""

import random
from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL

NOW = datetime(2026, 3, 23, 13)
OPEN = ("pending", "on_hold", "returned")
GROUP = "kpi_base.kpi_base_group_"


class ReportCase(TransactionCase):
    """200 requests whose rows are known to the tests as dictionaries.

    Written into the tables, so that what the views say is compared with what is stored
    and not with what clocks make of it.
    """

    count = 200

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cr.execute("DELETE FROM workflow_requests")
        cls.company = cls.env["res.company"].create({"name": "Harbour"})
        cls.company.partner_id.tz = "Europe/Brussels"
        cls.other_company = cls.env["res.company"].create({"name": "Hill"})
        both = (cls.company | cls.other_company).ids
        cls.env.user.company_ids = [Command.link(one) for one in both]
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": both})
        cls.people = [cls._make_user(name) for name in ("ann", "bo", "cy", "di")]
        departments = cls.env["hr.department"]
        cls.departments = [
            departments.create({"name": name, "company_id": company.id})
            for name, company in (
                ("Sales", cls.company),
                ("Support", cls.company),
                ("Lab", cls.other_company),
            )
        ]
        cls.template = cls._make_template()
        draw = random.Random(7)
        cls.requests = [cls._draw_request(draw) for _ in range(cls.count)]
        cls.levels = [
            row for request in cls.requests for row in cls._draw_levels(draw, request)
        ]
        cls.alerts = [row for level in cls.levels for row in cls._draw_alerts(level)]
        cls.env.invalidate_all()

    @classmethod
    def _make_user(cls, name, group="user"):
        return new_test_user(
            cls.env,
            f"view-{name}",
            GROUP + group,
            name=name.title(),
            company_id=cls.company.id,
            company_ids=[Command.set((cls.company | cls.other_company).ids)],
        )

    @classmethod
    def _make_template(cls):
        return cls.env["kpi.approval.workflow"].create(
            {
                "name": "Purchase",
                "model": "kpi.tat.request",
                "workflow_type": "request_template",
                "owner_id": cls.people[0].id,
                "level_ids": [
                    Command.create(
                        {
                            "approver_ids": [
                                Command.create(
                                    {"whom": "user", "user_id": cls.people[0].id}
                                )
                            ]
                        }
                    )
                ],
            }
        )

    @classmethod
    def _insert(cls, table, values):
        columns = SQL(", ").join(map(SQL.identifier, values))
        ((row_id,),) = cls.env.execute_query(
            SQL(
                "INSERT INTO %s (%s, create_date) VALUES (%s, %s) RETURNING id",
                SQL.identifier(table),
                columns,
                SQL(", ").join(SQL("%s", value) for value in values.values()),
                NOW,
            )
        )
        return {**values, "id": row_id}

    @classmethod
    def _draw_request(cls, draw):
        department = draw.choice([*cls.departments, None])
        company = department.company_id if department else cls.company
        status = draw.choice(
            ("draft", *OPEN, "approved", "approved", "rejected", "withdrawn", "closed")
        )
        submitted = NOW - timedelta(minutes=draw.randint(200, 80_000))
        decided = submitted + timedelta(minutes=draw.randint(1, 190))
        approval = {
            "draft": "none",
            "withdrawn": "none",
            "on_hold": "pending",
            "closed": draw.choice(("approved", "rejected")),
        }.get(status, status)
        is_decided = approval in ("approved", "rejected")
        hours = round((decided - submitted).total_seconds() / 3600, 4)
        return cls._insert(
            "workflow_requests",
            {
                "number": f"R{draw.random()}",
                "subject": "Laptops",
                "template_id": cls.template.id,
                "priority": draw.choice(("standard", "express")),
                "initiator_id": draw.choice(cls.people).id,
                "company_id": company.id,
                "department_id": department.id if department else None,
                "status": status,
                "approval_state": approval,
                "submitted_at": None if status == "draft" else submitted,
                "decided_at": decided if is_decided or status == "withdrawn" else None,
                "cycle_hours": hours if is_decided else 0,
                "is_test": draw.random() < 0.1,
            },
        )

    @classmethod
    def _draw_levels(cls, draw, request):
        if request["status"] == "draft":
            return
        start = request["submitted_at"]
        for number, person in enumerate(draw.sample(cls.people, 2), start=1):
            state = draw.choice(
                ("asked", "approved", "rejected", "forwarded", "closed")
            )
            decided = state in ("approved", "rejected")
            taken = draw.randint(60, 100_000)
            end = start + timedelta(seconds=taken)
            step = cls._insert(
                "kpi_approval_step",
                {
                    "res_model": "kpi.tat.request",
                    "res_id": request["id"],
                    "submitter_id": request["initiator_id"],
                    "round": 1,
                    "level": number,
                    "seat": 1,
                    "needed_count": 1,
                    "user_id": person.id,
                    "reason": "named",
                    "state": state,
                    "content_version": "1",
                },
            )
            yield cls._insert(
                "approval_levels",
                {
                    "request_id": request["id"],
                    "step_id": step["id"],
                    "level_number": number,
                    "attempt": 1,
                    "approver_id": person.id,
                    "company_id": request["company_id"],
                    "clock": "running" if state == "asked" else "stopped",
                    "allowed_seconds": 36_000,
                    "level_start_time": start,
                    "elapsed_seconds": 0 if state == "asked" else taken,
                    "due_at": start + timedelta(seconds=36_000),
                    "overdue_at": start + timedelta(seconds=36_001),
                    "tat_breached": taken > 36_000,
                    "decided_at": end if decided else None,
                    "is_passed_on": state == "forwarded",
                    "is_left_to_others": state == "closed" and number == 2,
                },
            ) | {"state": state, "request": request}

    @classmethod
    def _draw_alerts(cls, level):
        if not level["tat_breached"]:
            return
        done = level["decided_at"]
        yield cls._insert(
            "tat_alerts",
            {
                "request_id": level["request_id"],
                "level_id": level["id"],
                "approver_id": level["approver_id"],
                "alert_type": "TAT_100",
                "threshold_percentage": 100,
                "alert_sent_at": level["overdue_at"],
                "alert_message": "Late",
                "is_breached": True,
                "completion_time": done,
                "was_completed_on_time": None if done is None else False,
            },
        ) | {"request": level["request"]}

    def _get_real(self, rows):
        """Rows that were not made in test mode."""
        return [row for row in rows if not row.get("request", row)["is_test"]]

    def _query(self, text, **settings):
        """Rows of a query from outside, as dictionaries."""
        for name in ("date_from", "date_to"):
            self.cr.execute(
                "SELECT set_config(%s, %s, true)",
                [f"kpi_tat.{name}", settings.get(name, "")],
            )
        self.cr.execute(text)
        return self.cr.dictfetchall()
