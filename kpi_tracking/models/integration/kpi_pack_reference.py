from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class KpiPackSection(models.AbstractModel):
    """References of packs to KPIs and scopes, in words any database knows.

    A department goes by its path, a team by its name, a person by the login; the
    company is the one that a pack is imported into.
    """

    _inherit = "kpi.pack.section"

    @api.model
    def _report_key(self, report):
        """``kpi``, ``scope`` and ``for`` of a report."""
        names = {
            "department": report.department_id.complete_name,
            "team": report.team_id.name,
            "user": report.user_id.login,
        }
        return {
            "kpi": report.code,
            "scope": report.scope_type,
            "for": names.get(report.scope_type),
        }

    @api.model
    def _report_of(self, entry, company, create=False):
        """The report that an entry names by ``kpi``, ``scope`` and ``for``.

        :param create: track it where it is not tracked yet
        :raises UserError: the KPI or the scope is missing
        """
        definition = self.env["kpi.definition"].search(
            Domain("code", "=", entry["kpi"])
            & Domain("company_id", "in", [company.id, False]),
            limit=1,
        )
        if not definition:
            raise UserError(self.env._("there is no KPI “%s” here.", entry["kpi"]))
        scope = self._scope_of(entry["scope"], entry.get("for"), company)
        if create:
            return definition._track_for(entry["scope"], scope, company.id)
        return self.env["kpi.report"].search(
            Domain("definition_id", "=", definition.id)
            & Domain("scope_type", "=", entry["scope"])
            & Domain("scope_id", "=", scope.id)
            & Domain("company_id", "=", company.id)
        )

    @api.model
    def _scope_of(self, scope_type, name, company):
        """The company, department, team or user that a pack calls ``name``.

        :raises UserError: there is none, or more than one
        """
        if scope_type == "company":
            return company
        found = getattr(self, f"_{scope_type}_called")(name or "", company)
        if len(found) == 1:
            return found
        reports = self.env["kpi.report"]._fields["scope_type"]
        words = {
            "scope": dict(reports._description_selection(self.env))[scope_type].lower(),
            "name": name or "",
        }
        if found:
            raise UserError(
                self.env._("there is more than one %(scope)s “%(name)s”.", **words)
            )
        raise UserError(self.env._("there is no %(scope)s “%(name)s” here.", **words))

    @api.model
    def _department_called(self, path, company):
        departments = self.env["hr.department"].search(
            [
                ("name", "=", path.rpartition(" / ")[2]),
                ("company_id", "in", [company.id, False]),
            ]
        )
        return departments.filtered(lambda each: each.complete_name == path)

    @api.model
    def _team_called(self, name, company):
        return self.env["kpi.team"].search(
            [("name", "=", name), ("company_id", "=", company.id)]
        )

    @api.model
    def _user_called(self, login, company):
        return self.env["res.users"].search(
            [("login", "=", login), ("company_ids", "in", company.ids)]
        )
