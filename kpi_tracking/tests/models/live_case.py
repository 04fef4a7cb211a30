import json

from odoo.addons.bus.tests.common import WebsocketCase

from ...models.live import kpi_report as live
from ..security.access_case import PERIOD, KpiAccessMixin


class LiveMixin(KpiAccessMixin):
    def _record(self, *keys, value=7.0):
        facts = self.env["kpi.measurement"]
        rows = [(self.report[key].id, PERIOD, value) for key in keys]
        return facts._upsert("month", rows, source="external")

    def _sent(self):
        """(model, id) of a channel → bodies of what this transaction tells it."""
        self.env["bus.bus"].search([]).unlink()
        self.env.cr.precommit.run()
        sent = {}
        for row in self.env["bus.bus"].search([], order="id"):
            message = json.loads(row.message)
            if message["type"] == "kpi_tracking.measured":
                _database, model, id_, *_rest = json.loads(row.channel)
                sent.setdefault((model, id_), []).append(message["payload"])
        return sent

    def _ids(self, *keys):
        return {"report_ids": sorted(self.report[key].id for key in keys)}


class LiveSocketCase(LiveMixin, WebsocketCase):
    """Real sockets of the people: what arrives in a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()
        for user in cls.users.values():
            user.password = user.login

    def _socket(self, persona, names):
        login = self.users[persona].login
        session = self.authenticate(login, login)
        socket = self.websocket_connect(cookie=f"session_id={session.sid}")
        self.env["bus.bus"].search([]).unlink()
        self.subscribe(socket, names, last=self.env["bus.bus"]._bus_last_id())
        return socket

    def _received(self, socket, *targets, kind="kpi_tracking.measured"):
        channels = [(target, live.CHANNEL) for target in targets]
        channels += [user.partner_id for user in self.users.values()]
        self.trigger_notification_dispatching(channels)
        socket.settimeout(1)
        try:
            messages = json.loads(socket.recv())
        except TimeoutError:
            return []
        except Exception as error:
            if "timed out" in str(error):
                return []
            raise
        return [
            each["message"]["payload"]
            for each in messages
            if each["message"]["type"] == kind
        ]

    def _names(self, *records):
        return [
            f"kpi_tracking.{each._name.rpartition('.')[2]}_{each.id}"
            for each in records
        ]
