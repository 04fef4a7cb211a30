from odoo import Command
from odoo.tests import TransactionCase

from odoo.addons.kpi_base.tests.security.access_case import AccessMixin

from .tat_report_oracle import find_report_rows


class TatAccessCase(AccessMixin, TransactionCase):
    """The people of ``access_oracle.py``, and requests that they make.

    Uma has a draft; Sam has asked Lea, and Bea the officer of both companies.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()

    @classmethod
    def _make_records(cls):
        records = super()._make_records()
        requests = {
            "uma": cls._request("user"),
            "sam": cls._request("sam", asked="leader"),
            "b": cls._request("user_b", asked="officer_ab"),
        }
        rows = {key: requests[key].level_ids for key in ("sam", "b")}
        alerts = {key: cls._alert(row) for key, row in rows.items()}
        return {
            **records,
            **find_report_rows(cls.env, requests, rows),
            "kpi.tat.request": requests,
            "kpi.tat.level": rows,
            "kpi.tat.alert": alerts,
            "kpi.tat.hold": {
                key: cls.env["kpi.tat.hold"].create(
                    {
                        "request_id": row.request_id.id,
                        "date_from": "2026-01-01",
                        "date_to": "2026-01-02",
                        "user_id": row.approver_id.id,
                        "reason": "Access",
                    }
                )
                for key, row in rows.items()
            },
            "kpi.tat.document.type": {
                "common": cls.env["kpi.tat.document.type"].create(
                    {"model_id": cls.env["ir.model"]._get("res.partner").id}
                )
            },
            "kpi.tat.template.version": {"common": requests["b"].version_id},
            "kpi.tat.event": {
                key: cls.env["kpi.tat.event"].create(
                    {
                        "request_id": requests[key].id,
                        "place": 1,
                        "activity": "Access",
                        "happened_at": "2026-01-01",
                    }
                )
                for key in rows
            },
            "kpi.tat.calendar": {"common": rows["b"].calendar_id},
            "kpi.tat.report.schedule": {
                key: cls.env["kpi.tat.report.schedule"].create(
                    {
                        "owner_id": cls.users[owner].id,
                        "user_ids": [Command.set(cls.users[owner].ids)],
                        "company_id": cls.users[owner].company_id.id,
                    }
                )
                for key, owner in (("uma", "user"), ("b", "user_b"))
            },
            "kpi.tat.risk": {
                key: cls.env["kpi.tat.risk"]._learn(row.company_id)
                for key, row in rows.items()
            },
        }

    @classmethod
    def _request(cls, maker, asked="admin"):
        user = cls.users[maker]
        template = cls.env["kpi.approval.workflow"].create(
            {
                "name": "Access",
                "model": "kpi.tat.request",
                "workflow_type": "request_template",
                "owner_id": cls.users["admin"].id,
                "level_ids": [
                    Command.create(
                        {
                            "approver_ids": [
                                Command.create(
                                    {"whom": "user", "user_id": cls.users[asked].id}
                                )
                            ]
                        }
                    )
                ],
            }
        )
        own = cls.env["kpi.tat.request"].with_user(user)
        request = own.create({"subject": "Access", "template_id": template.id})
        if asked != "admin":
            request.action_submit()
        return request.with_user(cls.env.user)

    @classmethod
    def _alert(cls, row):
        return cls.env["kpi.tat.alert"].create(
            {
                "request_id": row.request_id.id,
                "level_id": row.id,
                "approver_id": row.approver_id.id,
                "alert_type": "TAT_50",
                "threshold_percentage": 50,
                "alert_sent_at": "2026-01-01",
                "alert_message": "Access",
            }
        )
