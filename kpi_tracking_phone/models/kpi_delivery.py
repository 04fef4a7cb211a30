import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import hash_sign, verify_hash_signed

from odoo.addons.kpi_base.outbox import DeliveryRefused, DeliverySkipped
from odoo.addons.kpi_tracking_alert.engine.payloads.web_push import push_topic
from odoo.addons.kpi_tracking_alert.engine.payloads.words import list_lines, shorten

from .kpi_phone import PATH
from .kpi_phone_morning import RENDERER as MORNING

NOTICE = "kpi.alert.notice"
SCOPE = "kpi_phone_shown"
UNSEEN_MINUTES = 15
LEAST_SECONDS = 60
DAY_SECONDS = 24 * 3600
MOST_NAMED = 3
LONGEST_TITLE, LONGEST_BODY = 200, 600
DECLARATIVE = 8030  # of declarative Web Push


class KpiDelivery(models.Model):
    """Messages to the phone app."""

    _inherit = "kpi.delivery"

    def _choose_devices(self, devices):
        """Leave out Odoo's own in browsers that have the app: it would ring twice."""
        replaced = devices.filtered("is_kpi_app").mapped("odoo_endpoint")
        others = devices.filtered(lambda device: device.endpoint not in replaced)
        return super()._choose_devices(others)

    def _get_push_headers(self):
        """What is older than the next step of its alert says nothing any more."""
        headers, now = super()._get_push_headers(), fields.Datetime.now()
        moments = filter(None, self._find_pushed_alerts().mapped("next_step_at"))
        seconds = [(moment - now).total_seconds() for moment in moments]
        longest = min([*seconds, DAY_SECONDS])
        return headers | {"TTL": str(int(max(longest, LEAST_SECONDS)))}

    def _find_pushed_alerts(self):
        lines = self.line_ids.filtered(lambda line: line.res_model == "kpi.alert.event")
        return self.env["kpi.alert.event"].browse(lines.mapped("res_id")).exists()

    def _push_to(self, device, *message):
        """Have an e-mail wait behind what goes to the app: it may never be shown."""
        failure = super()._push_to(device, *message)
        if not failure and device.is_kpi_app and self.renderer == NOTICE:
            self._queue_unseen()
        return failure

    def _send_push(self):
        """Have an e-mail go where no device takes it any more: their registrations
        expire.
        """
        try:
            return super()._send_push()
        except (DeliverySkipped, DeliveryRefused):
            partners = self.user_id.partner_id
            # Devices are the system's; whether there is one left is asked.
            devices = self.env["mail.push.device"].sudo()
            own = [("partner_id", "in", partners.ids)]
            if self.renderer == NOTICE and not devices.search_count(own, limit=1):
                self._queue_unseen(minutes=0)
            raise

    def _queue_unseen(self, minutes=UNSEEN_MINUTES):
        now = fields.Datetime.now()
        values = {
            "key": self._get_unseen_key(),
            "channel": "email",
            "lane": self.lane,
            "user_id": self.user_id.id,
            "subject": self.subject,
            "company_id": self.company_id.id,
            "renderer": "kpi.phone",
            "scheduled_at": now + timedelta(minutes=minutes),
            "lines": [
                {"res_model": line.res_model, "res_id": line.res_id, "data": line.data}
                for line in self.line_ids
            ],
        }
        self._queue([values])

    def _get_unseen_key(self):
        return f"phone.unseen:{self.id}"

    @api.model
    def _mark_shown(self, token):
        """Note that a phone has shown a message: its e-mail is not needed.

        :param token: as it came with the message
        :return: whether it is one
        """
        try:
            # What was signed is all that is believed; a phone may be signed out.
            delivery_id = verify_hash_signed(self.sudo().env, SCOPE, token)
        except (ValueError, TypeError, IndexError):
            return False
        if not delivery_id:
            return False
        key = self.browse(delivery_id)._get_unseen_key()
        # As above.
        waiting = self.sudo().search([("key", "=", key), ("state", "=", "waiting")])
        waiting.unlink()
        return True

    def _write_push(self, devices, message):
        """For the app a declarative message, which iOS shows without a worker."""
        apps = devices.filtered("is_kpi_app")
        payloads = super()._write_push(devices - apps, message)
        shared = self._describe_push() if apps else {}
        for shows_numbers, alike in apps.grouped("shows_numbers").items():
            title, body = self._say_push(message, shows_numbers)
            notification = {"title": title, "body": body, **shared}
            payload = {"web_push": DECLARATIVE, "notification": notification}
            written = json.dumps(payload, ensure_ascii=False).encode()
            payloads |= dict.fromkeys(alike, written)
        return payloads

    def _describe_push(self):
        """What the app gets beside title and body."""
        seen = self._as_reader(self._find_pushed_alerts())._filtered_access("read")
        firing = seen.filtered(lambda event: event.state == "firing" and event.can_act)
        # The secret of the database signs; nobody gets to see it.
        token = hash_sign(self.sudo().env, SCOPE, self.id, expiration_hours=48)
        data = {"token": token, "kind": "alert" if seen else "message"}
        path = f"{PATH}/alerts" if seen else PATH
        if firing and len(seen._group_by_kpi()) == 1:
            data |= {"event_id": firing[0].id, "event_ids": firing[1:].ids}
            data["words"] = self._get_action_words()
            path += f"#{firing[0].id}"
        needs = self._as_reader(self.env["kpi.home"]).get_needs()
        code = self._get_reader().lang or "en_US"
        return {
            "lang": code.replace("_", "-"),
            "dir": self.env["res.lang"]._get_data(code=code).direction or "ltr",
            "navigate": f"{self.get_base_url()}{path}",
            "tag": push_topic(self.key),
            "app_badge": len(needs),  # as the overview and the app count them
            "data": data,
        }

    def _get_action_words(self):
        own = self.with_context(lang=self._get_reader().lang)
        return {
            "acknowledge": own.env._("Acknowledge"),
            "snooze": own.env._("Snooze 1 h"),
        }

    def _say_push(self, message, with_numbers):
        """Title and body; without numbers what the outbox says, which has none."""
        if with_numbers:
            channels = self.env["kpi.alert.channel"]
            words = channels.with_context(lang=self._get_reader().lang)._words()
            body = "\n".join(list_lines(message, words, "\n", LONGEST_BODY))
            title = self._say_first_alert() or message.title
            return shorten(title, LONGEST_TITLE), shorten(body, LONGEST_BODY)
        titles = [line.title for line in message.lines]
        if self.renderer == MORNING:
            titles = self._as_reader(self.env[MORNING])._list_names()
        names = list(dict.fromkeys(titles))[:MOST_NAMED]
        title = ", ".join(names) or self.subject
        return shorten(title, LONGEST_TITLE), shorten(self.subject, LONGEST_BODY)

    def _say_first_alert(self):
        """The first KPI with its number, and how many more KPIs there are."""
        reader = self._as_reader(self.env["kpi.alert.event"])
        lines = self.line_ids.filtered(lambda line: line.res_model == reader._name)
        data = {line.res_id: line.data for line in lines}
        seen = reader.browse(data).exists()._filtered_access("read")
        if not seen:
            return ""
        own = seen.with_context(lang=self._get_reader().lang)
        title = own[0]._get_headline(data[own[0].id])
        others = len(own.report_id) - 1
        if not others:
            return title
        words = {"alert": title, "count": others}
        return own.env._("%(alert)s (and %(count)s more)", **words)


class KpiPhone(models.AbstractModel):
    """Writes the e-mail about what no phone has shown."""

    _inherit = "kpi.phone"

    @api.model
    def _render_delivery(self, delivery, lines):
        events = self.env["kpi.alert.event"].browse(lines.mapped("res_id"))
        firing = events.filtered(lambda event: event.state == "firing").ids
        left = lines.filtered(lambda line: line.res_id in firing)
        if not left:
            raise DeliverySkipped(self.env._("This alert is resolved."))
        return self.env[NOTICE]._render_delivery(delivery, left)
