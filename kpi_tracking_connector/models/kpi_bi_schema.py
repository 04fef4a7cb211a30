"""A schema that programs read by SQL: its views, and who reads which rows."""

import logging
from hashlib import sha256

import psycopg2

from odoo import api, models
from odoo.tools import SQL, mute_logger

from .kpi_bi_feed import SETS

_logger = logging.getLogger(__name__)

SCHEMA = "kpi_bi"
MINUTES = 10  # that a transaction of a login may last
IDLE_MINUTES = 60  # that a session may do nothing
# Names of PostgreSQL's own functions that stop Odoo's work or fill the disk, which all
# roles may call: locks, large objects, messages in the log of changes.
HARMFUL = "^(lo_|loread$|lowrite$|pg_(try_)?advisory_|pg_logical_emit_message$)"
_ALLOWED = "JOIN kpi_bi.allowed ON allowed.login = session_user AND allowed.report_id ="
_OF_KPI = f"{_ALLOWED} row.kpi_id"
_OF_KPIS = """
    WHERE row.id IN (
          SELECT {}
            FROM kpi_bi.allowed
            JOIN kpi_report AS kpi ON kpi.id = allowed.report_id
           WHERE allowed.login = session_user)
"""
# What joins the rows of a view with those that are for a login.
VIEWS = {
    "facts": _OF_KPI,
    "kpis": f"{_ALLOWED} row.id",
    "targets": _OF_KPI,
    "calendar": """
        JOIN kpi_calendar AS calendar ON calendar.id = row.calendar_id
       WHERE EXISTS (
             SELECT
               FROM kpi_bi.allowed
               JOIN kpi_report AS kpi ON kpi.id = allowed.report_id
              WHERE allowed.login = session_user
                AND coalesce(calendar.company_id, kpi.company_id) = kpi.company_id)
    """,
    "alerts": f"""
        {_OF_KPI}
        JOIN kpi_alert_event AS event ON event.id = row.id
         AND coalesce(event.personal_user_id, allowed.user_id) = allowed.user_id
    """,
    "departments": _OF_KPIS.format("kpi.department_id"),
    "people": _OF_KPIS.format("unnest(ARRAY[kpi.user_id, kpi.owner_id])"),
    "teams": _OF_KPIS.format("kpi.team_id"),
    "companies": _OF_KPIS.format("kpi.company_id"),
}
# All may look, and see the rows of their login: rights of roles of their own would
# restore on no server that does not have these.
MAKE = """
    CREATE SCHEMA IF NOT EXISTS kpi_bi;
    CREATE TABLE IF NOT EXISTS kpi_bi.allowed (
        login name NOT NULL,
        report_id integer NOT NULL,
        user_id integer NOT NULL,
        PRIMARY KEY (login, report_id)
    );
    GRANT USAGE ON SCHEMA kpi_bi TO PUBLIC
"""
DROP = "DROP SCHEMA IF EXISTS kpi_bi CASCADE; DROP VIEW IF EXISTS " + ", ".join(
    f"kpi_bi_{name}" for name in VIEWS
)


class KpiBiSchema(models.AbstractModel):
    """Views of the sets of OData, each of the rows that a login may read.

    Below each lies one of all rows, in Odoo's own schema: where a column changes its
    type, Odoo drops the views there that depend on it, and these take the others along.
    """

    _name = "kpi.bi.schema"
    _description = "KPI Schema"

    def init(self):
        may = "SELECT has_database_privilege(current_database(), 'CREATE')"
        if not self.env.execute_query(SQL(may))[0][0]:
            _logger.warning("Odoo may make no schema: KPIs cannot be read by SQL")
            return
        self.env.cr.execute(MAKE)
        # the rows of everyone, of which each login gets some
        feed = self.env["kpi.bi.feed"].sudo()
        sets = {name.lower(): each for name, each in SETS.items()}
        for name, joined in VIEWS.items():
            columns = [SQL.identifier("row", column) for column in sets[name].columns]
            self.env.cr.execute(
                SQL(
                    """
                    DROP VIEW IF EXISTS %(below)s CASCADE;
                    CREATE VIEW %(below)s AS %(rows)s;
                    CREATE VIEW %(above)s WITH (security_barrier) AS
                        SELECT %(columns)s FROM %(below)s AS row %(joined)s;
                    GRANT SELECT ON %(above)s TO PUBLIC
                    """,
                    below=SQL.identifier(f"kpi_bi_{name}"),
                    above=SQL.identifier(SCHEMA, name),
                    rows=getattr(feed, f"_{name}_sql")(),
                    columns=SQL(", ").join(columns),
                    joined=SQL(joined),
                )
            )

    @api.model
    def _is_made(self):
        query = SQL("SELECT to_regclass('kpi_bi.allowed') IS NOT NULL")
        return self.env.execute_query(query)[0][0]

    @api.model
    def _get_login(self, connector_id, user_id):
        """A login's name: of one person, in a database of this name."""
        database = sha256(self.env.cr.dbname.encode()).hexdigest()[:8]
        return f"kpi_bi_{connector_id}_{user_id}_{database}"

    @api.model
    def _sweep_allowed(self):
        """Bring the rows of each login in line with what its owner may see."""
        if not self._is_made():
            return
        connectors = self.env["kpi.bi.connector"].search(
            [("connector_type", "=", "odbc"), ("owner_id.active", "=", True)]
        )
        for each in connectors:
            self._allow(each._get_feed(), each.login)
        self._close_except(connectors.mapped("login"))

    @api.model
    def _allow(self, feed, login):
        reports = feed.env["kpi.report"].with_context(active_test=False)
        readable = SQL("SELECT NULL::integer AS id WHERE FALSE")
        if reports.has_access("read"):
            readable = reports._search([]).select()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH readable(id) AS (%(readable)s),
                     gone AS (
                         DELETE FROM kpi_bi.allowed
                          WHERE login = %(login)s
                            AND report_id NOT IN (SELECT id FROM readable))
                INSERT INTO kpi_bi.allowed (login, report_id, user_id)
                SELECT %(login)s, id, %(uid)s FROM readable
                 WHERE id NOT IN (
                       SELECT report_id FROM kpi_bi.allowed WHERE login = %(login)s)
                """,
                readable=readable,
                login=login,
                uid=feed.env.uid,
            )
        )

    @api.model
    def _close_except(self, logins):
        """Let no other login read; end what reads without right, or for too long.

        Whoever reads can undo the limits of their role, and sees rows of former rights
        as long as a transaction lasts. A login has no use for locks: where it may take
        them, it could stop Odoo's timers and jobs.
        """
        gone = self.env.execute_query(
            SQL(
                "DELETE FROM kpi_bi.allowed WHERE login <> ALL(%s) RETURNING login",
                logins,
            )
        )
        closed = sorted({login for (login,) in gone})
        self._forbid_login(closed)
        self.env.execute_query(
            SQL(
                """
                SELECT pg_terminate_backend(session.pid)
                  FROM pg_stat_activity AS session
                 WHERE session.datname = current_database()
                   AND pg_has_role(session.usesysid, 'USAGE')
                   AND (session.usename = ANY(%(closed)s)
                        OR session.usename = ANY(%(logins)s) AND (
                            session.xact_start
                             < clock_timestamp() - %(lasts)s * interval '1 minute'
                            OR session.state = 'idle' AND session.state_change
                             < clock_timestamp() - %(idles)s * interval '1 minute'
                            OR session.pid IN (
                                SELECT pid FROM pg_locks WHERE locktype = 'advisory')))
                """,
                closed=closed,
                logins=logins,
                lasts=MINUTES,
                idles=IDLE_MINUTES,
            )
        )

    @api.model
    def _forbid_login(self, logins):
        """Close roles of this database, where Odoo may do so."""
        of_database = self._get_login(0, 0).rpartition("_")[2]
        query = SQL(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND rolcanlogin",
            [login for login in logins if login.endswith(of_database)],
        )
        for (login,) in self.env.execute_query(query) if self._may_make_roles() else ():
            close = SQL("ALTER ROLE %s NOLOGIN", SQL.identifier(login))
            try:
                with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                    self.env.cr.execute(close)
            except psycopg2.errors.InsufficientPrivilege:
                _logger.warning("Role %s, which Odoo did not make, can log in", login)

    @api.model
    def _may_make_roles(self):
        return self._has_attribute("rolcreaterole") or self._has_attribute("rolsuper")

    @api.model
    def _has_attribute(self, name):
        """Check an attribute of Odoo's own role."""
        query = SQL(
            "SELECT %s FROM pg_roles WHERE rolname = current_user", SQL.identifier(name)
        )
        return self.env.execute_query(query)[0][0]
