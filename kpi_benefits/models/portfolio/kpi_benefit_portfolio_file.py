from odoo import api, models

from odoo.addons.kpi_base.engine.tabular import write_xlsx

from ...engine.portfolio import Standing


class KpiBenefitPortfolio(models.AbstractModel):
    """The dashboard as a spreadsheet: each initiative with what it brings."""

    _inherit = "kpi.benefit.portfolio"

    @api.model
    def _write_xlsx(self, options):
        """One row per initiative; amounts in the currency of the current company."""
        statuses, standings = self._read_standings(self._read_options(options))
        initiatives = self.env["kpi.initiative"].search([("id", "in", [*statuses])])
        names = dict(initiatives._fields["status"]._description_selection(self.env))
        lines = [self._get_file_heads()]
        for one in initiatives:
            standing = standings.get(one.id, Standing(one.id, 0.0, 0.0, 0.0, 0.0))
            lines.append(self._get_file_row(one, standing, names))
        return write_xlsx(lines)

    @api.model
    def _get_file_heads(self):
        currency = self.env.company.currency_id.name
        return [
            self.env._("Reference"),
            self.env._("Initiative"),
            self.env._("Programme"),
            self.env._("Department"),
            self.env._("Owner"),
            self.env._("Status"),
            self.env._("Planned benefits (%s)", currency),
            self.env._("Realized benefits (%s)", currency),
            self.env._("Planned to date (%s)", currency),
            self.env._("Realized to date (%s)", currency),
            self.env._("Realization rate"),
            self.env._("Reason for the risk"),
        ]

    @api.model
    def _get_file_row(self, initiative, standing, names):
        # Whoever sees an initiative sees what and whom it names.
        shown = initiative.sudo()
        amounts = [
            standing.planned,
            standing.realized,
            standing.planned_to_date,
            standing.realized_to_date,
        ]
        return [
            initiative.reference or "",
            initiative.name,
            shown.parent_id.name or "",
            shown.department_id.display_name or "",
            shown.owner_id.name,
            names[initiative.status],
            *(amounts if initiative.approved_on else [""] * len(amounts)),
            "" if standing.rate is None else standing.rate,
            " ".join(self._describe_risks(standing)),
        ]
