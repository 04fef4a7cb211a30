from collections import defaultdict
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount

from odoo.addons.kpi_base.actions import open_form

from ... import roles


class KpiCommissionPlan(models.Model):
    """Changes of plans that have computed commissions already.

    A change is saved at once, but commissions keep what they were computed by from its
    first affected day on, until somebody has seen what it changes, and applies it.
    What would change, and what is changed then, are found by the same computation.
    """

    _inherit = "kpi.commission.plan"

    changed_from = fields.Date(
        "Change Pending From",
        readonly=True,
        copy=False,
        help="Commissions from this day use the previous terms until you apply the "
        "change.",
    )
    change_job_id = fields.Many2one(
        "kpi.job",
        readonly=True,
        copy=False,
        index="btree_not_null",
        exportable=False,
        groups=roles.ADMIN,
    )
    is_change_running = fields.Boolean(
        "Applying Change",
        compute="_compute_is_change_running",
        compute_sudo=True,
        exportable=False,
    )
    changed_count = fields.Integer(
        "Commissions to Change",
        compute="_compute_changed_count",
        compute_sudo=True,
        exportable=False,
        groups=roles.ADMIN,
    )

    @api.depends("change_job_id.state")
    def _compute_is_change_running(self):
        for plan in self:
            plan.is_change_running = plan.change_job_id.state in ("queued", "running")

    @api.depends("changed_from")
    def _compute_changed_count(self):
        for plan in self:
            count = 0
            if plan.changed_from and not plan.is_change_running:
                count = len(plan._find_changes(plan._find_waiting_since()))
            plan.changed_count = count

    def action_review_change(self):
        """Show what the plans pay now differs from what is booked."""
        self.ensure_one()
        self.check_access("write")
        # A plan computes for everybody; only those see it who set plans up.
        plan = self.sudo()
        dialog = plan.env["kpi.commission.change"]._open(plan)
        return open_form(dialog, name=self.env._("Apply Change"), target="new")

    def _review_waiting(self):
        """Open what changes, where commissions of the company wait for that."""
        waiting = self[:1]._find_waiting().filtered("changed_from")
        return waiting[:1].action_review_change() if waiting else None

    @api.model
    def _find_paying(self, companies):
        """Return the plans of these companies that pay agents."""
        return self.search(
            [
                ("state", "!=", "draft"),
                ("active", "=", True),
                ("company_id", "in", companies.ids),
            ]
        )

    @api.model
    def _find_settling(self, companies):
        """Return those, and the archived ones, which settled commissions follow."""
        everything = self.with_context(active_test=False)
        return everything.search(
            [("state", "!=", "draft"), ("company_id", "in", companies.ids)], order="id"
        )

    def _note_change(self, before=None, after=None):
        """Log a change of a plan, and have its commissions wait until it is applied.

        :param before, after: members of the audit entries; none: terms were changed
        """
        self._log_record("commission_plan_changed")
        for plan in self:
            if plan.state == "draft" or (before and before["state"] == "draft"):
                continue  # of a plan that pays nobody, or computes all as it begins to
            days = [str(plan.date_from)]
            if before:
                names = {name for name in after if after[name] != before[name]}
                days = [before["date_from"], after["date_from"]]
                if names - {"state"} == {"date_to"} and plan.active:
                    days = [each["date_to"] for each in (before, after)]
            plan._hold_from(date.fromisoformat(min(filter(None, days))))

    def _hold_from(self, day):
        """Have commissions wait from ``day`` on, as far as they would change."""
        # Whoever changes a plan changes it for commissions they may not see.
        plan = self.sudo()
        since = min(filter(None, (plan.changed_from, day)))
        is_changing = any(True for _change in plan._iterate_changes(since))
        plan.write(
            {"changed_from": since if is_changing else False, "change_job_id": False}
        )

    def _find_waiting(self):
        """Return the plans of the company whose change waits, and this one."""
        plans = self.with_context(active_test=False)
        waiting = plans.search(
            [("company_id", "=", self.company_id.id), ("changed_from", "!=", False)]
        )
        return waiting | self

    def _find_waiting_since(self):
        """Return the first day that the changes of the company which wait affect."""
        days = self._find_waiting().filtered("changed_from").mapped("changed_from")
        return min(days, default=self.date_from)

    def _find_changes(self, since):
        """List each ``Change`` that settling the company's periods would book.

        :param since: first affected day; its settlement period counts in full
        """
        return list(self._iterate_changes(since))

    def _iterate_changes(self, since):
        """Yield what ``_find_changes`` lists, period by period."""
        for plan in self._find_settling(self.company_id):
            touched = plan._find_touched(plan._find_deals_since(since))
            for period, agents in touched.items():
                paid = plan._pay_period(period, agents)
                yield from self.env["kpi.commission"]._find_changes(
                    plan, period, agents, paid
                )

    def _find_corrections(self, since, changes):
        """List each ``Change``, were all settled commissions corrected as well.

        :param changes: those without that, which are all where no plan follows another
        """
        settled = self._find_settled_since(since)
        if not settled._would_follow():
            return changes
        # Rolled back: which plan each of them follows is stored with it.
        with closing(self.env.cr.savepoint()):
            settled._take_terms()
            return self._find_changes(since)

    def _find_deals_since(self, since):
        """Return deals won, or paid for by the plan, from the period of a day on."""
        start = self._period_of(since)[0]
        stop = fields.Date.context_today(self) + timedelta(days=1)
        commissions = self.env["kpi.commission"].search(
            (Domain("plan_id", "=", self.id) | Domain("terms_id", "=", self.id))
            & Domain("earned_on", ">=", start)
        )
        return self._find_won_deals(start, stop) | commissions.deal_id

    def _find_disputed_since(self, since):
        """Return commissions in dispute of the periods that hold a day, or come later.

        Periods are computed in full: once the dispute is decided, a commission of an
        earlier day of the period changes, too.
        """
        plans = self._find_settling(self.company_id)
        by_start = plans.grouped(lambda plan: plan._period_of(since)[0])
        return self.env["kpi.commission"].search(
            Domain("status", "=", "disputed")
            & Domain.OR(
                Domain("plan_id", "in", some.ids) & Domain("earned_on", ">=", start)
                for start, some in by_start.items()
            )
        )

    def _find_settled_since(self, since):
        """Return settled commissions of the company from a day on."""
        return self.env["kpi.commission"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("plan_id", "!=", False),
                ("confirmed_at", "!=", False),
                ("status", "in", ("confirmed", "invoiced", "paid")),
                ("earned_on", ">=", since),
            ]
        )

    def _apply_changes(self, job):
        """Bring commissions in line with these plans, all of them or none.

        :param job: names the first day, and the agents whose settled ones are corrected
        :raises UserError: a plan was changed after somebody accepted what it changes
        """
        for plan in self.filtered(lambda plan: plan.change_job_id != job):
            raise UserError(
                self.env._(
                    "%s has changed again. Review the change before applying it.",
                    plan.name,
                )
            )
        self.write({"changed_from": False, "change_job_id": False})
        settled = self[:1]._find_settled_since(job.date_from)
        settled.filtered(
            lambda each: each.agent_id in job.commission_agent_ids
        )._follow_plans()
        changes = []
        for plan in self._find_settling(self.company_id):
            changes += plan._settle_deals(plan._find_deals_since(job.date_from))
        self._log_applied(changes)

    def _log_applied(self, changes):
        """Add the number of ``changes`` and their amounts to the plans' logs."""
        before, after = defaultdict(Decimal), defaultdict(Decimal)
        for change in changes:
            before[change.commission.currency_id or change.currency] += change.before
            after[change.currency] += change.after
        amounts = ", ".join(
            " → ".join(
                format_amount(self.env, float(sums[currency]), currency)
                for sums in (before, after)
            )
            for currency in self.env["res.currency"].union(*before, *after)
        )
        body = self.env._(
            "Change applied. Commissions changed: %(count)s. Amount: %(amounts)s",
            count=len(changes),
            amounts=amounts or "–",
        )
        for plan in self:
            plan._message_log(body=body)
