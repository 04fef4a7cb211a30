import json
import select
from unittest.mock import patch

from odoo import sql_db
from odoo.tests import TransactionCase, tagged

from ...models.live import bus_bus

SECONDS = 10
CHANNEL = ("kpi", "res.company", 1, "kpi")


@tagged("post_install", "-at_install")
class TestBusBus(TransactionCase):
    """Those who listen are woken as Odoo does it, without connecting each time."""

    def setUp(self):
        super().setUp()
        cursor = sql_db.db_connect("postgres").cursor()
        self.addCleanup(cursor.close)
        cursor.execute("LISTEN imbus")
        cursor.commit()
        self.connection = cursor._cnx

    def _heard(self):
        """Channels that PostgreSQL tells of, as soon as it does."""
        select.select([self.connection], [], [], SECONDS)
        self.connection.poll()
        heard = [json.loads(notify.payload) for notify in self.connection.notifies]
        self.connection.notifies.clear()
        return [list(channel) for payload in heard for channel in payload]

    def test_listeners_are_woken(self):
        bus_bus._notify([CHANNEL])
        self.assertIn(list(CHANNEL), self._heard())

    def test_the_connection_is_made_once(self):
        bus_bus._notify([CHANNEL])
        self._heard()
        with patch.object(sql_db.psycopg2, "connect") as connect:
            bus_bus._notify([CHANNEL])
        connect.assert_not_called()
        self.assertIn(list(CHANNEL), self._heard())

    def test_a_connection_that_broke_is_made_again(self):
        bus_bus._notify([CHANNEL])
        self._heard()
        for connection in sql_db._Pool._connections:
            if connection.info.dbname == "postgres" and not connection._pool_in_use:
                connection.close()
        bus_bus._notify([CHANNEL])
        self.assertIn(list(CHANNEL), self._heard())

    def test_what_is_told_beside_it_goes_along(self):
        postcommit = self.env.cr.postcommit
        postcommit.clear()
        self.addCleanup(postcommit.clear)
        self.env["bus.bus"]._notify_quickly()
        self.env["bus.bus"]._sendone("somebody", "test", {})
        postcommit.run()
        self.assertIn([self.env.cr.dbname, "somebody"], self._heard())
