from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.roles import OFFICER

from ..models.calendar.kpi_calendar import GRAINS
from ..models.restatement.kpi_restatement import MOST_WRITTEN


class KpiDialogMixin(models.AbstractModel):
    """A dialog about one KPI, for who may see that KPI.

    Nothing of it is read as superuser, as related fields would be.
    """

    _name = "kpi.dialog.mixin"
    _description = "KPI Dialog"

    report_id = fields.Many2one("kpi.report", "KPI", required=True)
    definition_id = fields.Many2one(
        "kpi.definition",
        "Definition",
        related="report_id.definition_id",
        related_sudo=False,
    )
    unit = fields.Selection(related="definition_id.unit", related_sudo=False)
    decimals = fields.Integer(related="definition_id.decimals", related_sudo=False)
    currency_id = fields.Many2one(
        related="definition_id.currency_id", related_sudo=False
    )
    unit_symbol = fields.Char(related="definition_id.unit_symbol", related_sudo=False)
    duration_unit = fields.Selection(
        related="definition_id.duration_unit", related_sudo=False
    )

    @api.constrains("report_id")
    def _check_report_readable(self):
        # As the person who asks: Odoo checks constraints as superuser.
        self.sudo(False).report_id.check_access("read")


class KpiExplanation(models.TransientModel):
    """The answer to “why this number?” for one KPI and period."""

    _name = "kpi.explanation"
    _inherit = ["kpi.dialog.mixin"]
    _description = "Value Explanation"

    report_id = fields.Many2one(readonly=True)
    grain = fields.Selection(GRAINS, "Period Length", required=True)
    period_start = fields.Date("Period", required=True)
    certification_text = fields.Char(
        related="definition_id.certification_text", related_sudo=False
    )
    title = fields.Char(compute="_compute_explanation")
    has_value = fields.Boolean(compute="_compute_explanation")
    value = fields.Float(compute="_compute_explanation")
    method = fields.Text("Calculation", compute="_compute_explanation")
    records_filter = fields.Json("Filter", compute="_compute_explanation")
    share_filter = fields.Json("Numerator", compute="_compute_explanation")
    share_label = fields.Char("Share", compute="_compute_explanation")
    record_model = fields.Char(compute="_compute_explanation")
    record_count = fields.Integer(compute="_compute_explanation")
    readable_count = fields.Integer(compute="_compute_explanation")
    records_label = fields.Char("Records", compute="_compute_explanation")
    unpriced_count = fields.Integer("No Exchange Rate", compute="_compute_explanation")
    sql = fields.Text("SQL Query", compute="_compute_explanation", groups=OFFICER)
    parts = fields.Json(compute="_compute_explanation")
    revisions = fields.Json("Earlier Values", compute="_compute_explanation")
    restatement_text = fields.Char("Restated", compute="_compute_explanation")
    written_ids = fields.Json(compute="_compute_explanation")
    written_label = fields.Char(compute="_compute_explanation")

    @api.depends("report_id", "grain", "period_start")
    def _compute_explanation(self):
        for wizard in self:
            report = wizard.report_id
            found = report.get_explanation(wizard.period_start, wizard.grain)
            records = found.get("records") or {}
            calendar = report.definition_id.calendar_id
            period = calendar._period(wizard.grain, wizard.period_start)
            wizard.title = self.env._(
                "%(kpi)s, %(period)s",
                kpi=report.name,
                period=calendar._period_label(period),
            )
            wizard.has_value = found["value"] is not None
            wizard.value = found["value"] or 0.0
            wizard.method = found["method"]
            wizard.records_filter = wizard._get_widget_filter(found, "domain")
            wizard.share_filter = wizard._get_widget_filter(found, "numerator_domain")
            share = found.get("share")
            wizard.share_label = bool(share) and self.env._(
                "%(part)s of %(all)s records",
                part=share["numerator"],
                all=share["base"],
            )
            wizard.record_model = records.get("model", False)
            wizard.record_count = records.get("count", 0)
            wizard.readable_count = records.get("readable_count", 0)
            wizard.records_label = bool(records) and wizard._records_label()
            wizard.unpriced_count = found.get("unpriced_count", 0)
            wizard.sql = found.get("sql", "")
            wizard.parts = found.get("parts", [])
            wizard.revisions = [
                {**row, "replaced_at": fields.Datetime.to_string(row["replaced_at"])}
                for row in found.get("revisions", [])
            ]
            restated = found.get("restatement") or {}
            wizard.restatement_text = bool(restated) and wizard._say_restatement(
                restated
            )
            wizard.written_ids = restated.get("ids", [])
            wizard.written_label = wizard._say_written()

    def _say_restatement(self, restated):
        day = fields.Datetime.context_timestamp(self, restated["settled_on"])
        rounded, _now = self.env["kpi.restatement"]._round_alike(
            self.definition_id, restated["settled_value"], restated["new_value"]
        )
        return self.env._(
            "Restated: settled at %(value)s on %(day)s. %(cause)s.",
            value=self.definition_id._format_value(rounded),
            day=format_day(self.env, day),
            cause=restated["cause_text"],
        )

    def _say_written(self):
        """How many records were written since, which may be why."""
        count = len(self.written_ids or ())
        if not count:
            return False
        if count == 1:
            return self.env._("1 record below has changed since the value settled")
        if count == MOST_WRITTEN:
            return self.env._(
                "At least %s records below have changed since the value settled", count
            )
        return self.env._(
            "%s records below have changed since the value settled", count
        )

    def action_open_written(self):
        """The records behind the value that were written after it had settled."""
        self.ensure_one()
        return self._open(self.written_label, self.record_model, self.written_ids)

    def _open(self, name, model, ids, **context):
        if not ids:
            raise UserError(self.env._("You do not have access to these records."))
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", ids)],
            "context": {"active_test": False, **context},
        }

    @staticmethod
    def _get_widget_filter(found, name):
        """Model and domain for the widget; nothing where all records count."""
        domains = found.get("filter") or {}
        domain = domains.get(name) or "[]"
        return domain != "[]" and {"model": domains["model"], "domain": domain}

    def _records_label(self):
        if self.readable_count == self.record_count:
            if self.record_count == 1:
                return self.env._("1 record")
            return self.env._("%s records", self.record_count)
        return self.env._(
            "%(readable)s of %(all)s records (no access to the rest)",
            readable=self.readable_count,
            all=self.record_count,
        )

    def action_open_records(self):
        """The records behind the value, as far as the user may read them."""
        self.ensure_one()
        found = self.report_id.get_explanation(self.period_start, self.grain)
        records = found.get("records") or {"model": False, "ids": []}
        return self._open(self.title, records["model"], records["ids"], create=False)
