from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...engine import pack
from ..core.kpi_report import SCOPES


class KpiPackTargets(models.AbstractModel):
    """Targets in packs, matched by KPI, scope and first day.

    A KPI that is not tracked for the scope yet is tracked with its target.
    """

    _name = "kpi.pack.targets"
    _description = "Targets in a KPI Pack"
    _inherit = ["kpi.pack.section"]

    _pack_section = "targets"
    _pack_model = "kpi.target"
    _pack_identity = ("kpi", "scope", "for", "date_from")

    @api.model
    def _further_keys(self):
        scopes = tuple(name for name, _label in SCOPES)
        return {
            "kpi": pack.Key("text", required=True),
            "scope": pack.Key("text", required=True, choices=scopes),
            "for": pack.Key("text"),
            "date_from": pack.Key("date", required=True),
        }

    @api.model
    def _exported(self, definitions):
        targets = self.env["kpi.target"].search(
            [("report_id.definition_id", "in", definitions.ids)]
        )
        return [self._entry_of(target) for target in targets]

    @api.model
    def _entry_of(self, record):
        report = record.report_id
        return {
            "kpi": report.code,
            "scope": report.scope_type,
            "for": self.env["kpi.report"]._scope_key(report),
            **super()._entry_of(record),
        }

    @api.model
    def _label(self, entry):
        scope = entry.get("for") or entry["scope"]
        return f"{entry['kpi']} – {scope}, {entry['date_from']}"

    @api.model
    def _found(self, entry, company):
        report = self.env["kpi.report"]._found_by_key(entry, company)
        day = fields.Date.to_date(entry["date_from"])
        return self.env["kpi.target"].search(
            Domain("report_id", "in", report.ids) & Domain("date_from", "=", day)
        )

    @api.model
    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            report = self.env["kpi.report"]._found_by_key(entry, company, create=True)
            values["report_id"] = report.id
        return values


class KpiReport(models.Model):
    """How packs name what a KPI is tracked for."""

    _inherit = "kpi.report"

    @api.model
    def _scope_key(self, report):
        """The scope in words that another database knows; None: its own company."""
        if report.scope_type == "company":
            return None
        if report.scope_type == "department":
            return report.department_id.complete_name
        if report.scope_type == "team":
            return report.team_id.name
        return report.user_id.login

    @api.model
    def _found_by_key(self, entry, company, create=False):
        """The report that an entry names by ``kpi``, ``scope`` and ``for``.

        :param create: track it where it is not tracked yet
        :raises UserError: the KPI or the scope is missing
        """
        definition = self.env["kpi.definition"].search(
            [("code", "=", entry["kpi"]), ("company_id", "in", [company.id, False])],
            limit=1,
        )
        if not definition:
            raise UserError(self.env._("there is no KPI “%s” here.", entry["kpi"]))
        scope = self._scope_by_key(entry["scope"], entry.get("for"), company)
        if create:
            return definition._tracked_for(entry["scope"], scope, company.id)
        return self.search(
            [
                ("definition_id", "=", definition.id),
                ("scope_type", "=", entry["scope"]),
                ("scope_id", "=", scope.id),
                ("company_id", "=", company.id),
            ]
        )

    @api.model
    def _scope_by_key(self, scope_type, key, company):
        """The company, department (by its path), team (name) or user (login)."""
        if scope_type == "company":
            return company
        found = getattr(self, f"_{scope_type}_by_key")(key, company)
        if len(found) != 1:
            labels = dict(self._fields["scope_type"]._description_selection(self.env))
            text = (
                self.env._("there are several: %(scope)s “%(name)s”.")
                if found
                else self.env._("there is no %(scope)s “%(name)s” here.")
            )
            raise UserError(
                text % {"scope": labels[scope_type].lower(), "name": key or ""}
            )
        return found

    @api.model
    def _department_by_key(self, path, company):
        names = [name.strip() for name in (path or "").split(" / ")]
        departments = self.env["hr.department"].search(
            [("name", "=", names[-1]), ("company_id", "in", [company.id, False])]
        )
        return departments.filtered(lambda each: each.complete_name == path)

    @api.model
    def _team_by_key(self, name, company):
        return self.env["kpi.team"].search(
            [("name", "=", name), ("company_id", "=", company.id)]
        )

    @api.model
    def _user_by_key(self, login, company):
        return self.env["res.users"].search(
            [("login", "=", login), ("company_ids", "in", company.ids)]
        )
