import json
import re
from datetime import datetime, timedelta
from operator import itemgetter

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, html2plaintext, unique

from ...actions import RELOAD, show_notification
from ...engine.message import Message
from ...outbox import DeliveryRefused, DeliverySkipped
from ...roles import ADMIN
from ..record.base import insert_sql

KEPT_DAYS = 90
# what ``_queue`` takes as it is
PLAIN = (
    "key",
    "user_id",
    "address",
    "target_model",
    "target_id",
    "body",
    "res_model",
    "res_id",
    "fingerprint",
    "renderer",
    "scheduled_at",
)
CRONS = {
    "urgent": "kpi_base.kpi_delivery_cron_urgent",
    "bulk": "kpi_base.kpi_delivery_cron_bulk",
}


class KpiDelivery(models.Model):
    """A message on its way to one receiver: the outbox of everything that notifies.

    Written in the transaction of its cause, so that neither is there without the other;
    sent later by the cron of its lane, which tries again what fails.

    A message about many records is queued with a line for each, and the name of a model
    whose ``_render_delivery`` writes it for its reader: see ``docs/architecture.md``.
    ``self`` is the reader's there: their rights, language, time zone and companies. The
    other two are the outbox's own rows; ``lines`` are those whose records the reader
    may see at that moment. It writes nothing, as it is called for every attempt.
    """

    _name = "kpi.delivery"
    _description = "KPI Outgoing Message"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id desc"
    _rec_name = "subject"

    channel = fields.Selection(
        [("email", "Email")], required=True, readonly=True, default="email"
    )
    lane = fields.Selection(
        [("urgent", "Urgent"), ("bulk", "Bulk")],
        "Priority",
        required=True,
        readonly=True,
        default="urgent",
        help="Urgent messages never wait for bulk messages such as scheduled reports.",
    )
    key = fields.Char(
        required=True,
        readonly=True,
        help="Identifies the message so that it is only sent once.",
        exportable=False,
    )
    user_id = fields.Many2one(
        "res.users", "Recipient", readonly=True, ondelete="cascade", index=True
    )
    address = fields.Char(
        readonly=True,
        help="Email address or phone number, if not the recipient's.",
    )
    target_model = fields.Char("Channel Model", readonly=True, exportable=False)
    target_id = fields.Many2oneReference(
        "Channel ID", model_field="target_model", readonly=True, exportable=False
    )
    reader_id = fields.Many2one(
        "res.users",
        "Access Rights Of",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="The message only contains what this person can access.",
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    subject = fields.Char(required=True, readonly=True)
    # Between sender and receiver; Odoo hides mails from all but the system's
    # administrators as well.
    body = fields.Html(
        readonly=True, sanitize="email_outgoing", groups="base.group_system"
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", readonly=True, groups="base.group_system"
    )
    res_model = fields.Char("Model", readonly=True, exportable=False)
    res_id = fields.Many2oneReference(
        "Record ID", model_field="res_model", readonly=True, exportable=False
    )
    fingerprint = fields.Char(
        readonly=True,
        groups="base.group_system",
        help="Changes only when the numbers in the message change.",
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sent", "Sent"),
            ("skipped", "Not Sent"),
            ("failed", "Failed"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="waiting",
        index=True,
    )
    scheduled_at = fields.Datetime(
        readonly=True, help="If blank, the message is sent immediately."
    )
    due_at = fields.Datetime(
        "Next Attempt", readonly=True, help="If blank, the message is sent immediately."
    )
    asked_seconds = fields.Integer(
        "Requested Wait (s)",
        readonly=True,
        help="Wait requested by the server at the last attempt.",
        exportable=False,
    )
    claimed_by = fields.Integer(
        readonly=True,
        exportable=False,
    )
    claimed_until = fields.Datetime(
        readonly=True,
        help="The message is sent again if sending is not finished by this time.",
        exportable=False,
    )
    attempt_count = fields.Integer("Attempts", required=True, readonly=True)
    attempt_ids = fields.One2many(
        "kpi.delivery.attempt", "delivery_id", string="All Attempts", readonly=True
    )
    last_error = fields.Char("Reason", readonly=True)
    sent_at = fields.Datetime(readonly=True)
    host = fields.Char(
        "Server",
        readonly=True,
        help="Receiving server. Sending is paused while it fails.",
    )
    message_id = fields.Char(
        "Message-Id",
        readonly=True,
        help="Stays the same for all attempts, so that mail programs recognize "
        "duplicates.",
        exportable=False,
    )
    recipient = fields.Char(
        "To",
        compute="_compute_recipient",
        search="_search_recipient",
        compute_sudo=True,
        exportable=False,
    )
    renderer = fields.Char(
        readonly=True,
        exportable=False,
        help="Model that writes the message when it is sent.",
    )
    line_ids = fields.One2many(
        "kpi.delivery.line",
        "delivery_id",
        string="Lines",
        readonly=True,
        groups="base.group_system",
    )

    _key_uniq = models.UniqueIndex("(key)", "This message is already in the outbox.")
    _waiting_idx = models.Index("(lane, id) WHERE state = 'waiting'")

    @api.model
    def _queue(self, vals_list):
        """Put messages into the outbox, in the transaction of what they report.

        :param vals_list: dicts of ``key`` (unique text; what is there is skipped),
            ``subject``, and at least one of ``user_id``, ``address`` (of email, or a
            phone number), ``target_model`` with ``target_id`` (a record such as a Slack
            channel); without ``user_id`` also ``reader_id`` (whose rights decide what
            it may say). What it says: ``body`` (Markup), or ``renderer`` and ``lines``
            (dicts of ``res_model``, ``res_id``, ``data``: the model writes the message
            when it is sent, by ``_render_delivery``). Optionally ``channel``
            ("email"), ``lane`` ("urgent" or "bulk"), ``res_model`` and ``res_id`` (what
            it is about: who may not read it gets nothing), ``company_id``,
            ``attachment_ids`` (pictures that the body shows as ``cid:<name>`` lie in
            it), ``fingerprint``, ``scheduled_at`` (UTC; default: now), and ids for each
            field of ``_get_linked_fields``
        :return: the new records
        :raises ValidationError: a message without key, subject, receiver or reader
        """
        # People cause messages; the outbox itself is the engine's.
        return self.sudo().browse(self._queue_by_key(vals_list).values())

    @api.model
    def _queue_by_key(self, vals_list):
        """Put messages into the outbox, as ``_queue``; key → id of each new one."""
        # People cause messages; the outbox itself is the engine's.
        outbox = self.sudo()
        for vals in vals_list:
            outbox._check_queued(vals)
        if not vals_list:
            return {}
        # In one order, so that two who queue the same do not wait for each other.
        in_order = sorted(vals_list, key=itemgetter("key"))
        rows = [outbox._row(vals) for vals in in_order]
        columns = {}
        for name in rows[0]:
            convert = outbox._fields[name].convert_to_column_insert
            known = {one: convert(one, outbox) for one in {row[name] for row in rows}}
            columns[name] = [known[row[name]] for row in rows]
        # Of two with the same key the first is new.
        first = {vals["key"]: vals for vals in reversed(vals_list)}
        lines = [
            {"key": key, "sequence": number, **line}
            for key, vals in first.items()
            for number, line in enumerate(vals.get("lines") or ())
        ]
        query = SQL(
            """
            WITH new AS (%s ON CONFLICT (key) DO NOTHING
                  RETURNING id, key, lane, due_at),
                 line AS (
                INSERT INTO kpi_delivery_line (
                       delivery_id, sequence, res_model, res_id, data)
                SELECT new.id, sequence, res_model, res_id, data
                  FROM jsonb_to_recordset(%s) AS line (
                       key text, sequence int, res_model text, res_id int, data jsonb)
                  JOIN new USING (key))
          SELECT * FROM new
            """,
            insert_sql(outbox, columns),
            json.dumps(lines),
        )
        found = outbox.env.execute_query(query)
        # What was there stays as it is.
        id_of = {key: record_id for record_id, key, *_due in found}
        new = {id_of[key]: vals for key, vals in first.items() if key in id_of}
        for name in outbox._get_linked_fields():
            outbox._link(name, new)
        outbox._wake((lane, moment) for _id, _key, lane, moment in found)
        return id_of

    @api.model
    def _get_linked_fields(self):
        """Names of the many2many fields that ``_queue`` takes ids for."""
        return ["attachment_ids"]

    @api.model
    def _check_queued(self, vals):
        """Refuse a message that nobody could get, or that nobody may read."""
        given = {name for name, value in vals.items() if value}
        if not (
            {"key", "subject"} <= given
            and ("lines" in given) == ("renderer" in given)
            and (
                given & {"user_id", "address"} or {"target_model", "target_id"} <= given
            )
            and given & {"user_id", "reader_id"}
        ):
            raise ValidationError(
                self.env._(
                    "The message “%s” needs a key, subject, recipient, reader and, "
                    "if a model writes it, lines.",
                    vals.get("subject") or vals.get("key"),
                )
            )

    @api.model
    def _row(self, vals):
        """Column → value of a new message, as a field takes it."""
        now = fields.Datetime.now()
        return {
            **{name: vals.get(name) for name in PLAIN},
            "channel": vals.get("channel", "email"),
            "lane": vals.get("lane", "urgent"),
            "reader_id": vals.get("reader_id") or vals["user_id"],
            "company_id": vals.get("company_id") or self._company_of(vals).id,
            "subject": " ".join(vals["subject"].split()),
            "state": "waiting",
            "due_at": vals.get("scheduled_at"),
            "attempt_count": 0,
            "message_id": self._message_id(vals["key"]),
            "create_uid": self.env.uid,
            "create_date": now,
            "write_date": now,
        }

    @api.model
    def _company_of(self, vals):
        """The company of what the message is about, else that of who gets it."""
        company = self.env["res.company"]
        if vals.get("res_id"):
            about = self.env[vals["res_model"]].browse(vals["res_id"])
            company = company if "company_id" not in about._fields else about.company_id
        person = vals.get("user_id") or vals["reader_id"]
        return company or self.env["res.users"].browse(person).company_id

    @api.model
    def _link(self, name, new):
        """Fill a many2many of the new messages: dict id → values."""
        pairs = [
            (new_id, linked)
            for new_id, vals in new.items()
            for linked in unique(vals.get(name) or [])
        ]
        if pairs:
            field = self._fields[name]
            self.env.execute_query(
                SQL(
                    "INSERT INTO %s (%s, %s) VALUES %s RETURNING 1",
                    SQL.identifier(field.relation),
                    SQL.identifier(field.column1),
                    SQL.identifier(field.column2),
                    SQL(", ").join(SQL("%s", pair) for pair in pairs),
                )
            )

    @api.model
    def _wake(self, due):
        """Have the lanes look at what has become due, or at the moment it will be.

        :param due: pairs (lane, moment that a message is due; None = at once)
        """
        now = fields.Datetime.now()
        first = {}
        for lane, moment in due:
            first[lane] = min(first.get(lane, datetime.max), moment or now)
        for lane, moment in first.items():
            self._wake_lane(lane, moment)

    @api.model
    def _get_cron(self, lane):
        """The cron of a lane, read without a look whether it is there."""
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(CRONS[lane], True)
        # Crons are the administrators'; waking one only makes it look earlier.
        crons = self.env["ir.cron"].sudo().with_context(prefetch_fields=False)
        return crons.browse(cron_id)

    @api.model
    def _wake_lane(self, lane, moment):
        """Wake the cron of ``lane`` at ``moment``; once, where that is to come.

        Triggers of the past do not count: the run that they began drops them.
        """
        cron = self._get_cron(lane)
        # A run that starts now drops past triggers and may not see our message yet.
        now = fields.Datetime.now()
        asked = [
            ("cron_id", "=", cron.id),
            ("call_at", ">", now),
            ("call_at", "<=", moment),
        ]
        if moment <= now or not cron.env["ir.cron.trigger"].search_count(
            asked, limit=1
        ):
            cron._trigger(moment)
        self.env["kpi.timer"]._notify()

    def action_send_again(self):
        """Have what was given up or not sent tried again from the start."""
        self._check_can_send_again()
        self.check_access("read")
        # The right to was checked above; rows of the outbox are the engine's.
        again = self.sudo().filtered(lambda each: each.state in ("failed", "skipped"))
        again._send_again()

    def action_send_all_again(self):
        """Have all that failed tried again from the start, whatever is selected."""
        self._check_can_send_again()
        failed = self.search([("state", "=", "failed")])
        # As above; the search was the user's own.
        failed.sudo()._send_again()
        text, kind = self.env._("No failed messages."), "info"
        if failed:
            text = self.env._("Messages being resent: %s", len(failed))
            kind = "success"
        return show_notification(text, type=kind, next=RELOAD)

    @api.model
    def _check_can_send_again(self):
        if not self.env.user.has_group(ADMIN):
            raise AccessError(
                self.env._("Only KPI administrators can resend messages.")
            )

    def _send_again(self):
        empty = dict.fromkeys(("due_at", "claimed_until", "last_error"), False)
        self.write({**empty, "state": "waiting", "attempt_count": 0})
        self._wake((each.lane, each.due_at) for each in self)

    @api.autovacuum
    def _gc_old(self):
        """Drop what was sent or given up long ago, and the files of nothing else."""
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        old = self.search([("state", "!=", "waiting"), ("write_date", "<", limit)])
        files = old.attachment_ids.filtered(lambda each: each.res_model == self._name)
        old.unlink()
        still_used = self.search([("attachment_ids", "in", files.ids)]).attachment_ids
        (files - still_used).unlink()

    @api.depends("user_id", "address", "target_model", "target_id")
    def _compute_recipient(self):
        for delivery in self:
            target = delivery._get_target()
            named = target.display_name if target is not None else ""
            names = delivery.user_id.name, delivery.address, named
            delivery.recipient = ", ".join(filter(None, names))

    def _search_recipient(self, operator, value):
        if operator != "ilike":
            return NotImplemented
        found = Domain("user_id", "ilike", value) | Domain("address", "ilike", value)
        # Administrators see where messages go, whoever may read the channels.
        env = self.sudo().with_context(active_test=False).env
        targets = env[self._name]._read_group(
            [("target_id", "!=", False)], ["target_model"]
        )
        for (model,) in targets:
            if model in env:
                named = env[model]._search([("display_name", "ilike", value)])
                of_model = Domain("target_model", "=", model)
                found |= of_model & Domain("target_id", "in", named)
        return found

    def _get_target(self):
        """The record that the message goes to; None = a person or an address only."""
        if not self.target_id or self.target_model not in self.env:
            return None
        return self.env[self.target_model].browse(self.target_id).exists() or None

    def _as_reader(self, record):
        """``record`` as its reader sees it, in all their companies."""
        reader = self._get_reader()
        # Less, not more: what the engine may see, its reader often may not.
        return record.with_user(reader).with_context(
            allowed_company_ids=None, lang=reader.lang, tz=reader.tz
        )

    def _get_reader(self):
        """The person whose rights decide what the message may say."""
        return self.reader_id or self.user_id

    def _check_receiver(self):
        """Ask, when it is sent, whether its receiver may know what it says.

        A model of targets may have a method ``_check_delivery_target``, which raises
        ``DeliverySkipped`` where nothing is to go to one of its records any more.

        :raises DeliverySkipped: archived users, lost rights, records that are gone
        """
        for user in self.user_id | self._get_reader():
            if not user.active:
                raise DeliverySkipped(self.env._("%s is archived.", user.name))
        target = self._get_target()
        if self.target_id and target is None:
            raise DeliverySkipped(self.env._("The channel was deleted."))
        if hasattr(target, "_check_delivery_target"):
            target._check_delivery_target()
        # Of no record everybody may hear, also who has no access to any.
        for record in filter(None, self._subjects()):
            own = self._as_reader(record)
            if len(own.exists()) < len(own):
                raise DeliverySkipped(self.env._("The record was deleted."))
            if not own.has_access("read"):
                raise DeliverySkipped(
                    self.env._(
                        "%s cannot access the record.",
                        self._get_reader().name,
                    )
                )

    def _subjects(self):
        """Return the recordsets that the reader must be allowed to read."""
        if self.res_id:
            if self.res_model not in self.env:
                raise DeliverySkipped(self.env._("The record was deleted."))
            yield self.env[self.res_model].browse(self.res_id)

    def _compose(self):
        """Return what the message says, as ``Message``; each channel writes it out.

        :raises DeliverySkipped: the reader may see nothing of it
        """
        if self.renderer:
            return self._render()
        pictures = self.attachment_ids.filtered(self._is_in_body)
        painted = pictures.filtered(lambda file: file.mimetype == "image/png")[:1]
        return Message(
            self.subject,
            plain_text(self.body),
            html=str(self.body or ""),
            picture=painted.raw or None,
        )

    def _is_in_body(self, file):
        """Check whether the body shows this picture."""
        return f'"cid:{file.name}"' in (self.body or "")

    def _render(self):
        readable = set()
        for model, lines in self.line_ids.grouped("res_model").items():
            if model in self.env:
                records = self.env[model].browse(lines.mapped("res_id")).exists()
                own = self._as_reader(records)._filtered_access("read")
                readable.update((model, record_id) for record_id in own.ids)
        lines = self.line_ids.filtered(lambda x: (x.res_model, x.res_id) in readable)
        if not lines:
            raise DeliverySkipped(
                self.env._(
                    "%s cannot access any record in this message.",
                    self._get_reader().name,
                )
            )
        model = self.env.get(self.renderer)
        if model is None or not hasattr(model, "_render_delivery"):
            raise DeliveryRefused(
                self.env._(
                    "The app that writes this message is not installed (%s).",
                    self.renderer,
                )
            )
        return self._as_reader(model)._render_delivery(self, lines)


class KpiDeliveryAttempt(models.Model):
    """One attempt to send a message, and what came of it."""

    _name = "kpi.delivery.attempt"
    _description = "KPI Delivery Attempt"
    _inherit = ["kpi.readonly.mixin"]
    _order = "delivery_id desc, id desc"
    _rec_name = "number"
    _log_access = False

    delivery_id = fields.Many2one(
        "kpi.delivery", "Message", required=True, readonly=True, ondelete="cascade"
    )
    number = fields.Integer("Attempt", required=True, readonly=True)
    started_at = fields.Datetime("Started", required=True, readonly=True)
    milliseconds = fields.Integer(readonly=True, aggregator="avg")
    outcome = fields.Selection(
        [
            ("sent", "Sent"),
            ("waiting", "Retried Later"),
            ("unconfirmed", "Unconfirmed"),
            ("skipped", "Not Sent"),
            ("failed", "Failed"),
        ],
        readonly=True,
        help="Blank while sending, or if the server stopped before a response.",
    )
    answer = fields.Char(string="Response", readonly=True)

    _delivery_idx = models.Index("(delivery_id, number)")


class KpiDeliveryLine(models.Model):
    """One thing that a message tells of, such as a KPI: written when it is sent."""

    _name = "kpi.delivery.line"
    _description = "KPI Message Line"
    _inherit = ["kpi.readonly.mixin"]
    _order = "delivery_id desc, sequence, id"
    _rec_name = "res_model"
    _log_access = False

    delivery_id = fields.Many2one(
        "kpi.delivery",
        "Message",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    sequence = fields.Integer(required=True, readonly=True, exportable=False)
    res_model = fields.Char("Model", required=True, readonly=True, exportable=False)
    res_id = fields.Many2oneReference(
        "Record ID",
        model_field="res_model",
        required=True,
        readonly=True,
        exportable=False,
    )
    data = fields.Json(
        readonly=True,
        exportable=False,
        help="Additional context for the message.",
    )


def plain_text(html):
    """Return the text of a mail: no signs around bold words, pictures in words."""
    plain = str(html or "")
    plain = re.sub(r"<(/?)h[1-6]\b[^>]*>", r"<\1p>", plain)
    plain = re.sub(r"</?(?:strong|b|em)\b[^>]*>", "", plain)
    plain = re.sub(r'<img\b[^>]*?\balt="([^"]*)"[^>]*>', r"\1", plain)
    return html2plaintext(re.sub(r"<img\b[^>]*>", "", plain))
