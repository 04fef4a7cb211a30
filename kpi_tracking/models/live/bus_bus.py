from odoo import api, models, sql_db
from odoo.tools import SQL
from odoo.tools.misc import OrderedSet

from odoo.addons.bus.models.bus import ODOO_NOTIFY_FUNCTION, get_notify_payloads

CHANNELS = "bus.bus.channels"
# Odoo closes connections to a database called “postgres”, not to one of this name.
POOL_KEY = "bus"


class BusBus(models.Model):
    """Messages of transactions that come one after the other, hundreds in a minute."""

    _inherit = "bus.bus"

    @api.model
    def _notify_quickly(self):
        """Wake those who listen over a connection that stays in the pool.

        For what this transaction is about to tell. Odoo connects anew each time, which
        takes longer than recording hundreds of values.
        """
        postcommit = self.env.cr.postcommit
        if CHANNELS not in postcommit.data:
            # Where these are, Odoo leaves the rest to whoever put them there.
            postcommit.data[CHANNELS] = OrderedSet()
            postcommit.add(lambda: _notify(postcommit.data.pop(CHANNELS)))


def _notify(channels):
    """Tell PostgreSQL that there are new messages for ``channels``, as Odoo does."""
    sql_db.db_connect("postgres")  # makes the pool if it is not there
    _name, info = sql_db.connection_info_for("postgres")
    with sql_db.Connection(sql_db._Pool, POOL_KEY, info).cursor() as cr:
        for payload in get_notify_payloads(list(channels)):
            function = SQL.identifier(ODOO_NOTIFY_FUNCTION)
            cr.execute(SQL("SELECT %s('imbus', %s)", function, payload))
