from odoo import models
from odoo.tools import file_path, format_date

from ...engine import table_pdf, table_xlsx
from ..core.kpi_report import JUDGED

FONTS = "web/static/fonts/google/Open_Sans/Open_Sans-%s.ttf"
MIME_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class KpiPeriodReport(models.Model):
    """The table as a file."""

    _inherit = "kpi.period.report"

    def _file(self, file_format, matrix=None):
        """The table as ``pdf`` or ``xlsx``, as the reader may see it.

        :param matrix: the table, where it is known already
        :return: name of the file and its content
        """
        matrix = matrix or self._matrix()
        content = getattr(self, f"_file_{file_format}")(matrix)
        return f"{matrix['title']}.{file_format}".replace("/", "-"), content

    def _file_xlsx(self, matrix):
        return table_xlsx.workbook(matrix, self._words())

    def _file_pdf(self, matrix):
        fonts = table_pdf.Fonts(*(file_path(FONTS % s) for s in ("Regular", "Bold")))
        subtitle = self.env._(
            "%(company)s, as of %(day)s",
            company=self.company_id.name,
            day=format_date(self.env, self.env.cr.now()),
        )
        return table_pdf.document(matrix, self._words(), subtitle, fonts)

    def _words(self):
        """What the files call their columns and statuses."""
        labels = dict(
            self.env["kpi.report"]._fields["status"]._description_selection(self.env)
        )
        return {
            "kpi": self.env._("KPI"),
            "unit": self.env._("Unit"),
            "figure": self.env._("Figure"),
            "running": self.env._("so far"),
            **{status: labels[status] for status in JUDGED},
        }
