from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KpiImport(models.Model):
    """Imports of values and targets: the KPI of all rows, where no column names it.

    It is chosen for each file: files of other KPIs have the same titles.
    """

    _inherit = "kpi.import"

    definition_id = fields.Many2one(
        "kpi.definition",
        "KPI for All Rows",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        domain="[('company_id', 'in', (company_id, False))]"
        " + ([('computation', '=', 'manual')]"
        " if target_model == 'kpi.import.measurement' else [])",
        help="For files about one KPI, with columns such as date, actual and target. "
        "Rows that name another KPI are refused.",
    )

    @api.constrains("definition_id")
    def _check_definition(self):
        for job in self:
            # The field is written with more rights than those of the user.
            seen = job.sudo(False)._get_kpi_of_all_rows()
            if job.definition_id and not seen:
                raise ValidationError(
                    self.env._("Choose a KPI for all rows that you have access to.")
                )

    def _list_checked_fields(self):
        return super()._list_checked_fields() | {"definition_id"}

    @api.depends("definition_id")
    def _compute_question(self):
        return super()._compute_question()

    @api.depends("definition_id")
    def _compute_preview(self):
        return super()._compute_preview()

    def _get_kpi_of_all_rows(self):
        """The KPI chosen for all rows; empty if there is none that the user can see."""
        everything = self.env["kpi.definition"].with_context(active_test=False)
        return everything.search([("id", "in", self.definition_id.ids)])
