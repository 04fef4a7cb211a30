from odoo import models
from odoo.tools import date_utils, format_date

from .finding import Finding


class KpiBenefitAssumption(models.Model):
    """Plans that rest on what does not hold, or on what nobody has checked again."""

    _inherit = "kpi.benefit.assumption"

    def _find_assumption_findings(self):
        """Findings: those that failed, and those that were to be checked before today.

        What that costs nobody knows; months tell it as they pass.
        """
        return [
            Finding(
                "expired_assumption",
                one.benefit_id,
                date_utils.start_of(one.failed_on or one.review_date, "month"),
                0.0,
                0.0,
                one._explain_finding(),
                part=one,
            )
            for one in self
            if one.status == "failed" or one.is_overdue
        ]

    def _explain_finding(self):
        known = {"benefit": self.benefit_id.name, "assumption": self.name}
        if self.status == "failed":
            return self.env._(
                "%(benefit)s: the assumption “%(assumption)s” has not held since"
                " %(day)s: %(note)s",
                day=format_date(self.env, self.failed_on),
                note=self.check_note,
                **known,
            )
        return self.env._(
            "%(benefit)s: the assumption “%(assumption)s” was to be checked by %(day)s."
            " Nobody knows whether the plan still holds.",
            day=format_date(self.env, self.review_date),
            **known,
        )
