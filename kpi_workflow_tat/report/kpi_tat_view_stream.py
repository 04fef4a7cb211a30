from codecs import BOM_UTF8

from odoo import api, models

from odoo.addons.kpi_base.engine.tabular import write_csv

from .kpi_tat_view_files import ROWS_AT_ONCE


class KpiTatView(models.AbstractModel):
    """Reports of any number of rows as CSV, a part at a time."""

    _inherit = "kpi.tat.view"

    @api.model
    def _stream_csv(self, options):
        """The file that ``_write_file`` writes, in parts.

        Read by a transaction of its own, as that of the request ends before the answer
        is sent; so all parts show the same moment. Only numbers of rows are held at
        once.

        :param options: as ``_find_rows`` takes them
        """
        with self.env.registry.cursor(readonly=True) as cr:
            view = self.with_env(self.env(cr=cr))
            names, heads = view._get_file_heads()
            yield write_csv([heads])
            rows = view._find_rows(options)
            for start in range(0, len(rows), ROWS_AT_ONCE):
                part = rows.browse(rows._ids[start : start + ROWS_AT_ONCE])
                yield write_csv(part._get_file_rows(names)).removeprefix(BOM_UTF8)
                view.env.invalidate_all(flush=False)
