from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.kpi_base.tests.security.access_methods import (
    WATCHED,
    AccessMethodsMixin,
)

from ..commission_case import CommissionCase

DAY = date(2026, 3, 31)
REASONS = {
    "kpi.deal": {
        "action_open_found": "asks for the right to read",
        "find_by_name": "finds what the user may read",
        "action_ask_reopen": "asks who may reopen; returns a window",
        "action_cancel": "asks for the right to write; the status is the engine's",
        "action_correct_closing": "returns a window; the correction asks for the right",
        "action_log_note": "asks for the right to read; returns a window of Odoo's",
        "action_move": "returns a window, which writes as the user",
        "action_open_duplicates": "returns a window, which searches with rules",
        "action_reopen": "asks for the right to write, and who may reopen",
        "action_won": "writes as the user",
        "get_earnings_estimate": "asks who may see the commissions of all it counts",
        "get_timeline": "asks for the right to read",
        "verify_history": "asks for the right to read",
    },
    "kpi.deal.roi": {
        "action_open_deal": "asks for the right to read, and returns a window",
    },
    "kpi.commission": {
        "action_adjust": "asks who may decide; returns a window",
        "action_confirm": "asks who may decide, then writes as superuser",
        "action_dispute": "returns a window, which reads the commission as the user",
        "action_invoice": "asks who may decide, then writes as superuser",
        "action_pay": "asks who may decide, then writes as superuser",
        "action_write_off": "asks who may decide, then writes as superuser",
        "get_expected_earnings": "asks who may see the commissions of all it counts",
    },
    "kpi.commission.dispute": {
        "action_decide": "returns a window; the decision asks who may decide",
    },
    "kpi.commission.plan": {
        "action_activate": "asks for the right to write; the state is the engine's",
        "action_end": "asks for the right to write; the state is the engine's",
        "action_review_change": "asks for the right to write; books nothing",
        "action_make_statements": "asks for the right to write; drafts as the user",
        "action_new_terms": "asks for the right to write; returns a window",
        "action_simulate": "asks for the right to write; returns a window",
    },
    "kpi.commission.statement": {
        "action_acknowledge": "asks for the right to read, and whose it is",
        "action_download_pdf": "returns an address that asks for the rights",
        "action_download_xlsx": "returns an address that asks for the rights",
        "action_issue": "asks for the right to write, then writes as superuser",
        "action_pay": "asks for the right to write, then writes as superuser",
    },
    "kpi.agent.performance": {
        "action_verify": "asks for the right to read",
    },
    "kpi.agent.performance.take": {
        "action_take": "administrators only, by its rights; rows are the engine's",
    },
    "kpi.commission.adjust": {
        "action_adjust": "asks who may decide, then writes as superuser",
    },
    "kpi.commission.change": {
        "action_apply": "asks for the right to write the plan; queues a job",
    },
    "kpi.commission.decision": {
        "action_decide": "asks who may decide, then writes as superuser",
    },
    "kpi.commission.new.terms": {
        "action_continue": "asks for the right to write the plan; writes as the user",
    },
    "kpi.commission.simulation": {
        "action_simulate": "asks for the right to write the plan; books nothing",
    },
    "kpi.deal.closing": {
        "action_correct": "asks for the right to correct, then writes as superuser",
    },
    "kpi.deal.reopening": {
        "action_reopen": "asks for the right to write, and who may reopen",
    },
    "kpi.deal.move": {
        "action_move": "asks for the right to write the deals; writes as the user",
    },
}
OF_DEALS = (
    "kpi.agent.performance",
    "kpi.commission",
    "kpi.commission.adjustment",
    "kpi.commission.dispute",
    "kpi.commission.plan",
    "kpi.commission.statement",
    "kpi.deal",
    "kpi.deal.stage.event",
    "kpi.deal.value.event",
)


@tagged("post_install", "-at_install")
class TestKpiDealAccessMethods(AccessMethodsMixin, CommissionCase, HttpCase):
    """No method of deals and commissions lets anybody reach more.

    Strangers have a part in none of them: also not an agent of the same company.
    """

    addon = "kpi_deal_pipeline"
    lower = ("kpi_base", "kpi_tracking", "kpi_tracking_dashboard")
    reasons = REASONS
    secret = "987654"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        far = cls.env["res.company"].create({"name": "Far"})
        cls.users = {
            "admin": cls.boss,
            "none": new_test_user(cls.env, "deal-none", "base.group_user"),
            "portal": new_test_user(cls.env, "deal-portal", "base.group_portal"),
            "user": cls._user("stranger", "agent"),
            "user_b": cls._user("far", "agent"),
        }
        cls.users["user_b"].write(
            {"company_ids": [Command.set(far.ids)], "company_id": far.id}
        )
        cls.records = {
            model: {"a": record} for model, record in cls._make_records().items()
        }
        cls.watched = WATCHED + tuple(cls.env[model]._table for model in OF_DEALS)
        cls.env.flush_all()

    @classmethod
    def _make_records(cls):
        """Model → record, and the dialogs that the superuser has open."""
        plan = cls._plan("percentage", rate=0.1)
        deal = cls._won(987654.0)
        commission = deal.commission_ids
        commission.action_confirm()
        dispute = {"commission_id": commission.id, "reason": "More"}
        statement = {
            "agent_id": cls.agent.id,
            "company_id": cls.company.id,
            "currency_id": cls.euro.id,
            "date_from": "2026-01-01",
            "date_to": "2026-04-01",
        }
        performance = cls.env["kpi.agent.performance"]
        performance._take(DAY, cls.company, datetime(2999, 1, 1))
        records = {
            "kpi.deal": deal,
            "kpi.commission": commission,
            "kpi.commission.plan": plan,
            "kpi.agent.performance": performance.search(
                [("agent_id", "=", cls.agent.id)]
            ),
        }
        for model, values in {
            "kpi.commission.dispute": dispute,
            "kpi.commission.statement": statement,
        }.items():
            records[model] = cls.env[model].create(values)
        return records | cls._open_dialogs(records)

    @classmethod
    def _open_dialogs(cls, records):
        deal, commission = records["kpi.deal"], records["kpi.commission"]
        values = {
            "kpi.agent.performance.take": {"date_from": DAY, "date_to": DAY},
            "kpi.commission.adjust": {
                "commission_id": commission.id,
                "amount": 5.0,
                "note": "Access",
            },
            "kpi.commission.change": {"plan_id": records["kpi.commission.plan"].id},
            "kpi.commission.decision": {
                "dispute_id": records["kpi.commission.dispute"].id,
                "outcome": "rejected",
                "reason": "Access",
            },
            "kpi.commission.new.terms": {
                "plan_id": records["kpi.commission.plan"].id,
                "date_from": "2026-04-01",
            },
            "kpi.commission.simulation": {
                "plan_id": records["kpi.commission.plan"].id,
                "date_from": "2026-01-01",
                "date_to": "2026-04-01",
            },
            "kpi.deal.closing": {
                "deal_id": deal.id,
                "day": "2026-02-01",
                "reason": "Access",
            },
            "kpi.deal.reopening": {"deal_id": deal.id, "reason": "Access"},
            "kpi.deal.move": {"deal_ids": deal.ids, "to_stage": "agreement"},
        }
        return {model: cls.env[model].create(vals) for model, vals in values.items()}
