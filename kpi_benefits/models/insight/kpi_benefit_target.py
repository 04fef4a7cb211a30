from odoo import api, fields, models

from odoo.addons.kpi_base.rights import remember_rights

ROUNDED = 0.05  # of what the target is worth; plans are round numbers


class KpiBenefitRealization(models.Model):
    """Whether the plan of a benefit is what the target of its KPI is worth."""

    _inherit = "kpi.benefit.realization"

    plan_warning = fields.Char(compute="_compute_plan_warning", exportable=False)

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends(
        "amount",
        "is_recurring",
        "date_from",
        "date_to",
        "baseline_id.report_id",
        "baseline_id.control_id",
        "baseline_id.adoption_id",
        "baseline_id.volume_id",
        "baseline_id.baseline_value",
        "baseline_id.target_value",
        "baseline_id.unit_value",
        "baseline_id.share_ids.date_from",
        "baseline_id.share_ids.share",
    )
    def _compute_plan_warning(self):
        with remember_rights(self.env):
            worths = self._find_target_worths()
        for benefit in self:
            benefit.plan_warning = benefit._compare_with_target(worths.get(benefit))

    def _compare_with_target(self, worth):
        """Say that the plan is not what the target of its KPI is worth.

        :param worth: of a month; None where it is not known
        :return: a sentence; empty where it is, as far as people round
        """
        if worth is None or abs(self.amount - worth) <= ROUNDED * abs(worth):
            return ""
        plan = self._format_money(self.amount)
        if self.is_recurring:
            plan = self.env._("%s a month", plan)
        known = {"plan": plan, "worth": self._format_money(worth)}
        if self.amount < worth:
            return self.env._(
                "The plan of %(plan)s is less than the %(worth)s that the target of"
                " the KPI is worth.",
                **known,
            )
        return self.env._(
            "The plan of %(plan)s is more than the %(worth)s that the target of the"
            " KPI is worth.",
            **known,
        )

    def _rank_plans(self):
        """Find those whose plan has a warning, furthest from their target first."""
        warned = self.filtered("plan_warning")
        with remember_rights(self.env):
            worths = warned._find_target_worths()
        return warned.sorted(lambda one: -abs(one.amount - worths[one]))

    def _find_target_worths(self):
        """Benefit → amount of a month at the target of its KPI.

        Of the last month that is over, before that of the first one. Benefits are left
        out where targets are missing, or where the user may not read the KPI.
        """
        readable = self.baseline_id._filtered_access("read")
        measured = self.filtered(lambda one: one.date_from and one.baseline_id)
        measured = measured.filtered(lambda one: one.baseline_id in readable)
        # Else those of each baseline are read by a statement of their own.
        measured.baseline_id.share_ids.fetch(("date_from", "share"))
        found = {}
        for month, benefits in measured.grouped(_get_compared_month).items():
            targets = benefits.baseline_id._read_extra_targets(month)
            for benefit in benefits:
                found[benefit] = benefit.baseline_id._get_target_worth(targets)
        return found


def _get_compared_month(benefit):
    day = fields.Date.subtract(benefit._get_this_month(), days=1)
    if benefit.is_recurring and benefit.date_to:
        day = min(day, benefit.date_to)
    return max(day, benefit.date_from).replace(day=1)
