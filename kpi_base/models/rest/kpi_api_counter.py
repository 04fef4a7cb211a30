from contextlib import contextmanager

from odoo import api, models


class KpiApiCounter(models.AbstractModel):
    """Rate limit of requests: a bucket of tokens per key and per address.

    Requests count on a connection of their own, on the primary: each sees at once what
    the others used, whichever worker serves them, and reading stays reading. Nothing of
    it has to survive a crash of the server.
    """

    _name = "kpi.api.counter"
    _description = "REST API Usage"

    def init(self):
        self.env.cr.execute(
            """
            CREATE UNLOGGED TABLE IF NOT EXISTS kpi_api_counter (
                subject text PRIMARY KEY,
                tokens float8 NOT NULL,
                filled_at timestamptz NOT NULL
            )
            """
        )

    @api.model
    @contextmanager
    def _side_cursor(self):
        """A cursor whose changes stay, whatever becomes of the request.

        It never touches a row that the request itself might hold, or both would wait
        for each other for ever.
        """
        with self.env.registry.cursor() as cr:
            # Without waiting for the disk: a lost second of counting does no harm.
            cr.execute(
                "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;"
                " SET LOCAL synchronous_commit = off;"
                " SET LOCAL lock_timeout = '1s'"
            )
            yield cr

    @api.model
    def _take(self, cr, subject, size, per_second):
        """Take a token of ``subject``, whose bucket is full at first.

        :param size: most tokens that its bucket holds
        :param per_second: how fast it fills
        :return: 0 if there was one, else the seconds until there is
        """
        values = {"subject": subject, "size": size, "per_second": per_second}
        cr.execute(
            """
            INSERT INTO kpi_api_counter AS counter (subject, tokens, filled_at)
            VALUES (%(subject)s, %(size)s - 1, clock_timestamp())
       ON CONFLICT (subject) DO UPDATE
               SET tokens = least(%(size)s, counter.tokens + %(per_second)s
                       * extract(epoch FROM clock_timestamp() - counter.filled_at)) - 1,
                   filled_at = clock_timestamp()
             WHERE least(%(size)s, counter.tokens + %(per_second)s
                       * extract(epoch FROM clock_timestamp() - counter.filled_at)) >= 1
         RETURNING 0
            """,
            values,
        )
        if cr.fetchone():
            return 0.0
        cr.execute(
            """
            SELECT (1 - tokens) / %(per_second)s
                   - extract(epoch FROM clock_timestamp() - filled_at)
              FROM kpi_api_counter
             WHERE subject = %(subject)s
            """,
            values,
        )
        return max(float(cr.fetchone()[0]), 0.001)

    @api.autovacuum
    def _gc_counters(self):
        self.env.cr.execute(
            "DELETE FROM kpi_api_counter WHERE filled_at < now() - interval '2 days'"
        )
