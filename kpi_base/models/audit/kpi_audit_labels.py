from odoo import api, fields, models
from odoo.tools import SQL

from ...audit import parse_entry_values


class KpiAuditLog(models.Model):
    """Words for the codes of the log: what happened, and to what kind of record.

    The codes are what is hashed; an addon that logs adds its words::

        @api.model
        def _event_labels(self):
            return {
                **super()._event_labels(),
                "order_moved": self.env._("Order moved"),
                "order_moved lost": self.env._("Order lost"),  # to this status
            }
    """

    _inherit = "kpi.audit.log"
    _rec_names_search = ["event_type"]

    title = fields.Char("Event", compute="_compute_title", exportable=False)

    @api.model
    def _event_labels(self):
        """Code of an event → its words; before them, those of code and status."""
        return {"audit_personal_erased": self.env._("Personal text erased")}

    @api.model
    def _select_events(self):
        """Labels of all codes, and the codes of addons that are gone."""
        labels = self._event_labels()
        known = {code: label for code, label in labels.items() if " " not in code}
        unknown = self._find_codes("event_type") - known.keys()
        return [*known.items(), *((code, code) for code in sorted(unknown))]

    @api.model
    def _select_models(self):
        """Names of the models whose records have a chain."""
        # What a kind of records is called is no secret.
        models_of = self.env["ir.model"].sudo()
        return [
            (name, models_of._get(name).name or name)
            for name in sorted(self._find_codes("model"))
        ]

    @api.model
    def _find_codes(self, name):
        """The values of an indexed column, each looked up once."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE code AS (
                    SELECT min(%(column)s) AS code FROM audit_logs
                     UNION ALL
                    SELECT (SELECT min(%(column)s) FROM audit_logs
                             WHERE %(column)s > code.code)
                      FROM code
                     WHERE code.code IS NOT NULL
                )
                SELECT code FROM code WHERE code IS NOT NULL
                """,
                column=SQL.identifier(name),
            )
        )
        return {code for (code,) in rows}

    @api.depends("event_type", "text")
    @api.depends_context("lang")
    def _compute_title(self):
        labels = self._event_labels()
        for entry in self:
            status = parse_entry_values(entry.text).get("status")
            entry.title = (
                labels.get(f"{entry.event_type} {status}")
                or labels.get(entry.event_type)
                or entry.event_type
            )

    @api.depends("title")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = entry.title
