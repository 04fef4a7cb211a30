from odoo import api, models
from odoo.tools import format_date, format_datetime, formatLang

from odoo.addons.kpi_base.engine.table_pdf import Cell, Document, Table, write_pdf
from odoo.addons.kpi_base.table_files import get_fonts

MOST_PDF_ROWS = 2000
NUMBERS = ("integer", "float")
WEIGHTS = {"char": 2.0, "text": 2.2, "many2one": 1.7, "datetime": 2.0, "date": 1.2}


class KpiTatView(models.AbstractModel):
    """Reports on paper: the columns that the list shows at first, numbers last."""

    _inherit = "kpi.tat.view"

    def _write_pdf(self, title, _heads, _names):
        names = self._get_pdf_columns()
        is_number = [self._fields[name].type in NUMBERS for name in names]
        weights = [WEIGHTS.get(self._fields[name].type, 1.0) for name in names]
        table = Table(
            [[row] for row in self[:MOST_PDF_ROWS]._get_pdf_rows(names)],
            [weight / sum(weights) for weight in weights],
            heads=[
                Cell(self._fields[name]._description_string(self.env), is_bold=True)
                for name in names
            ],
            numbers_from=is_number.count(False),
        )
        document = Document(
            title, self._get_pdf_notes(), (table,), is_landscape=True, size=8
        )
        return write_pdf(document, get_fonts())

    @api.model
    def _get_pdf_columns(self):
        names = [
            node.get("name")
            for node in self._find_list_nodes()
            if node.get("optional") != "hide"
        ]
        return sorted(names, key=lambda name: self._fields[name].type in NUMBERS)

    def _get_pdf_notes(self):
        notes = [self.env.company.name, format_date(self.env, self.env.cr.now())]
        if len(self) > MOST_PDF_ROWS:
            notes.append(
                self.env._(
                    "The first %(shown)s of %(count)s rows. The other files have all.",
                    shown=MOST_PDF_ROWS,
                    count=len(self),
                )
            )
        return notes

    def _get_pdf_rows(self, names):
        """Cells of each row; nothing where a value is missing."""
        texts = {name: self._get_pdf_writer(name) for name in names}
        return [[Cell(texts[name](row[name]) or "") for name in names] for row in self]

    @api.model
    def _get_pdf_writer(self, name):
        """How a value of a field is written on paper: shorter than in files."""
        field, env = self._fields[name], self.env
        if field.type == "datetime":
            return lambda at: at and format_datetime(env, at, dt_format="short")
        if field.type == "date":
            return lambda day: day and format_date(env, day)
        if field.type in NUMBERS:
            digits = field.get_digits(env)[1] if field.type == "float" else 0
            return lambda number: (
                "" if number is False else formatLang(env, number, digits=digits)
            )
        return self._get_file_writer(name)
