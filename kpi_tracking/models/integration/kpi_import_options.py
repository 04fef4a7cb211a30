from odoo import fields, models

from ..core.kpi_calendar import GRAINS


class KpiImportOptions(models.AbstractModel):
    """How files of one kind are imported: chosen for a file, kept with its mapping."""

    _name = "kpi.import.options"
    _description = "Options of an Import"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="Rows that name no company are about this one.",
    )
    # Other addons add what they import: the name of a model that inherits
    # kpi.import.target.
    target_model = fields.Selection(
        [
            ("kpi.import.measurement", "Values of KPIs"),
            ("kpi.import.kpi.target", "Targets of KPIs"),
        ],
        "Import",
        required=True,
        default="kpi.import.measurement",
    )
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
        help="Found out from the file where empty.",
    )
    delimiter = fields.Selection(
        [
            (",", "Comma"),
            (";", "Semicolon"),
            ("\t", "Tab"),
            ("|", "Vertical bar"),
        ],
        "Columns Are Separated By",
        help="Found out from the file where empty.",
    )
    sheet = fields.Char(help="The first sheet of the workbook where empty.")
    no_value_texts = fields.Char(
        "Means No Value",
        help="Texts and numbers that stand for an empty cell, separated by semicolons,"
        " such as: No Data; n/a; 0. They count in the columns of values; a column can"
        " have its own.",
    )
    period_day = fields.Date(
        "Day in the Period",
        help="Any day of the period that the values are for, where no column says it."
        " Targets are valid from this day on.",
    )
    first_year = fields.Integer(
        "Year of the First Month",
        help="For columns named by months without a year, such as OCT to SEP: the year"
        " of the first of them. The year goes up after December.",
    )
    code_prefix = fields.Char(
        help="Put before each KPI code of the file, such as city_."
    )
    creates_kpis = fields.Boolean(
        "Create Missing KPIs",
        help="KPIs and whom they are tracked for are made from the columns. Without,"
        " such rows are refused.",
    )
    creates_departments = fields.Boolean("Create Missing Departments")
    frequency = fields.Selection(GRAINS, "Frequency of New KPIs", default="month")
    calendar_id = fields.Many2one(
        "kpi.calendar",
        "Calendar of New KPIs",
        domain="[('company_id', 'in', (company_id, False))]",
        help="The company's own where empty.",
    )
    direction = fields.Selection(
        [
            ("higher", "Higher is better"),
            ("lower", "Lower is better"),
            ("range", "Within a range is best"),
        ],
        "Direction of New KPIs",
        default="higher",
        help="Where no column says it.",
    )
    on_track_percent = fields.Float(
        "On Track From (%)",
        default=95.0,
        help="Achievement from which new KPIs are on track.",
    )
    at_risk_percent = fields.Float(
        "At Risk From (%)",
        default=80.0,
        help="Achievement from which new KPIs are at risk; below, they are off track.",
    )
    policy = fields.Selection(
        [
            ("good", "Import the good rows and hand back the others"),
            ("all", "Import nothing unless all rows are good"),
        ],
        "Where Rows Are Refused",
        required=True,
        default="good",
    )

    def _target(self):
        """The model that knows what is imported, acting for the user at hand."""
        self.ensure_one()
        return self.env[self.target_model]

    def _target_columns(self):
        """Key → ``TargetColumn`` of what can be imported."""
        return {column.key: column for column in self._target()._columns()}

    def _option_values(self):
        """What a saved mapping and an import have in common, as values to write."""
        self.ensure_one()
        names = self.env["kpi.import.options"]._fields.keys() - models.MAGIC_COLUMNS
        names -= {"display_name", "company_id", "period_day"}
        fields_of = self._fields
        return {
            name: fields_of[name].convert_to_write(self[name], self) for name in names
        }
