import os
from unittest.mock import patch

from odoo.addons.kpi_base.engine.message import Line, Message
from odoo.addons.kpi_base.engine.sealing import generate_key
from odoo.addons.kpi_base.tests.web_server import WebServer

from .alert_case import AlertCase

MESSAGE = Message(
    "Won revenue is below target",
    lines=(Line("Won Revenue", "82.4 k€", "critical"),),
    url="https://kpi.example.com/odoo/kpi-alerts/7",
)


class ChannelCase(AlertCase):
    """A server that stands for Slack and the others, a key, and messages to send."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(os.environ, KPI_SECRET_KEYS=generate_key()))
        cls.env["ir.config_parameter"].set_param("kpi_base.outgoing_hosts", "127.0.0.1")

    def setUp(self):
        super().setUp()
        self.server = WebServer()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    @classmethod
    def _channel(cls, kind="slack", **values):
        return cls.env["kpi.alert.channel"].create(
            {
                "name": kind.capitalize(),
                "kind": kind,
                "company_id": cls.company.id,
                "owner_id": cls.officer.id,
                **values,
            }
        )

    def _delivery(self, channel, target=None, **values):
        """A message in the outbox, to a channel or to a person."""
        if target is not None:
            values |= {"target_model": target._name, "target_id": target.id}
        return self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"channel:{channel}:{self.id()}",
                    "channel": channel,
                    "reader_id": self.officer.id,
                    "subject": MESSAGE.title,
                    "body": "<p>Won revenue: 82.4 k€</p>",
                    "company_id": self.company.id,
                    **values,
                }
            ]
        )
