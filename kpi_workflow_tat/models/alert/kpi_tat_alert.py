from odoo import api, fields, models

from ...fields import OptionalBoolean, TextList, split_texts
from ..clock.kpi_tat_level import add_generated_columns

MOMENTS = (
    "level_start_time",
    "due_at",
    "expected_completion_time",
    "completion_time",
)
# Columns that queries and programs know.
COLUMNS = (
    "alert_id",
    "request_id",
    "level_id",
    "approver_id",
    "alert_type",
    "threshold_percentage",
    "tat_hours_allocated",
    "tat_hours_elapsed",
    "tat_hours_remaining",
    "alert_sent_at",
    "alert_message",
    "notification_sent",
    "notification_channels",
    "is_breached",
    "was_completed_on_time",
    "metadata",
    "created_at",
    *MOMENTS,
)


class KpiTatAlert(models.Model):
    """A reminder: one for each threshold of a clock, written when it is sent."""

    _name = "kpi.tat.alert"
    _description = "Turn-Around Time Reminder"
    _table = "tat_alerts"
    _inherit = ["kpi.readonly.mixin"]
    _order = "alert_sent_at, threshold_percentage, id"
    _rec_name = "alert_message"

    alert_id = fields.Integer("Alert ID", compute="_compute_alert_id", exportable=False)
    created_at = fields.Datetime(related="create_date", exportable=False)
    request_id = fields.Many2one(
        "kpi.tat.request", required=True, readonly=True, ondelete="cascade", index=True
    )
    level_id = fields.Many2one(
        "kpi.tat.level", required=True, readonly=True, ondelete="cascade"
    )
    approver_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict", index=True
    )
    alert_type = fields.Char(required=True, readonly=True)
    threshold_percentage = fields.Integer(
        "Time Used (%)", required=True, readonly=True, aggregator=None
    )
    tat_hours_allocated = fields.Float("Hours Allowed", digits=(12, 4), readonly=True)
    tat_hours_elapsed = fields.Float("Hours Elapsed", digits=(12, 4), readonly=True)
    tat_hours_remaining = fields.Float("Hours Left", digits=(12, 4), readonly=True)
    level_start_time = fields.Datetime("Asked", readonly=True)
    due_at = fields.Datetime("Fell Due", readonly=True)
    alert_sent_at = fields.Datetime("Sent", required=True, readonly=True)
    expected_completion_time = fields.Datetime("To Be Done By", readonly=True)
    alert_message = fields.Char(required=True, readonly=True)
    notification_sent = fields.Boolean("Delivered", readonly=True)
    notification_channels = TextList("Channels", readonly=True)
    is_breached = fields.Boolean("Overdue", readonly=True)
    was_completed_on_time = OptionalBoolean("Done in Time", readonly=True)
    completion_time = fields.Datetime("Done", readonly=True)
    metadata = fields.Json(readonly=True, exportable=False)
    delivery_id = fields.Many2one(
        "kpi.delivery",
        "Message",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )

    _threshold_uniq = models.UniqueIndex(
        "(level_id, threshold_percentage)", "This reminder was sent already."
    )

    def init(self):
        add_generated_columns(self.env, self._table, "alert_id")

    def _compute_alert_id(self):
        for record in self:
            record.alert_id = record.id

    def _describe(self):
        """Tell these reminders by the names of their columns, in their order.

        :return: list of dicts; other records by their numbers, None where unknown
        """
        return [_describe_row(values) for values in self.read(COLUMNS, load=None)]

    @api.model
    def _announce(self, found, now):
        """Write the alerts, put their messages into the outbox, note them in chatter.

        All in the transaction that marks the clocks: neither is there without the
        other. The number of statements does not grow with them.

        :param found: list of ``Announcement``; those that were announced before by the
            same clock are left out
        """
        if not found:
            return
        new, former = self._replace_former(found)
        if not new:
            return
        alert_ids = self._draw_ids(len(new))
        delivery_of = self._queue_messages(new, alert_ids, now)
        self._insert(new, delivery_of, former, now)
        self._post_notes(new, now)


def _describe_row(values):
    is_done = bool(values["completion_time"])
    return {
        **values,
        **{name: None for name in MOMENTS if not values[name]},
        "metadata": values["metadata"] or {},
        "notification_channels": split_texts(values["notification_channels"]),
        "was_completed_on_time": values["was_completed_on_time"] if is_done else None,
    }
