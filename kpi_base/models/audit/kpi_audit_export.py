import gzip

from odoo import api, models
from odoo.tools import SQL

from ...engine.audit.export import export_lines

BATCH = 10_000


class KpiAuditLog(models.Model):
    """The log as a file that can be verified without its database."""

    _inherit = "kpi.audit.log"

    @api.model
    def _export_log(self):
        """The entire log, compressed, in parts of bounded size.

        :return: iterator of ``bytes`` that follow each other in a file ``.jsonl.gz``
        """
        for rows in self._batches():
            yield gzip.compress("".join(export_lines(rows)).encode())

    @api.model
    def _batches(self):
        last = 0
        while rows := self.env.execute_query(
            SQL(
                """
                SELECT log.id, log.seq, log.previous_hash, log.hash, log.text,
                       leaf.leaf_index
                  FROM audit_logs AS log
             LEFT JOIN kpi_audit_leaf AS leaf ON leaf.log_id = log.id
                 WHERE log.id > %s
              ORDER BY log.id
                 LIMIT %s
                """,
                last,
                BATCH,
            )
        ):
            last = rows[-1][0]
            yield [row[1:] for row in rows]
