from odoo import fields, models
from odoo.tools import format_date, format_time

from odoo.addons.kpi_base.table_files import MIME_TYPES as TABLE_TYPES
from odoo.addons.kpi_base.table_files import get_font_file

MIME_TYPES = {**TABLE_TYPES, "png": "image/png"}


class KpiDashboard(models.Model):
    """The dashboard as files, as the reader may see it."""

    _inherit = "kpi.dashboard"

    def _file(self, file_format, answer, tiles=None):
        """The dashboard as ``pdf``, ``png`` or ``xlsx``.

        :param answer: as :meth:`data` gives it, to the reader
        :param tiles: as :meth:`_drawings` gives them, where they are known already
        :return: name of the file and its content
        :raises UserError: what makes such files is not installed
        """
        if tiles is None:
            tiles = self._drawings(answer, has_records=True)
        content = getattr(self, f"_file_{file_format}")(answer, tiles)
        name = answer["dashboard"]["name"].replace("/", "-")
        return f"{name}.{file_format}", content

    def _subtitle(self, answer):
        """Which period, for whom and as of when."""
        scope = answer["scope"]
        moment = fields.Datetime.to_datetime(answer["as_of"][:19].replace("T", " "))
        local = fields.Datetime.context_timestamp(self, moment)
        as_of = self.env._(
            "as of %(day)s, %(time)s",
            day=format_date(self.env, local),
            time=format_time(self.env, local.time(), time_format="short"),
        )
        return " · ".join(filter(None, [answer["periods"]["label"], scope, as_of]))

    @staticmethod
    def _font_files():
        return list(map(get_font_file, ("Regular", "SemiBold", "Bold")))
