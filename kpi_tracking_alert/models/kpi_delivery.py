import time
from dataclasses import replace

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed, address_secrets
from odoo.addons.kpi_base.outbox import (
    DeliveryGone,
    DeliveryLater,
    DeliveryRefused,
    DeliverySkipped,
)
from odoo.addons.mail.tools import jwt
from odoo.addons.mail.tools.web_push import _encrypt_payload

from ..engine.payloads.web_push import push_headers, push_payload
from .channel.kpi_alert_channel import KINDS

CHANNELS = [
    *(each for each in KINDS if each[0] != "sms"),
    ("push", "Push"),
    ("webhook", "Webhook"),
]
MOST_DEVICES = 10  # of a person, the newest ones
START_SECONDS = 10  # no device is begun with later: a run has other messages, too
TOKEN_SECONDS = 12 * 3600  # RFC 8292, 2: at most a day
NOT_FOUND = "404"
NOTICE = "kpi.alert.notice"


class KpiDelivery(models.Model):
    """Messages to channels and webhooks.

    Each is written and sent by its ``kpi.alert.channel``; to a webhook a batch of
    events goes.
    """

    _inherit = "kpi.delivery"

    channel = fields.Selection(
        selection_add=CHANNELS,
        ondelete={channel: "cascade" for channel, _label in CHANNELS},
    )

    webhook_batch_id = fields.Many2one(
        "kpi.webhook.batch",
        "Events",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        exportable=False,
    )
    webhook_items = fields.Json(
        readonly=True,
        exportable=False,
        groups="base.group_system",
    )

    @api.model
    def _row(self, vals):
        batch_id = vals.get("webhook_batch_id") or None
        return {**super()._row(vals), "webhook_batch_id": batch_id}

    def _send_to_channel(self):
        """Have the channel send what its reader may know, to a phone if any."""
        channel = self._get_alert_channel()
        phone = self.address or self.user_id.phone
        language = self._get_reader().lang
        channel.with_context(lang=language)._post_message(self._compose(), phone)

    def _get_alert_channel(self):
        """The channel that it goes to, or that messages to phones leave by."""
        target = self._get_target()
        channels = self.env["kpi.alert.channel"]
        if target is None and self.channel == "whatsapp":
            target = channels._find_default(self.channel, self.company_id)
        if not target or target._name != channels._name:
            raise DeliveryRefused(self.env._("No channel selected."))
        fault = channels._find_channel_fault(self.channel, self.company_id, target)
        if fault:
            raise DeliveryRefused(fault)
        return target

    def _find_channel_host(self):
        return self._get_alert_channel()._find_origin()

    # looked up by the name of the channel
    _find_slack_host = _find_teams_host = _find_whatsapp_host = _find_channel_host
    _send_slack = _send_teams = _send_whatsapp = _send_to_channel

    def _find_push_host(self):
        """Return none: a person's devices have a server each."""
        return None

    def _send_push(self):
        """Send to all devices of the person; it is sent once one has taken it.

        Then no other is tried again: it would ring twice on the first.

        :raises DeliverySkipped: they have none
        """
        threads = self.env["mail.thread"]
        partners = self.user_id.partner_id.ids
        devices, private, public = threads._web_push_get_partners_parameters(partners)
        failures = []
        if devices:
            chosen = self._choose_devices(devices)[:MOST_DEVICES]
            payloads = self._write_push(chosen, self._compose())
            headers, end = self._get_push_headers(), time.monotonic() + START_SECONDS
            for device in chosen:
                if failures and time.monotonic() >= end:
                    break
                payload = payloads[device]
                failures.append(
                    self._push_to(device, payload, headers, private, public)
                )
        if not failures:
            raise DeliverySkipped(
                self.env._(
                    "%s has not allowed notifications on any device.", self.recipient
                )
            )
        if all(failures):
            # What may go right later comes before what never will.
            raise min(failures, key=lambda each: isinstance(each, DeliveryRefused))

    def _choose_devices(self, devices):
        """Those of a person's devices that it goes to, the newest one first."""
        return devices.sorted("id", reverse=True)

    def _write_push(self, devices, message):
        """Device → what is encrypted for it."""
        channels = self.env["kpi.alert.channel"]
        payload = push_payload(
            message,
            channels.with_context(lang=self._get_reader().lang)._words(),
            key=self.key,
            model=self.res_model or "",
            res_id=self.res_id or 0,
        )
        return dict.fromkeys(devices, payload)

    def _get_push_headers(self):
        return push_headers(self.key, is_urgent=self.lane == "urgent")

    def _push_to(self, device, payload, headers, private, public):
        """Send to one device; return what went wrong, or None."""
        outgoing = self.env["kpi.outgoing"]
        hosts = self.env["kpi.delivery.host"]
        try:
            origin = outgoing._find_origin(device.endpoint)
            if not hosts._take_turn(origin):
                return OutgoingFailed(f"{origin} is left alone for now.")
            keys = {"keys": device.keys, "endpoint": device.endpoint}
            claims = {"aud": origin, "sub": self.get_base_url()}
            token = jwt.sign(claims, private, TOKEN_SECONDS, jwt.Algorithm.ES256)
            outgoing._call(
                device.endpoint,
                _encrypt_payload(payload, keys),
                headers | {"Authorization": f"vapid t={token}, k={public}"},
                [*address_secrets(device.endpoint), token],
            )
        except DeliveryRefused as error:
            if isinstance(error, DeliveryGone) or str(error).startswith(NOT_FOUND):
                device.unlink()  # the browser has forgotten it
            return error
        except (KeyError, TypeError, ValueError) as error:  # keys that are none
            return DeliveryRefused(type(error).__name__)
        except (OSError, DeliveryLater) as error:
            hosts._note_failure(origin, str(error), 0.0)
            return error
        hosts._note_success(origin)
        return None

    def _mark(self, state, *details):
        result = super()._mark(state, *details)
        is_sent_again = state == "sent" and self.attempt_count > 1
        if self.renderer == NOTICE and (state == "skipped" or is_sent_again):
            self._correct_notices(state)
        return result

    def _correct_notices(self, outcome):
        """Note that those of its lines were told after all, or to nobody."""
        ids = {id_ for line in self.line_ids for id_ in line.data.get("notices", ())}
        notices = self.env[NOTICE].browse(sorted(ids)).exists().filtered("notified_at")
        if outcome == "sent":
            notices.state = "told"
            return
        others = self.env["kpi.delivery.line"].search(
            Domain("delivery_id", "!=", self.id)
            & Domain("delivery_id.user_id", "in", self.user_id.ids)
            & Domain("delivery_id.state", "!=", "skipped")
            & Domain("res_model", "=", "kpi.alert.event")
            & Domain("res_id", "in", notices.event_id.ids)
        )
        told = {id_ for line in others for id_ in (line.data or {}).get("notices", ())}
        notices.filtered(lambda notice: notice.id not in told).state = "dropped"

    def _find_webhook_host(self):
        target = self._get_target()
        return target and self.env["kpi.outgoing"]._find_origin(target.address)

    def _send_webhook(self):
        webhook = self._get_target()
        body = self._write_webhook_body(webhook)
        # The same for all attempts, and different for every message.
        name = self.message_id.partition("@")[0].rpartition(".")[2]
        try:
            webhook._post(f"msg_{name}", body)
        except DeliveryGone as error:
            webhook._give_up(self.env._("The receiver no longer exists: %s", error))
            raise
        except (DeliveryLater, DeliveryRefused, OutgoingFailed) as error:
            webhook._note_failure(str(error))
            raise
        webhook._note_success()

    def _write_webhook_body(self, webhook):
        """What the owner of the webhook may know of its batch."""
        batch = self.webhook_batch_id
        if not batch:
            raise DeliverySkipped(self.env._("Events too old to send."))
        items = [*(self.webhook_items or ()), *webhook._get_items(batch)]
        if not items:
            raise DeliverySkipped(
                self.env._("%s cannot access these events.", webhook.owner_id.name)
            )
        return webhook._get_body(batch.event, batch.happened_at, items)

    def _find_owner(self):
        """Who is responsible for the channel, where the message goes to one."""
        target = self._get_target()
        if target is not None and "owner_id" in target._fields:
            return target.owner_id
        return super()._find_owner()

    def _settle(self, moment):
        """Keep what the message says now, until a moment or at once: its records go."""
        try:
            message = self._compose()
        except DeliverySkipped:
            self.unlink()
            return
        lines = tuple(replace(line, url="") for line in message.lines)
        message = replace(message, lines=lines, actions=(), url="")
        self.line_ids.unlink()
        self.write(
            {
                "renderer": False,
                "subject": message.title,
                "body": self._to_html(message),
                "scheduled_at": moment,
                "due_at": moment,
            }
        )
