from typing import Any

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...engine.portfolio import choose_at_risk

INITIATIVES = "kpi_benefits.kpi_initiative_action"
BENEFITS = "kpi_benefits.kpi_benefit_realization_action"
MONTHS = "kpi_benefits.kpi_benefit_period_action"


class KpiBenefitPortfolio(models.AbstractModel):
    """Lists behind the figures of the dashboard: as many records as it says."""

    _inherit = "kpi.benefit.portfolio"

    @api.model
    @api.readonly
    def open_records(self, options: dict[str, Any], kind: str, value: str = ""):
        """The action that lists what is behind a figure.

        :param options: as ``PortfolioOptions``
        :param kind: ``initiatives`` or ``benefits``, of the status ``value`` if given;
            ``at_risk`` (initiatives); ``months`` of benefits; open ``leakages``, of the
            severity ``value`` if given
        :raises UserError: the dashboard has no such figure
        """
        asked = self._read_options(options)
        find = {
            "initiatives": self._find_initiatives,
            "benefits": self._find_benefits,
            "at_risk": self._find_at_risk,
            "leakages": self._find_leakages,
            "months": self._find_months,
        }.get(kind)
        if not find:
            raise UserError(self.env._("The dashboard has no such figure."))
        action, name, domain = find(asked, value)
        found = self.env["ir.actions.act_window"]._for_xml_id(action)
        return {
            **found,
            "display_name": name or found["name"],
            "domain": [*domain],
            "context": {},
        }

    @api.model
    def _find_initiatives(self, asked, status):
        domain, name = self._add_status("kpi.initiative", status)
        return INITIATIVES, name, domain & self._get_initiative_domain(asked)

    @api.model
    def _find_benefits(self, asked, status):
        benefits = self.env["kpi.benefit.realization"]
        domain, name = self._add_status(benefits._name, status)
        plain = domain & self._get_path_domain(asked)
        found = benefits.search(domain & self._get_benefit_domain(asked))
        if len(found) != benefits.search_count(plain):
            # Of initiatives that the user does not see, which no path leads to.
            plain = Domain("id", "in", found.ids)
        return BENEFITS, name, plain

    @api.model
    def _get_path_domain(self, asked):
        """What belongs to initiatives that the user sees, as clients may ask for it."""
        domain = Domain("initiative_id.active", "=", True)
        domain &= Domain("initiative_id.approved_on", "!=", False)
        if asked.program_id:
            domain &= Domain("initiative_id", "child_of", asked.program_id)
        if asked.department_id:
            path = "initiative_id.department_id"
            domain &= Domain(path, "child_of", asked.department_id)
        return domain

    @api.model
    def _add_status(self, model, status):
        """Domain of a status, and its word.

        :raises UserError: there is no such status
        """
        if not status:
            return Domain.TRUE, ""
        field = self.env[model]._fields["status"]
        names = dict(field._description_selection(self.env))
        if status not in names:
            raise UserError(self.env._("The dashboard has no such figure."))
        return Domain("status", "=", status), names[status]

    @api.model
    def _find_at_risk(self, asked, _value):
        _statuses, standings = self._read_standings(asked)
        ids = [one.id for one in choose_at_risk(standings.values())]
        return INITIATIVES, self.env._("At Risk"), Domain("id", "in", ids)

    @api.model
    def _find_months(self, asked, _value):
        domain = Domain("benefit_id.active", "=", True) & self._get_path_domain(asked)
        if asked.date_from:
            domain &= Domain("period_start", ">=", asked.date_from)
        if asked.date_to:
            domain &= Domain("period_start", "<=", asked.date_to)
        return MONTHS, "", domain
