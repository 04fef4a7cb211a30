"""``python _killed_sync.py DATABASE ORIGIN NUMBER``: syncs, and kills itself before the
call or commit of this number."""

import os
import signal
import sys
from itertools import count
from unittest.mock import patch

from odoo_environment import environment, load_odoo

if __name__ == "__main__":
    database, origin, number = sys.argv[1:]
    load_odoo(database)
    with environment(database) as env:
        from odoo.sql_db import Cursor

        from odoo.addons.kpi_tracking_integration.adapters import HubSpot
        from odoo.addons.kpi_tracking_integration.engine.caller import Caller

        steps = count(1)

        def step(function):
            def act(*arguments, **options):
                if next(steps) == int(number):
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **options)

            return act

        with (
            patch.object(HubSpot, "origin", origin),
            patch.object(HubSpot, "pause", 0.0),
            patch.object(Caller, "_call", step(Caller._call)),
            patch.object(Cursor, "commit", step(Cursor.commit)),
        ):
            env["kpi.integration"]._cron_sync()
            env.cr.commit()
