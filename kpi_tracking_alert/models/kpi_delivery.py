import time

from odoo import fields, models
from odoo.tools import SQL

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

CHANNELS = [
    ("slack", "Slack"),
    ("teams", "Microsoft Teams"),
    ("whatsapp", "WhatsApp Business"),
    ("push", "Push"),
]
MOST_DEVICES = 10  # of a person, the newest ones
START_SECONDS = 10  # no device is begun with later: a run has other messages, too
TOKEN_SECONDS = 12 * 3600  # RFC 8292, 2: at most a day
NOT_FOUND = "404"
NOTICE = "kpi.alert.notice"


class KpiDelivery(models.Model):
    """Messages to channels: each is written and sent by its ``kpi.alert.channel``."""

    _inherit = "kpi.delivery"

    channel = fields.Selection(
        selection_add=CHANNELS,
        ondelete={channel: "cascade" for channel, _label in CHANNELS},
    )

    def _find_slack_host(self):
        return self._get_alert_channel()._find_origin()

    def _find_teams_host(self):
        return self._get_alert_channel()._find_origin()

    def _find_whatsapp_host(self):
        return self._get_alert_channel()._find_origin()

    def _send_slack(self):
        self._send_to_channel()

    def _send_teams(self):
        self._send_to_channel()

    def _send_whatsapp(self):
        self._send_to_channel()

    def _send_to_channel(self):
        """Have the channel send what its reader may know, to a person's phone if any.

        :raises DeliveryRefused, DeliverySkipped: another attempt is of no use
        """
        channel = self._get_alert_channel()
        phone = self.address or self.user_id.phone
        language = self._get_reader().lang
        channel.with_context(lang=language)._post_message(self._compose(), phone)

    def _get_alert_channel(self):
        """The channel that it goes to, or that messages to phones leave by.

        :raises DeliveryRefused: there is none, or it is not set up
        """
        target = self._get_target()
        channels = self.env["kpi.alert.channel"]
        if target is None and (self.channel == "whatsapp"):
            target = channels._find_default(self.channel, self.company_id)
        if not target or target._name != channels._name:
            raise DeliveryRefused(self.env._("No channel was chosen."))
        fault = channels._find_channel_fault(self.channel, self.company_id, target)
        if fault:
            raise DeliveryRefused(fault)
        return target

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
            payload = self._get_push_payload()
            end = time.monotonic() + START_SECONDS
            for device in devices.sorted("id", reverse=True)[:MOST_DEVICES]:
                if failures and time.monotonic() >= end:
                    break
                failures.append(self._push_to(device, payload, private, public))
        if not failures:
            raise DeliverySkipped(
                self.env._("%s has allowed notifications nowhere.", self.recipient)
            )
        if all(failures):
            # What may go right later comes before what never will.
            raise min(failures, key=lambda each: isinstance(each, DeliveryRefused))

    def _get_push_payload(self):
        channels = self.env["kpi.alert.channel"]
        language = self._get_reader().lang
        return push_payload(
            self._compose(),
            channels.with_context(lang=language)._words(),
            key=self.key,
            model=self.res_model or "",
            res_id=self.res_id or 0,
        )

    def _push_to(self, device, payload, private, public):
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
            headers = push_headers(self.key, is_urgent=self.lane == "urgent")
            headers["Authorization"] = f"vapid t={token}, k={public}"
            outgoing._call(
                device.endpoint,
                _encrypt_payload(payload, keys),
                headers,
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

    def _mark(self, state, reason=None, due_at=None, asked_seconds=None):
        result = super()._mark(state, reason, due_at, asked_seconds)
        is_sent_again = state == "sent" and self.attempt_count > 1
        if self.renderer == NOTICE and (state == "skipped" or is_sent_again):
            self._correct_notices(state)
        return result

    def _correct_notices(self, outcome):
        """Note that the receiver was told after all, or that no channel reaches them.

        Each line says which notices it stands for.
        """
        self.env[NOTICE].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_alert_notice AS notice
                   SET state = %(state)s
                  FROM kpi_delivery_line AS line
                  JOIN kpi_delivery AS delivery ON delivery.id = line.delivery_id
                 WHERE delivery.id = %(id)s
                   AND delivery.state = %(outcome)s
                   AND line.data->'notices' @> to_jsonb(notice.id)
                   AND notice.event_id = line.res_id
                   AND notice.told_at IS NOT NULL
                   AND (%(outcome)s = 'sent' OR NOT EXISTS (
                        SELECT
                          FROM kpi_delivery AS other
                          JOIN kpi_delivery_line AS same ON same.delivery_id = other.id
                         WHERE other.user_id = notice.user_id
                           AND other.state <> 'skipped'
                           AND other.id <> %(id)s
                           AND same.res_id = notice.event_id
                           AND same.data->'notices' @> to_jsonb(notice.id)))
                """,
                state="told" if outcome == "sent" else "dropped",
                outcome=outcome,
                id=self.id,
            )
        )
        self.env[NOTICE].invalidate_model(["state"])
