import base64
import re

from odoo import api, fields, models


class KpiPackExport(models.TransientModel):
    """Write chosen definitions, and what belongs to them, into a pack file."""

    _name = "kpi.pack.export"
    _description = "Export KPIs as a Pack"

    name = fields.Char(
        "Name of the Pack", required=True, default=lambda self: self.env.company.name
    )
    definition_ids = fields.Many2many(
        "kpi.definition",
        string="KPIs",
        required=True,
        default=lambda self: self._default_definition_ids(),
    )
    with_parts = fields.Boolean(
        "Parts of Formulas",
        default=True,
        help="Also the KPIs that the formulas are made of, without which they cannot be"
        " imported elsewhere.",
    )
    with_targets = fields.Boolean("Targets", default=True)
    with_scorecards = fields.Boolean(
        "Scorecards", default=True, help="Those all of whose KPIs are in the pack."
    )
    with_dashboards = fields.Boolean(
        "Dashboards", default=True, help="Those all of whose KPIs are in the pack."
    )
    dashboard_ids = fields.Many2many(
        "kpi.dashboard",
        string="Only These Dashboards",
        help="Empty: all those all of whose KPIs are in the pack.",
    )
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    @api.model
    def _default_definition_ids(self):
        """The KPIs ticked in a list."""
        if self.env.context.get("active_model") != "kpi.definition":
            return False
        return self.env.context.get("active_ids")

    def action_export(self):
        """Write the file and offer it for download."""
        self.ensure_one()
        definitions = self.definition_ids
        if self.with_parts:
            definitions = definitions._with_components()
        packs = self.env["kpi.pack"].with_context(
            pack_dashboard_ids=self.dashboard_ids.ids
        )
        text = packs._written(definitions, self.name, self._left_out())
        stem = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-") or "kpis"
        self.file = base64.b64encode(text.encode())
        self.file_name = f"{stem}.kpi.json"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export as pack"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _left_out(self):
        """Names of the sections that are not wanted."""
        wanted = {
            "targets": self.with_targets,
            "scorecards": self.with_scorecards,
            "dashboards": self.with_dashboards,
        }
        return [name for name, is_wanted in wanted.items() if not is_wanted]
