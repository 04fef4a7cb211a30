from odoo import api, models
from odoo.fields import Command, Domain

from ...engine import pack
from ..report.kpi_report import SCOPES


class KpiPackScorecards(models.AbstractModel):
    """Scorecards in packs, matched by name; their KPIs by code and scope.

    A KPI that is not tracked for the scope yet is tracked with its scorecard.
    """

    _name = "kpi.pack.scorecards"
    _description = "Scorecards in a KPI Pack"
    _inherit = ["kpi.pack.section"]

    _pack_section = "scorecards"
    _pack_model = "kpi.report.group"
    _pack_identity = ("name",)
    _pack_left_out = frozenset({"active"})

    @api.model
    def _further_keys(self):
        scopes = tuple(name for name, _label in SCOPES)
        lines = {
            "kpi": pack.Key("text", required=True),
            "scope": pack.Key("text", required=True, choices=scopes),
            "for": pack.Key("text"),
            "weight": pack.Key("number"),
        }
        return {
            "name": pack.Key("text", required=True),
            "department": pack.Key("text"),
            "lines": pack.Key("entries", required=True, keys=lines),
        }

    @api.model
    def _export_entries(self, definitions):
        """Scorecards of the company at work all of whose KPIs are in the pack."""
        groups = self.env["kpi.report.group"].search(
            [
                ("line_ids.report_id.definition_id", "in", definitions.ids),
                ("company_id", "in", [self.env.company.id, False]),
            ]
        )
        complete = groups.filtered(
            lambda group: group.line_ids.report_id.definition_id <= definitions
        )
        return [self._entry_of(group) for group in complete]

    @api.model
    def _entry_of(self, record):
        return {
            **super()._entry_of(record),
            "department": record.department_id.complete_name or None,
            "lines": [
                {**self._report_key(line.report_id), "weight": line.weight}
                for line in record.line_ids
            ],
        }

    @api.model
    def _find_record(self, entry, company):
        return self.env["kpi.report.group"].search(
            Domain("name", "=", entry["name"]) & Domain("company_id", "=", company.id),
            limit=1,
        )

    @api.model
    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            values["company_id"] = company.id
        if "department" in entry:
            path = entry["department"]
            department = path and self._scope_of("department", path, company)
            values["department_id"] = department and department.id
        if "lines" in entry:
            values["line_ids"] = [
                Command.clear(),
                *(self._line_command(line, company) for line in entry["lines"]),
            ]
        return values

    @api.model
    def _line_command(self, line, company):
        report = self._report_of(line, company, create=True)
        return Command.create(
            {"report_id": report.id, "weight": line.get("weight", 1.0)}
        )
