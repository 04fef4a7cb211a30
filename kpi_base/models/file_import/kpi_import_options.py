from dataclasses import asdict

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ...engine.tabular import OptionError, check_options, fingerprint, read_options


class KpiImportOptions(models.AbstractModel):
    """Options for importing files of one kind, chosen for a file or in its mapping.

    What only one target asks for is declared by it (``_options``) and stored in
    ``target_options``: an addon adds a target without adding fields here.
    """

    _name = "kpi.import.options"
    _description = "Import Options"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="Company for rows that do not name one.",
    )
    # Other addons add what they import: the name of a model that inherits
    # kpi.import.target.
    target_model = fields.Selection([], "Import Type", required=True)
    encoding = fields.Selection(
        [
            ("utf-8", "Unicode (UTF-8)"),
            ("utf-16", "Unicode (UTF-16)"),
            ("cp1252", "Western European (Windows)"),
            ("cp1250", "Central European (Windows)"),
            ("cp1251", "Cyrillic (Windows)"),
            ("cp1253", "Greek (Windows)"),
            ("cp1254", "Turkish (Windows)"),
            ("shift_jis", "Japanese (Shift JIS)"),
            ("gb18030", "Chinese (GB 18030)"),
        ],
        help="Leave empty to detect automatically.",
    )
    delimiter = fields.Selection(
        [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Vertical Bar")],
        "Separator",
        help="Leave empty to detect automatically.",
    )
    sheet = fields.Char(help="Leave empty to use the first sheet.")
    no_value_texts = fields.Char(
        "Treated as Empty",
        help="Cell contents treated as empty in value columns, separated by "
        "semicolons, such as: No Data; n/a; 0. Columns can override this.",
    )
    period_day = fields.Date(
        "Day in the Period",
        help="Any day in the period of the values. Used if no column contains the "
        "period.",
    )
    first_year = fields.Integer(
        "Year of the First Month",
        help="Year of the first column if titles have no year (OCT to SEP). The "
        "year increases after December.",
    )
    policy = fields.Selection(
        [
            ("good", "Import Valid Rows Only"),
            ("all", "Import Nothing"),
        ],
        "If Rows Have Errors",
        required=True,
        default="good",
    )

    target_options = fields.Json("Type Options", exportable=False)
    asked_options = fields.Json(
        "Available Options", compute="_compute_asked", exportable=False
    )
    has_period_columns = fields.Boolean(compute="_compute_asked", exportable=False)

    @api.depends("target_model", "company_id")
    def _compute_asked(self):
        """Compute the options asked for, and whether values are per period."""
        for job in self:
            is_known = bool(job.target_model)
            options = job._target()._options(job) if is_known else ()
            columns = job._target()._columns() if is_known else ()
            job.asked_options = [asdict(option) for option in options]
            job.has_period_columns = any(column.has_periods for column in columns)

    @api.onchange("target_model", "company_id")
    def _onchange_target_model(self):
        """Retain the options chosen that the new target asks for, too."""
        self.target_options = self._get_valid_options() if self.target_model else {}

    @api.constrains("target_options", "target_model", "company_id")
    def _check_target_options(self):
        for job in self:
            try:
                check_options(job._target()._options(job), job.target_options or {})
            except OptionError as error:
                raise ValidationError(
                    self.env._("Unknown import option: %s", error)
                ) from error

    def _get_options(self):
        """Key → value of all that the target asks for, defaults included."""
        return read_options(self._target()._options(self), self.target_options or {})

    def _get_valid_options(self):
        """Return the options chosen, without those that the target no longer has."""
        values = self._get_options()
        given = self.target_options or {}
        return {key: values[key] for key in values if values[key] == given.get(key)}

    def _target(self):
        """The model that knows what is imported, acting for the user at hand."""
        self.ensure_one()
        return self.env[self.target_model]

    def _target_columns(self):
        """Key → ``TargetColumn`` of what can be imported."""
        return {column.key: column for column in self._target()._columns()}

    def _option_values(self):
        """Return the options that a mapping and an import share, to be written."""
        self.ensure_one()
        names = self.env["kpi.import.options"]._fields.keys() - models.MAGIC_COLUMNS
        names -= {"display_name", "company_id", "period_day"}
        names -= {"asked_options", "has_period_columns"}
        values = {name: self[name] for name in names}
        asked = {option.key: option for option in self._target()._options(self)}
        chosen = {
            key: value
            for key, value in self._get_valid_options().items()
            if asked[key].is_remembered
        }
        return {**values, "target_options": chosen}


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
    replaced_texts = fields.Json(readonly=True, copy=False, exportable=False)

    @api.model
    def _find_mapping(self, titles, company):
        """The latest mapping for files with these ``titles``, or an empty recordset."""
        return self.search(
            [("titles", "=", titles), ("company_id", "=", company.id)],
            order="write_date desc, id desc",
            limit=1,
        )

    @api.model
    def _store_mapping(self, job):
        """Store the choices of an import under the name of its file."""
        values = self._prepare_mapping_values(job)
        # Titles and columns are the engine's to write; who may import was checked.
        known = self._find_mapping(values["titles"], job.company_id).sudo()
        if known:
            known.write(values)
            return known
        return known.create({"name": job.name, **values})

    @api.model
    def _prepare_mapping_values(self, job):
        names = {column.place: column.name for column in job.column_ids}
        places = range(max(names, default=-1) + 1)
        titles = fingerprint([names.get(place, "") for place in places])
        return {
            **job._option_values(),
            "company_id": job.company_id.id,
            "titles": titles,
            "replaced_texts": job.replaced_texts,
            "column_ids": [
                Command.clear(),
                *(Command.create(c._prepare_mapping_values()) for c in job.column_ids),
            ],
        }
