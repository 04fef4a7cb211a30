"""``python _import_memory.py DATABASE IMPORT``: runs it as the cron does; prints the
megabytes that the process took at most."""

import resource
import sys

from odoo_environment import environment, load_odoo

if __name__ == "__main__":
    database, import_id = sys.argv[1:]
    load_odoo(database)
    with environment(database) as env:
        job = env["kpi.import"].browse(int(import_id))
        job._run(is_background=True)
        if job.state != "done":
            raise SystemExit(f"{job.state}: {job.error}")
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
