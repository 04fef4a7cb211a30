from odoo import api, fields, models
from odoo.tools import SQL

from ..template.kpi_approval_level import TIMEOUT_ACTIONS

CLOCKS = [
    ("waiting", "Not started"),
    ("running", "Running"),
    ("held", "On hold"),
    ("stopped", "Stopped"),
]


class KpiTatLevel(models.Model):
    """The clock of one person on one level of a request, in one attempt.

    Who is asked and what they decided is said by their ``kpi.approval.step``. What
    counts was frozen when the clock began; all moments that matter later are stored, so
    that alerts, lists and reports only compare columns.
    """

    _name = "kpi.tat.level"
    _description = "Approval Level of a Request"
    _table = "approval_levels"
    _inherit = ["kpi.readonly.mixin"]
    _order = "next_due_at, id"
    _rec_name = "request_id"

    request_id = fields.Many2one(
        "kpi.tat.request", required=True, readonly=True, ondelete="cascade", index=True
    )
    step_id = fields.Many2one(
        "kpi.approval.step",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    level_id = fields.Integer("Level ID", compute="_compute_level_id", exportable=False)
    created_at = fields.Datetime(related="create_date", exportable=False)
    level_number = fields.Integer(
        "Level", required=True, readonly=True, aggregator=None
    )
    attempt = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="Number of times that the request was submitted.",
    )
    approver_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="request_id.company_id", store=True)
    decision = fields.Selection(related="step_id.state")
    decided_at = fields.Datetime("Decided", readonly=True)
    clock = fields.Selection(CLOCKS, required=True, readonly=True, default="waiting")

    # What was promised when the request was submitted …
    tat_hours_standard = fields.Float("Working Hours", readonly=True)
    tat_hours_express = fields.Float("Express Hours", readonly=True)
    timeout_action = fields.Selection(
        TIMEOUT_ACTIONS, "When Overdue", readonly=True, default="remind"
    )
    # … and what holds since the clock began.
    calendar_id = fields.Many2one(
        "kpi.tat.calendar", "Counts By", readonly=True, ondelete="restrict"
    )
    allowed_seconds = fields.Integer(readonly=True, aggregator=None, exportable=False)
    level_start_time = fields.Datetime("Asked", readonly=True)
    tat_start_time = fields.Datetime(
        "Counts From",
        readonly=True,
        help="Later than when the level began where the time allowed was changed.",
    )
    elapsed_before = fields.Integer(
        "Taken Over (s)",
        readonly=True,
        aggregator=None,
        help="Seconds that counted before: of whoever was asked first, or by other "
        "rules.",
    )
    former_id = fields.Many2one(
        "kpi.tat.level", "Taken Over From", readonly=True, ondelete="set null"
    )
    stopped_at = fields.Datetime(readonly=True)
    elapsed_seconds = fields.Integer(
        readonly=True, aggregator="avg", help="Worked seconds until the decision."
    )
    wall_seconds = fields.Integer(
        "Seconds of the Clock", readonly=True, aggregator="avg"
    )

    tat50_due_at = fields.Datetime("50 % At", readonly=True)
    tat75_due_at = fields.Datetime("75 % At", readonly=True)
    due_at = fields.Datetime("Due", readonly=True)
    overdue_at = fields.Datetime(
        "Overdue From", readonly=True, help="The first second that is late."
    )
    next_due_at = fields.Datetime("Next Reminder", readonly=True)
    reminded_percent = fields.Integer(
        readonly=True, aggregator=None, exportable=False, default=0
    )
    tat50_alert_sent = fields.Boolean("50 % Reminder Sent", readonly=True)
    tat75_alert_sent = fields.Boolean("75 % Reminder Sent", readonly=True)
    tat_breached = fields.Boolean("Overdue", readonly=True)
    alert_ids = fields.One2many("kpi.tat.alert", "level_id", readonly=True)

    _person_uniq = models.UniqueIndex(
        "(request_id, level_number, attempt, approver_id)",
        "This person has a clock on this level already.",
    )
    _next_due_idx = models.Index("(next_due_at) WHERE clock = 'running'")
    _queue_idx = models.Index(
        "(approver_id, due_at) WHERE clock IN ('running', 'held')"
    )

    def init(self):
        add_generated_columns(self.env, self._table, "level_id")

    def _compute_level_id(self):
        for record in self:
            record.level_id = record.id

    @api.depends("request_id", "level_number")
    def _compute_display_name(self):
        for level in self:
            level.display_name = self.env._(
                "%(request)s, level %(number)s",
                request=level.request_id.display_name,
                number=level.level_number,
            )


def add_generated_columns(env, table, key):
    """Give a table the columns that queries from outside know it by."""
    for column, source, kind in (
        (key, "id", "integer"),
        ("created_at", "create_date", "timestamp without time zone"),
    ):
        env.cr.execute(
            SQL(
                "ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s %s"
                " GENERATED ALWAYS AS (%s) STORED",
                SQL.identifier(table),
                SQL.identifier(column),
                SQL(kind),
                SQL.identifier(source),
            )
        )
