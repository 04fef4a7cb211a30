import json
import os
import socket
import time
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from psycopg2 import OperationalError

from odoo import api, fields, http, models, release
from odoo.exceptions import AccessError
from odoo.modules import Manifest
from odoo.tools import SQL, config

from ..engine.servers import MOST_SILENCE, find_problems
from ..roles import ADMIN
from ..timer import LOCK_SPACE as TIMER_SPACE
from .job.kpi_job import LOCK_SPACE as JOB_SPACE
from .job.kpi_job import REGULAR
from .record.session_lock import are_locks_kept

LATEST_FILES = 50
MARK = "kpi_server_"
DAY_SECONDS = 24 * 60 * 60
REPLAY_TRIES, REPLAY_SECONDS = 5, 0.1  # until a replica has what the first server has
READS = SQL(
    "SELECT tup_returned FROM pg_stat_database WHERE datname = current_database()"
)
_first_reads: dict[str, tuple[int, int]] = {}  # of each database, when we began


class KpiServer(models.AbstractModel):
    """Servers on this database, as the timer of each process says once a minute.

    On the primary, also where a replica answers: that has no unlogged tables.
    """

    _name = "kpi.server"
    _description = "KPI Server"

    def init(self):
        # Nothing of it has to survive a crash.
        self.env.cr.execute(
            """
            CREATE UNLOGGED TABLE IF NOT EXISTS kpi_server (
                mark text PRIMARY KEY, host text, port integer, address text,
                application text, file text, state jsonb, seen_at timestamptz
            )
            """
        )

    @api.model
    def _report(self, mark):
        """Write how this server is, and whether it has the files of the others.

        :param mark: a name of this process that no other has
        """
        there_sql = SQL("extract(epoch FROM clock_timestamp())::float8")
        ((clock,),) = self.env.execute_query(
            SQL("SELECT %s - %s", time.time(), there_sql)
        )
        here = {"host": socket.gethostname(), "port": config["http_port"]}
        state = {
            "release": self._get_release(),
            "workers": config["max_cron_threads"],
            "clock": clock,
            "has_locks": are_locks_kept(self.env.registry),
            **self._measure_replica(),
            **self._compare_folders(mark, here),
        }
        self.env.cr.execute(
            """
            INSERT INTO kpi_server
            SELECT %(mark)s, %(host)s, %(port)s, coalesce(host(inet_client_addr()), ''),
                   current_setting('application_name'), %(file)s, %(state)s, now()
                ON CONFLICT (mark) DO UPDATE
               SET file = excluded.file, state = excluded.state, seen_at = now();
            DELETE FROM kpi_server
             WHERE seen_at < now() - interval '1 hour'
                OR (host, port) = (%(host)s, %(port)s)
               AND seen_at < now() - make_interval(secs => %(silence)s)
            """,
            {
                **here,
                "mark": mark,
                "file": self._find_file(),
                "state": json.dumps(state),
                "silence": MOST_SILENCE,
            },
        )

    @api.model
    def _get_release(self):
        """Version of this addon, and letters that stand for those of all."""
        names = sorted(self.env.registry._init_modules)
        versions = {name: Manifest.for_addon(name).version for name in names}
        letters = sha256(f"{release.version} {versions}".encode()).hexdigest()[:4]
        return f"{versions['kpi_base']} ({letters})"

    @api.model
    def _measure_replica(self):
        """Name of the replica, seconds that it is behind, its share of the rows read.

        The seconds are None where it does not answer.
        """
        found = {"replica": None, "replica_behind": None, "replica_share": None}
        if not config["db_replica_host"]:
            return found
        found["replica"] = config["db_replica_host"]
        ((written, reads),) = self.env.execute_query(
            SQL("SELECT pg_current_wal_lsn(), (%s)", READS)
        )
        query = SQL(
            """
            SELECT pg_last_wal_replay_lsn() < %s, (%s), extract(
                       epoch FROM clock_timestamp() - coalesce(
                           pg_last_xact_replay_timestamp(), pg_postmaster_start_time())
                   )::float8
            """,
            written,
            READS,
        )
        try:
            with self.env.registry.cursor(readonly=True) as cr:
                if not cr.readonly:
                    return found
                for _try in range(REPLAY_TRIES):
                    cr.execute(query)
                    is_behind, replica_reads, behind = cr.fetchone()
                    if not is_behind:
                        break
                    time.sleep(REPLAY_SECONDS)
        except OperationalError:
            return found
        first = _first_reads.setdefault(self.env.cr.dbname, (reads, replica_reads))
        primary, replica = reads - first[0], replica_reads - first[1]
        if min(primary, replica) >= 0 < primary + replica:  # else it began anew
            found["replica_share"] = replica / (primary + replica)
        return {**found, "replica_behind": behind if is_behind else 0.0}

    @api.model
    def _find_file(self):
        """The latest file of the filestore here, but for what may be on its way."""
        self.env.cr.execute(
            "SELECT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL"
            " AND create_date < now() AT TIME ZONE 'UTC' - interval '2 minutes'"
            " ORDER BY id DESC LIMIT %s",
            (LATEST_FILES,),
        )
        names = (name for (name,) in self.env.cr.fetchall())
        return next(filter(self._is_file_here, names), None)

    @api.model
    def _is_file_here(self, name):
        return os.path.isfile(self.env["ir.attachment"]._full_path(name))

    @api.model
    def _compare_folders(self, mark, here):
        """Whether files and marks of the other servers are here as well."""
        marks = _leave_mark(mark)
        self.env.cr.execute(
            """
            SELECT mark, file, EXISTS (
                    SELECT 1 FROM ir_attachment WHERE store_fname = other.file)
              FROM kpi_server AS other
             WHERE (host, port) != (%(host)s, %(port)s)
               AND seen_at > now() - make_interval(secs => %(silence)s)
            """,
            {**here, "silence": MOST_SILENCE},
        )
        others = self.env.cr.fetchall()
        files = {name for _mark, name, is_used in others if is_used}
        return {
            "has_files": all(map(self._is_file_here, files)),
            "has_sessions": marks is None or marks.issuperset(row[0] for row in others),
        }

    @api.model
    def _list(self):
        """Servers as they are now, which need not be as this transaction sees them."""
        with self.env.registry.cursor() as cr:
            cr.execute(
                """
                WITH held AS (
                    SELECT activity.application_name AS application,
                           coalesce(host(activity.client_addr), '') AS address,
                           bool_or(locks.classid::bigint = %(timer)s) AS leads,
                           count(DISTINCT locks.pid) FILTER (
                             WHERE locks.classid::bigint = %(job)s
                               AND locks.objid::bigint != %(regular)s) AS busy
                      FROM pg_locks AS locks
                      JOIN pg_stat_activity AS activity USING (pid)
                     WHERE locks.locktype = 'advisory'
                       AND locks.granted
                       AND activity.datname = current_database()
                  GROUP BY 1, 2
                )
                SELECT host || ':' || port AS name, address,
                       extract(epoch FROM now() - max(seen_at))::float8 AS silence,
                       coalesce(bool_or(held.leads), FALSE) AS leads,
                       coalesce(sum(held.busy), 0)::integer AS lanes,
                       (array_agg(state ORDER BY seen_at DESC))[1] AS state
                  FROM kpi_server
             LEFT JOIN held USING (application, address)
              GROUP BY host, port, address
              ORDER BY host, port, address
                """,
                {"timer": TIMER_SPACE, "job": JOB_SPACE, "regular": REGULAR % 2**32},
            )
            return [{**row, **row.pop("state")} for row in cr.dictfetchall()]

    @api.model
    def _health(self):
        """Servers and what is amiss with them; for administrators only."""
        if not self.env.user.has_group(ADMIN):
            return {}
        servers, lanes = self._list(), len(self.env["kpi.job"]._find_lanes())
        return {"servers": servers, "problems": find_problems(servers, lanes)}

    @api.model
    def get_page(self):
        """Servers, what is amiss with them, and how far they are behind with jobs."""
        if not (health := self._health()):
            raise AccessError(self.env._("Only administrators can see the servers."))
        jobs = self.env["kpi.job"]
        waiting = [("state", "=", "queued"), ("kind", "!=", "cron")]
        ((count, oldest),) = jobs._read_group(
            waiting, [], ["__count", "create_date:min"]
        )
        now = fields.Datetime.now()  # full seconds: a job may be newer
        longest = self.env["kpi.job.line"].search(
            [("create_date", ">", now - timedelta(days=1))],
            order="duration_seconds desc",
            limit=1,
        )
        return {
            **health,
            "lanes": len(jobs._find_lanes()),
            "waiting": count,
            "oldest_seconds": max((now - oldest).total_seconds(), 0)
            if oldest
            else None,
            "longest": [[line.name, line.duration_seconds] for line in longest],
        }


def _leave_mark(mark):
    """Leave a file where sessions are; names of all there, None where they are none."""
    store = http.root.session_store
    if not isinstance(store, http.FilesystemSessionStore):
        return None
    folder = Path(store.path)
    own = folder / f"{MARK}{mark}"
    own.touch()
    # by the clock of the disk, which may be another machine's
    day_ago = own.stat().st_mtime - DAY_SECONDS
    names = set()
    for path in folder.glob(f"{MARK}*"):
        with suppress(FileNotFoundError):  # another process has just removed it
            if path.stat().st_mtime < day_ago:
                path.unlink()
        names.add(path.name.removeprefix(MARK))
    return names
