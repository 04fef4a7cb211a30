from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.nesting import load_json

from .kpi_hook import OUTCOMES

QUARANTINE_DAYS = 30  # of what was refused
KEPT_DAYS = 7  # of the others: no sender tries for longer
MOST_LETTERS = 65_536  # of a message of which everything was taken
SHOWN_REASONS = 3


class KpiHookMessage(models.Model):
    """A message that a hook was sent: what became of it, and what is still refused."""

    _name = "kpi.hook.message"
    _description = "Inbound Hook Message"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id desc"
    _rec_name = "key"
    _log_access = False

    hook_id = fields.Many2one(
        "kpi.hook", required=True, readonly=True, ondelete="cascade"
    )
    key = fields.Char("Message ID", required=True, readonly=True)
    received_at = fields.Datetime("Received", required=True, readonly=True)
    payload = fields.Text(readonly=True, prefetch=False, exportable=False)
    added_count = fields.Integer("New", readonly=True)
    changed_count = fields.Integer("Changed", readonly=True)
    unchanged_count = fields.Integer("Unchanged", readonly=True)
    refused_count = fields.Integer("Rows with Errors", readonly=True)
    refused = fields.Json(string="Rejected", readonly=True, exportable=False)
    reason = fields.Char(compute="_compute_reason")
    is_dismissed = fields.Boolean("Dismissed", readonly=True, exportable=False)
    state = fields.Selection(
        [("recorded", "Recorded"), ("errors", "Errors"), ("dismissed", "Dismissed")],
        "Status",
        compute="_compute_state",
    )

    _key_uniq = models.UniqueIndex("(hook_id, key)")

    @api.depends("refused")
    def _compute_reason(self):
        for message in self:
            texts = {one["detail"] for one in message.refused or ()}
            message.reason = " ".join(sorted(texts)[:SHOWN_REASONS])

    @api.depends("refused_count", "is_dismissed")
    def _compute_state(self):
        for message in self:
            if message.is_dismissed:
                message.state = "dismissed"
            else:
                message.state = "errors" if message.refused_count else "recorded"

    @api.model
    def _claim(self, hook, key):
        """The row of a message that is new, or none: it came before.

        Where another request has it at this moment, one of them is run again by Odoo.
        """
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO kpi_hook_message (hook_id, key, received_at)
                VALUES (%s, %s, %s)
                    ON CONFLICT (hook_id, key) DO NOTHING
             RETURNING id
                """,
                *(hook.id, key, fields.Datetime.now()),
            )
        )
        return self.browse([message_id for (message_id,) in rows])

    def _note(self, answer, payload=None):
        """Store what became of the rows that were tried.

        :param payload: the text of the message, where it is new
        """
        refused = [one for one in answer["results"] if one["outcome"] == "refused"]
        values = {
            f"{name}_count": self[f"{name}_count"] + answer[name]
            for name in OUTCOMES
            if name != "refused"
        }
        if payload is not None and (refused or len(payload) <= MOST_LETTERS):
            values["payload"] = payload
        self.write({**values, "refused": refused, "refused_count": answer["refused"]})

    def action_send_again(self):
        """Record what was refused, by the pointers of the hook as they are now.

        Rows without a day are of the day on which their message arrived. Values that
        have changed since then stay, so newer messages come first; second rows of a
        period stay refused.
        """
        self.hook_id.check_access("write")
        # Messages are the engine's to write; who may change the hook was asked.
        refused = self.sudo().filtered(lambda one: one.state == "errors")
        for message in refused.sorted("id", reverse=True):
            message._record_again()

    def _record_again(self):
        duplicates = [one for one in self.refused if one.get("is_duplicate")]
        places = [one["index"] for one in self.refused if not one.get("is_duplicate")]
        if not places:
            return

        answer = self.hook_id._record(
            load_json(self.payload),
            self.received_at,
            wanted=None if None in places else places,
            is_again=True,
        )
        answer["results"] = sorted(
            [*answer["results"], *duplicates], key=lambda one: one["index"] or 0
        )
        answer["refused"] += len(duplicates)
        self._note(answer)

    def action_dismiss(self):
        """Count the rows that are refused as errors no longer."""
        self.hook_id.check_access("write")
        # As above.
        self.sudo().filtered("refused_count").is_dismissed = True

    @api.autovacuum
    def _gc_old(self):
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                "DELETE FROM kpi_hook_message WHERE received_at < %s"
                " OR received_at < %s AND coalesce(refused_count, 0) = 0",
                now - timedelta(days=QUARANTINE_DAYS),
                now - timedelta(days=KEPT_DAYS),
            )
        )
