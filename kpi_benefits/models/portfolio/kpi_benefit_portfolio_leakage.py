from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..leakage.kpi_value_leakage_status import CLOSED
from .leakage_statement import leakages_sql

LEAKAGES = "kpi_benefits.kpi_value_leakage_action"


class KpiBenefitPortfolio(models.AbstractModel):
    """Value that leaks."""

    _inherit = "kpi.benefit.portfolio"

    @api.model
    def _get_leakage_domain(self, asked):
        """Open leakages of the initiatives that count."""
        is_open = Domain("status", "not in", CLOSED)
        counted = self._get_counted_domain(asked)
        return is_open & Domain("initiative_id", "any!", counted)

    @api.model
    def _read_leakages(self, asked):
        """Rows of ``leakages_sql``: open ones by severity and by initiative."""
        names = ("initiative_id", "company_id", "severity", "lost_value")
        domain = self._get_leakage_domain(asked)
        leakages = self._select("kpi.value.leakage", domain, names)
        return self.env.execute_query(
            leakages_sql(leakages=leakages, **self._get_currency_values())
        )

    @api.model
    def _count_critical(self, rows):
        """Initiative → how many critical leakages are open."""
        return {row[0]: row[2] for row in rows if row[0] and row[1] == "critical"}

    @api.model
    def _name_severities(self, rows):
        """Dicts of each severity, the worst first, with its word, count and loss."""
        found = {row[1]: row for row in rows if not row[0]}
        field = self.env["kpi.value.leakage"]._fields["severity"]
        return [
            {
                "severity": severity,
                "name": name,
                "count": found[severity][2] if severity in found else 0,
                "lost": (found[severity][3] or 0.0) if severity in found else 0.0,
            }
            for severity, name in reversed(field._description_selection(self.env))
        ]

    @api.model
    def _find_leakages(self, asked, severity):
        leakages = self.env["kpi.value.leakage"]
        field = leakages._fields["severity"]
        names = dict(field._description_selection(self.env))
        domain = self._get_leakage_domain(asked)
        if severity:
            if severity not in names:
                raise UserError(self.env._("The dashboard has no such figure."))
            domain &= Domain("severity", "=", severity)
        # Of initiatives that the user may not see, which no path leads to.
        found = Domain("id", "in", leakages.search(domain).ids)
        return LEAKAGES, names.get(severity, ""), found
