from odoo import api, fields, models

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
        for benefit in self:
            benefit.plan_warning = benefit._compare_with_target()

    def _compare_with_target(self):
        """Say that the plan is not what the target of its KPI is worth.

        :return: a sentence; empty where it is, as far as people round, where targets
            are missing, or where the user may not read the KPI
        """
        worth = self._find_target_worth()
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

    def _find_target_worth(self):
        """Return the amount of a month at the target, in the last one that is over.

        Before that in the first one. None where it is not known.
        """
        baseline = self.baseline_id._filtered_access("read")
        if not (baseline and self.date_from):
            return None
        day = fields.Date.subtract(self._get_this_month(), days=1)
        if self.is_recurring and self.date_to:
            day = min(day, self.date_to)
        return baseline._get_target_worth(max(day, self.date_from).replace(day=1))
