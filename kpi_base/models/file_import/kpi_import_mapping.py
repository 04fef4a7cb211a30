from odoo import Command, api, fields, models


class KpiImportMapping(models.Model):
    """Meaning of the columns of a kind of file, stored for the next such file."""

    _name = "kpi.import.mapping"
    _description = "Saved Import Mapping"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.import.options"]
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    titles = fields.Text(
        readonly=True,
        copy=False,
        help="Files with these column titles in this order are recognized.",
    )
    column_ids = fields.One2many("kpi.import.column", "mapping_id", "Columns")

    @api.model
    def _find_mapping(self, titles, company):
        """The latest mapping for files with these ``titles``, or an empty recordset."""
        return self.search(
            [("titles", "=", titles), ("company_id", "=", company.id)],
            order="write_date desc, id desc",
            limit=1,
        )

    @api.model
    def _store_mapping(self, job, titles):
        """Store the choices of an import under the name of its file."""
        values = {
            **job._option_values(),
            "company_id": job.company_id.id,
            "titles": titles,
            "column_ids": [
                Command.clear(),
                *(Command.create(c._prepare_mapping_values()) for c in job.column_ids),
            ],
        }
        # Titles and columns are the engine's to write; who may import was checked.
        known = self._find_mapping(titles, job.company_id).sudo()
        if known:
            known.write(values)
            return known
        return known.create({"name": job.name, **values})
