import json
import secrets
import time
from datetime import date, datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed, address_secrets
from odoo.addons.kpi_base.fields import Secret
from odoo.addons.kpi_base.outbox import DeliveryLater, DeliveryRefused, DeliverySkipped
from odoo.addons.kpi_base.tell import tell_owner

from ...engine.webhook_signature import sign

# Events that somebody waits for go before reports and numbers.
URGENT = ("alert",)
OVERLAP_DAYS = 7  # both secrets sign for so long
PATIENCE = timedelta(days=5)
IS_OFF = ("state", "off")


class KpiWebhook(models.Model):
    """An address of another system that is told what happens to KPIs.

    Events of an addon are sent where it has emitted them by ``kpi.event`` and adds, for
    ``visit.planned``, a field ``sends_visit`` here and what is said of a record by
    ``_get_content_fields``.
    """

    _name = "kpi.webhook"
    _description = "KPI Webhook"
    _inherit = ["kpi.signed.mixin"]

    address = fields.Char(
        required=True, help="URL for events, e.g. https://example.com/kpi."
    )
    owner_id = fields.Many2one(help="Limits data to what this person can access.")
    company_id = fields.Many2one(help="Leave empty for all companies.")
    report_ids = fields.Many2many(
        "kpi.report",
        "kpi_webhook_report_rel",
        string="KPIs",
        help="Leave empty for all KPIs the owner can access.",
    )
    sends_measurement = fields.Boolean("Values", default=True)
    sends_alert = fields.Boolean("Alerts", default=True)
    sends_submission = fields.Boolean("Entries")
    sends_target = fields.Boolean("Targets")
    previous_secret = Secret("previous_secret", "Previous Secret")
    rotated_at = fields.Datetime(readonly=True, copy=False)
    state = fields.Selection(
        [("on", "On"), ("off", "Off")],
        "Status",
        required=True,
        readonly=True,
        default="on",
        copy=False,
    )
    last_sent_at = fields.Datetime("Last Sent", readonly=True, copy=False)
    failing_since = fields.Datetime(readonly=True, copy=False)
    last_error = fields.Char("Reason", readonly=True, copy=False)
    both_sign_until = fields.Datetime(
        "Previous Secret Valid Until",
        compute="_compute_both_sign_until",
        help="Until then, messages are signed with both secrets.",
    )

    @api.constrains("address")
    def _check_address(self):
        for webhook in self:
            self.env["kpi.outgoing"]._check_address(webhook.address)

    @api.model_create_multi
    def create(self, vals_list):
        # Whoever makes one may turn it off; nobody types anything else of its state.
        webhooks = super().create(
            [
                {name: vals[name] for name in vals if (name, vals[name]) != IS_OFF}
                for vals in vals_list
            ]
        )
        for webhook, vals in zip(webhooks, vals_list, strict=True):
            if vals.get("state") == "off":
                webhook.action_turn_off()
        return webhooks

    def copy_data(self, default=None):
        """Copies are off: the address would be told everything twice, signed by a
        secret that it does not know."""
        return [{**vals, "state": "off"} for vals in super().copy_data(default)]

    def action_turn_on(self):
        """Send again; what failed meanwhile stays in the outbox."""
        self.check_access("write")
        # How sending goes is the engine's; the right to change it was asked for.
        self.sudo().write({"state": "on", "failing_since": False, "last_error": False})
        return True

    def action_turn_off(self):
        """Send nothing until it is turned on again."""
        self.check_access("write")
        # As above.
        self.sudo().state = "off"
        return True

    @api.model
    def _find_sent(self, event):
        """Webhooks that are on and are sent an event."""
        name = f"sends_{event.partition('.')[0]}"
        if name not in self._fields:
            return self.browse()
        # Who caused the event need not know who else hears of it.
        return self.sudo().search([("state", "=", "on"), (name, "=", True)])

    def _filter_listening(self, reports):
        """Those that hear of some of these KPIs."""
        # As above.
        companies, ids = reports.sudo().company_id, set(reports.ids)
        return self.filtered(
            lambda each: (
                each.company_id <= companies
                and (not each.report_ids or ids & set(each.report_ids.ids))
            )
        )

    def _queue_batches(self, event, batch_ids):
        """Put a message for each webhook and batch into the outbox."""
        kind = event.partition(".")[0]
        label = self._fields[f"sends_{kind}"]._description_string(self.env)
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"webhook:{webhook.id}:{batch_id}",
                    "channel": "webhook",
                    "lane": "urgent" if kind in URGENT else "bulk",
                    "target_model": self._name,
                    "target_id": webhook.id,
                    "reader_id": webhook.owner_id.id,
                    "company_id": webhook.company_id.id
                    or webhook.owner_id.company_id.id,
                    # for whoever looks at the outbox
                    "subject": self.env._(
                        "%(webhook)s: %(kind)s (%(event)s)",
                        webhook=webhook.name,
                        kind=label,
                        event=event,
                    ),
                    "webhook_batch_id": batch_id,
                }
                for webhook in self
                for batch_id in batch_ids
            ]
        )

    def _check_delivery_target(self):
        """Let nothing go to a webhook that is off."""
        if not self.active or self.state != "on":
            raise DeliverySkipped(self.env._("%s is turned off.", self.name))

    @api.depends("rotated_at")
    def _compute_both_sign_until(self):
        now, overlap = fields.Datetime.now(), timedelta(days=OVERLAP_DAYS)
        for webhook in self:
            until = webhook.rotated_at and webhook.rotated_at + overlap
            webhook.both_sign_until = until if until and until > now else False

    def _renew_secret(self):
        """The one before signs beside it for a while, so that receivers can change."""
        before, text = self._read_secret("secret"), super()._renew_secret()
        # When it was made is the engine's to write.
        self.sudo().write(
            {
                "previous_secret": before,
                "rotated_at": fields.Datetime.now() if before else False,
            }
        )
        return text

    def action_send_test(self):
        """Send a message without events now, and say what came back."""
        self.ensure_one()
        self.check_access("write")
        body = self._get_body("webhook.test", fields.Datetime.now(), [])
        try:
            answer = self._post(f"msg_{secrets.token_hex(16)}", body)
        except (DeliveryLater, DeliveryRefused, OutgoingFailed) as error:
            raise UserError(self.env._("Not accepted. %s", error)) from error
        return show_notification(
            self.env._(
                "Accepted: %(status)s %(answer)s",
                status=answer.status,
                answer=answer.text[:200],
            )
        )

    @api.model
    def _get_content_fields(self):
        """Model → its name in a message, and the fields that are said of a record."""
        of_alert = (
            "rule_name alert_type severity state grain period_start since_period value"
            " measured limit reason fired_at acknowledged_at resolved_at resolution"
        )
        return {
            "kpi.alert.event": ("alert", of_alert.split()),
            "kpi.submission": (
                "submission",
                ("grain", "period_start", "value", "note", "state", "submitted_at"),
            ),
            "kpi.target": (
                "target",
                ("date_from", "value", "baseline", "stretch", "note"),
            ),
        }

    @api.model
    def _get_reports_of(self, records):
        """Record → the KPIs that it is about: each hears of it."""
        return {record: record.report_id for record in records}

    @api.model
    def _get_body(self, event, moment, items):
        """Bytes of a message."""
        content = {"type": event, "timestamp": plain(moment), "data": {"items": items}}
        return json.dumps(content, ensure_ascii=False).encode()

    @api.model
    def _settle_events(self, reports):
        """Keep what owners may know now of KPIs that are about to be gone."""
        waiting = self.env["kpi.delivery"].search(
            Domain("state", "=", "waiting")
            & Domain("webhook_batch_id.change_ids.report_id", "in", reports.ids),
            order="id",
        )
        ids = set(reports.ids)
        for delivery in waiting:
            if webhook := delivery._get_target():  # else it was deleted meanwhile
                items = webhook._get_items(delivery.webhook_batch_id)
                own = (item for item in items if item["kpi"]["id"] in ids)
                delivery.webhook_items = [*(delivery.webhook_items or ()), *own]

    def _get_items(self, batch):
        """Events of a batch that the owner may know of, in order."""
        changes = batch.change_ids
        known = self._find_reports(changes.report_id.ids)
        hidden = self._find_hidden(
            {(each.res_model, each.res_id) for each in changes if each.res_model}
        )
        contents, items = self._get_content_fields(), []
        for each in changes:
            model, res_id = each.res_model, each.res_id
            if each.report_id.id not in known or (model, res_id) in hidden:
                continue
            if model:
                said = {contents[model][0]: {"id": res_id, **each.content}}
            else:
                said = {
                    "grain": each.grain,
                    "period_start": plain(each.period_start),
                    "old": plain(each.old_value),
                    "new": plain(each.new_value),
                    "cause": plain(each.cause),
                }
            kpi = known[each.report_id.id]
            items.append({"sequence": each.sequence, "kpi": kpi, **said})
        return items

    def _find_reports(self, ids):
        """Id → what is said of each KPI that the owner may see now."""
        # Rights as they are now, not when the batch was read.
        self.env.invalidate_all()
        reports = self._as_owner("kpi.report").with_context(active_test=False)
        domain = Domain("id", "in", list(ids))
        if self.report_ids:
            domain &= Domain("id", "in", self.report_ids.ids)
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        return {
            report.id: {"id": report.id, "code": report.code or "", "name": report.name}
            for report in reports.search(domain)
        }

    def _find_hidden(self, places):
        """Those (model, id) of records that are there, but not for the owner."""
        hidden = set()
        for model in {model for model, _id in places}:
            ids = [res_id for name, res_id in places if name == model]
            records = self._as_owner(model).browse(ids).exists()
            unseen = records - records._filtered_access("read")
            hidden.update((model, res_id) for res_id in unseen.ids)
        return hidden

    def _as_owner(self, model):
        """The model as the owner sees it, in all their companies."""
        # Less, not more: what the engine may see, its owner often may not.
        return (
            self.env[model]
            .with_user(self.owner_id)
            .with_context(allowed_company_ids=None, lang=self.owner_id.lang)
        )

    def _post(self, webhook_id, body):
        """Send a message, signed at this moment, as Standard Webhooks has it."""
        # The present secret, and the one before while receivers change over.
        names = ["secret", *(["previous_secret"] if self.both_sign_until else [])]
        known = list(filter(None, map(self._read_secret, names)))
        timestamp = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(known, webhook_id, timestamp, body),
        }
        secrets = [*address_secrets(self.address), *known]
        return self.env["kpi.outgoing"]._call(self.address, body, headers, secrets)

    def _note_success(self):
        now = fields.Datetime.now()
        self.write({"last_sent_at": now, "failing_since": False, "last_error": False})

    def _note_failure(self, reason):
        """Note a failure, and turn it off where there was nothing else for days."""
        now = fields.Datetime.now()
        since = min(self.failing_since or now, now)
        self.write({"last_error": reason, "failing_since": since})
        if since <= now - PATIENCE:
            self._give_up(
                self.env._("Deliveries failed for five days. Last response: %s", reason)
            )

    def _give_up(self, reason):
        """Turn it off, once, and tell whoever is responsible."""
        if self.state == "on":
            self.write({"state": "off", "last_error": reason})
            tell_owner(
                self,
                self.owner_id,
                self.env._("Webhook turned off: %s", self.name),
                self.env._(
                    "%(reason)s Nothing is sent until you turn the webhook on.",
                    reason=f"{reason}\n",
                ),
            )


def plain(value):
    """A value as JSON has it: None for what is missing."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    return None if value is False or value is None else value
