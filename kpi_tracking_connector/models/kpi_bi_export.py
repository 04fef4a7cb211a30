"""Files that connectors write: which rows, how, and where they can be fetched."""

import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.spreadsheet import FORMULA_STARTS, GUARDED

from ..engine.odata.options import read_options
from ..engine.parcel import Parcel
from .kpi_bi_feed import AS_JSON, SETS, SUMMARIES

SEAL = "bi_export"
LINK = "/odata/files"
LINK_DAYS = 7
OF_KPI = ("code", "kpi", "name", "unit", "company", "scope_type")
NAMED = ("currency", "department", "team", "person")
JUDGED = ("period_stop", "target", "status")


class KpiBiExport(models.Model):
    """A file that a connector wrote."""

    _name = "kpi.bi.export"
    _description = "Connector File"
    _order = "id desc"
    _rec_name = "file_name"

    connector_id = fields.Many2one(
        "kpi.bi.connector", required=True, index=True, readonly=True, ondelete="cascade"
    )
    file = fields.Binary(attachment=True, readonly=True)
    file_name = fields.Char(readonly=True)
    row_count = fields.Integer("Rows", readonly=True)
    is_full = fields.Boolean("All Rows", readonly=True)
    manifest = fields.Text(readonly=True, help="File contents, as JSON.")
    link = fields.Char(compute="_compute_link", exportable=False)

    @api.depends("create_date")
    def _compute_link(self):
        keys = self.env["kpi.api.key"]
        for export in self:
            # The text of a link opens one file, for some days.
            token = export.id and keys._seal(SEAL, export.id, timedelta(days=LINK_DAYS))
            export.link = token and f"{export.get_base_url()}{LINK}/{token}"

    def _queue_webhook(self):
        """Have the webhook of the connector sent the link, if its owner may have it."""
        webhook = self.connector_id.webhook_id
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"bi_export:{self.id}",
                    "channel": "webhook",
                    "lane": "bulk",
                    "target_model": webhook._name,
                    "target_id": webhook.id,
                    "reader_id": webhook.owner_id.id,
                    "company_id": webhook.owner_id.company_id.id,
                    "res_model": self._name,
                    "res_id": self.id,
                    "subject": self.file_name,
                }
            ]
        )

    @api.model
    def _open(self, token):
        """The file that a link names, None for a link that ended or is none."""
        export_id = self.env["kpi.api.key"]._unseal(SEAL, token)
        return export_id and self.browse(export_id).exists()


class KpiBiFeed(models.AbstractModel):
    """Rows as files."""

    _inherit = "kpi.bi.feed"

    @api.model
    def _write_file(self, connector_type, data_format, since=None):
        """A table with a line of titles, or an object a line; compressed.

        :param connector_type, data_format: of ``kpi.bi.connector``
        :param since: ``Mark``; None = all rows
        :return: content, and what is in it
        """
        is_table = connector_type == "csv_export"
        if data_format == "hierarchical":
            query, columns = self._tree_sql()
        else:
            query, columns = self._table_sql(data_format, since, is_table)
        options = "FORMAT csv, HEADER"
        if not is_table:
            query = SQL("SELECT row_to_json(line) FROM (%s) AS line", query)
            options = AS_JSON
        parcel = Parcel()
        with parcel.open() as file:
            row_count = self._copy_to(query, file, options)
            file.flush()
            content = parcel.finish()
        digest = parcel.digest.hexdigest()
        return content, {"rows": row_count, "sha256": digest, "columns": columns}

    @api.model
    def _table_sql(self, data_format, since, is_computed=False):
        """Rows of a table, and the names of its columns.

        :param is_computed: what reads it computes texts that look like formulas
        """
        self.env.flush_all()
        if data_format == "aggregated":
            all_rows = read_options([], SUMMARIES)
            kpis = self._find_summarised(all_rows, 0, None)
            rows = self._summaries_sql(kpis, all_rows)
            names = list(SUMMARIES.columns)
            if is_computed:
                rows = _neutral_rows_sql(rows, SUMMARIES)
            return rows, names
        facts = self._changes_sql(since) if since else self._facts_sql()
        gone = SQL("fact.gone") if since else SQL("FALSE")
        names = ["kpi_id", "grain", "period_start", "value"]
        if data_format == "flat_table":
            names += ["weight", "source", "recorded_at"]
        columns = {name: SQL.identifier("fact", name) for name in names}
        columns["is_removed"] = gone
        if data_format == "flat_table":
            for name in (*OF_KPI, *NAMED):
                text = SQL.identifier("known", name)
                columns[name] = _neutral_sql(text) if is_computed else text
            columns |= {name: SQL.identifier("fact", name) for name in JUDGED}
        shown = SQL(", ").join(
            SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in columns.items()
        )
        query = SQL(
            "SELECT %s FROM (%s) AS fact LEFT JOIN (%s) AS known"
            " ON known.id = fact.kpi_id"
            " ORDER BY fact.kpi_id, fact.grain, fact.period_start",
            shown,
            facts,
            self._kpis_sql(),
        )
        return query, list(columns)

    @api.model
    def _tree_sql(self):
        """KPIs with their values inside."""
        self.env.flush_all()
        query = SQL(
            """
            SELECT known.*, found."values"
              FROM (%s) AS known
              JOIN (SELECT kpi_id,
                           json_agg(json_build_object(
                               'grain', grain, 'period_start', period_start,
                               'value', value, 'period_stop', period_stop,
                               'target', target, 'status', status)
                               ORDER BY grain, period_start)
                           AS "values"
                      FROM (%s) AS fact
                  GROUP BY kpi_id) AS found
                ON found.kpi_id = known.id
          ORDER BY known.id
            """,
            self._kpis_sql(),
            self._facts_sql(),
        )
        return query, [*SETS["Kpis"].columns, "values"]


def _neutral_rows_sql(rows, of):
    """Rows of a set whose texts are no formulas."""
    columns = {name: SQL.identifier("line", name) for name in of.columns}
    shown = [
        SQL(
            "%s AS %s",
            _neutral_sql(column) if of.columns[name] == "String" else column,
            SQL.identifier(name),
        )
        for name, column in columns.items()
    ]
    return SQL("SELECT %s FROM (%s) AS line", SQL(", ").join(shown), rows)


def _neutral_sql(text):
    """As ``neutral_text`` of kpi_base: an apostrophe before what would be computed."""
    return SQL(
        "CASE WHEN left(ltrim(%s, %s), 1) = ANY(%s) THEN '''' || %s ELSE %s END",
        text,
        GUARDED,
        list(FORMULA_STARTS),
        text,
        text,
    )


class KpiDelivery(models.Model):
    """Webhooks are sent the links of files."""

    _inherit = "kpi.delivery"

    def _write_webhook_body(self, webhook):
        if self.res_model != "kpi.bi.export":
            return super()._write_webhook_body(webhook)
        export = self.env["kpi.bi.export"].browse(self.res_id)
        item = {
            "connector": export.connector_id.name,
            "name": export.file_name,
            "link": export.link,
            "is_full": export.is_full,
            "manifest": json.loads(export.manifest),
        }
        return webhook._get_body("file.written", export.create_date, [item])
