from odoo import api, fields, models
from odoo.fields import Domain

from ...engine import pack
from ..report.kpi_report import SCOPES


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
    def _export_entries(self, definitions):
        """Targets of the company at work: a pack is imported into one."""
        targets = self.env["kpi.target"].search(
            Domain("report_id.definition_id", "in", definitions.ids)
            & Domain("report_id.company_id", "=", self.env.company.id)
        )
        return [self._entry_of(target) for target in targets]

    @api.model
    def _entry_of(self, record):
        return {**self._report_key(record.report_id), **super()._entry_of(record)}

    @api.model
    def _label(self, entry):
        scope = entry.get("for") or entry["scope"]
        return f"{entry['kpi']} – {scope}, {entry['date_from']}"

    @api.model
    def _find_record(self, entry, company):
        report = self._report_of(entry, company)
        day = fields.Date.to_date(entry["date_from"])
        return self.env["kpi.target"].search(
            Domain("report_id", "in", report.ids) & Domain("date_from", "=", day)
        )

    @api.model
    def _create_record(self, values):
        reason = self.env._("Imported from a pack")
        made, _proposed = self.env["kpi.target"]._create_or_propose([values], reason)
        return made

    @api.model
    def _write_record(self, record, values):
        record._write_or_propose(values, self.env._("Imported from a pack"))

    @api.model
    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            values["report_id"] = self._report_of(entry, company, create=True).id
        return values
