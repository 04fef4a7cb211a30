import time

from odoo import models

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed, address_secrets
from odoo.addons.kpi_base.outbox import (
    DeliveryGone,
    DeliveryLater,
    DeliveryRefused,
    DeliverySkipped,
)
from odoo.addons.mail.tools import jwt
from odoo.addons.mail.tools.web_push import _encrypt_payload

from ...engine.payloads.web_push import push_headers, push_payload

MOST_DEVICES = 10  # of a person, the newest ones
START_SECONDS = 10  # no device is begun with later: a run has other messages, too
TOKEN_SECONDS = 12 * 3600  # RFC 8292, 2: at most a day
NOT_FOUND = "404"


class KpiDelivery(models.Model):
    """Notifications of the browsers and phones on which a person has allowed them.

    Odoo's own ``push_to_end_point`` posts to any address that was registered, keeps
    nothing for who is offline, and does not say what came of it.
    """

    _inherit = "kpi.delivery"

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
