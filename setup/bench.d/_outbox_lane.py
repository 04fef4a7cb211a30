"""``python _outbox_lane.py DATABASE LANE``: empties a lane for each line it reads."""

import sys

from _odoo import environment, load_odoo


def main(database: str, lane: str) -> None:
    load_odoo(database)
    with environment(database) as env:
        deliveries = env["kpi.delivery"]
        print("0", flush=True)
        for _line in sys.stdin:
            env.cr.rollback()
            env.invalidate_all()
            while deliveries._due_count(lane):
                deliveries._cron_send(lane)
                env.cr.commit()
            env.cr.rollback()  # the next run empties the table
            print("0", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
