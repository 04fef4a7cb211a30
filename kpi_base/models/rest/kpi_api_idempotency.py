from psycopg2 import errors

from odoo import api, models
from odoo.http import request
from odoo.tools import SQL

from ...rest.problem import RETRY_SECONDS, Problem

KEPT_HOURS = 24
MOST_CHARACTERS = 200


class KpiApiIdempotency(models.AbstractModel):
    """Answers to requests that had an idempotency key: given again, not done again.

    The claim lies in the request's own transaction. A second request with the same key
    waits for it; when the first has failed, the claim is gone with it.
    """

    _name = "kpi.api.idempotency"
    _description = "API Idempotency Key"

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_api_idempotency (
                id bigserial PRIMARY KEY,
                user_id integer NOT NULL,
                route text NOT NULL,
                key text NOT NULL,
                digest text NOT NULL,
                created_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC'),
                status integer,
                answer text,
                UNIQUE (user_id, route, key)
            );
            CREATE INDEX IF NOT EXISTS kpi_api_idempotency_created_at_idx
                ON kpi_api_idempotency (created_at)
            """
        )

    @api.model
    def _claim(self, route, key, digest):
        """Claim ``key`` for this request; None, or (status, answer) if it was answered.

        :raises Problem: used for another request, or its first one is still at work
        """
        if not 0 < len(key) <= MOST_CHARACTERS:
            raise Problem(
                "invalid", f"Idempotency-Key: 1 to {MOST_CHARACTERS} characters."
            )
        request.kpi_claim = self._insert(route, key, digest)
        if request.kpi_claim:
            return None
        ((known_digest, status, answer),) = self.env.execute_query(
            SQL(
                "SELECT digest, status, answer FROM kpi_api_idempotency"
                " WHERE user_id = %s AND route = %s AND key = %s",
                self.env.uid,
                route,
                key,
            )
        )
        if known_digest != digest:
            raise Problem("idempotency-key-reused")
        return status, answer

    def _insert(self, route, key, digest):
        """Id of a new claim, None if there is one younger than a day.

        A call waits for a lock as long as the dispatcher lets it.
        """
        try:
            rows = self.env.execute_query(
                SQL(
                    """
                    INSERT INTO kpi_api_idempotency AS known
                           (user_id, route, key, digest)
                    VALUES (%s, %s, %s, %s)
               ON CONFLICT (user_id, route, key) DO UPDATE
                       SET digest = EXCLUDED.digest,
                           created_at = EXCLUDED.created_at,
                           status = NULL,
                           answer = NULL
                     WHERE known.created_at < EXCLUDED.created_at - %s * interval '1 h'
                 RETURNING id
                    """,
                    self.env.uid,
                    route,
                    key,
                    digest,
                    KEPT_HOURS,
                )
            )
        except errors.LockNotAvailable:
            raise Problem(
                "conflict",
                "A request with this idempotency key is still being processed.",
                headers=[("Retry-After", str(RETRY_SECONDS))],
            ) from None
        return rows[0][0] if rows else None

    @api.model
    def _store(self, status, answer):
        """Store the answer to the request at hand, if it has claimed a key."""
        claim = getattr(request, "kpi_claim", None)
        if claim:
            self.env.cr.execute(
                "UPDATE kpi_api_idempotency SET status = %s, answer = %s WHERE id = %s",
                (status, answer, claim),
            )

    @api.autovacuum
    def _gc_answers(self):
        self.env.cr.execute(
            "DELETE FROM kpi_api_idempotency WHERE created_at"
            " < now() AT TIME ZONE 'UTC' - %s * interval '1 hour'",
            (KEPT_HOURS,),
        )
