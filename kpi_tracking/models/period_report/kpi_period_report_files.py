from odoo import models
from odoo.tools import format_date

from odoo.addons.kpi_base.table_files import get_fonts

from ...engine import period_report_pdf, period_report_xlsx
from ..report.kpi_report import JUDGED


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
        return period_report_xlsx.workbook(matrix, self._words())

    def _file_pdf(self, matrix):
        subtitle = self.env._(
            "%(company)s, as of %(day)s",
            company=self.company_id.name,
            day=format_date(self.env, self.env.cr.now()),
        )
        return period_report_pdf.document(matrix, self._words(), subtitle, get_fonts())

    def _words(self):
        """Titles of columns and statuses in the files."""
        labels = dict(
            self.env["kpi.report"]._fields["status"]._description_selection(self.env)
        )
        return {
            "kpi": self.env._("KPI"),
            "unit": self.env._("Unit"),
            "figure": self.env._("Figure"),
            "running": self.env._("to date"),
            **{status: labels[status] for status in JUDGED},
        }
