import secrets

from psycopg2 import DataError

from odoo import api, models
from odoo.tools import SQL

from ...engine.audit import (
    GENESIS,
    AuditFault,
    Entry,
    parse_anchor,
    parse_hash,
    roots_at,
    verify_chain,
)
from .kpi_audit_log import columns_text

BATCH = 50_000


class KpiAuditLog(models.Model):
    """Verification that the log is what was written."""

    _inherit = "kpi.audit.log"

    @api.model
    def _verify(self, records=None, anchor_texts=()):
        """Faults of the log, or of the chains of ``records``; none if it is intact.

        One statement says whether all chains are intact; where they are not, a second
        one finds which, and only those are looked at entry by entry. What was cut off
        or rewritten after the last anchor that somebody else holds, together with the
        ends of its chains, cannot be found.

        :param anchor_texts: anchors stored outside, beside those of the database
        :return: list of ``AuditFault``
        """
        if records is not None:
            return self._record_faults(records._name, records.ids)
        return (
            self._chain_faults()
            + self._row_faults()
            + self._anchor_faults(anchor_texts)
        )

    @api.model
    def _record_faults(self, model, ids):
        """Faults concerning the records ``ids``, also where these are gone."""
        return self._chain_faults(model, ids) + self._row_faults(model, ids)

    @api.model
    def _chain_faults(self, model=None, ids=()):
        """Faults of all chains, or of those of ``ids``, also where these are gone."""
        return [
            fault
            for chain in self._find_broken_chains(model, ids)
            for fault in self._faults_of(*chain)
        ]

    @api.model
    def _find_broken_chains(self, model, ids):
        """(model, res_id) of the chains in which anything does not fit."""
        only = SQL("TRUE")
        if model:
            only = SQL("model = %s AND res_id = ANY(%s)", model, list(ids))
        try:
            with self.env.cr.savepoint(flush=False):
                return [] if self._is_linked(only) else self._find_unlinked_chains(only)
        except DataError:
            return self._unreadable_chains(only)

    @api.model
    def _is_linked(self, only):
        """Check whether each entry gives its hash and follows the one before it, up to
        the separately stored end.

        Nothing is sorted or joined: in intact chains, what entries say of themselves
        (position, hash) is what others say of them: the next entry, or the end. Each
        such pair becomes a number, and the sums of both sides are compared. The numbers
        depend on a key drawn anew each time, so nobody can look for changes that add
        up to nothing; one that does by chance is one in 2^64.

        :param only: SQL of which chains
        :raises DataError: a hash is none
        """
        key = secrets.randbits(63)

        def links_sum_sql(position, entry_hash):
            """SQL of the sum of the numbers; exact, as PostgreSQL's sums are."""
            return SQL(
                """
                coalesce(sum(hashtextextended(concat_ws(',', model, res_id, %s, %s),
                                              %s)), 0)
                """,
                position,
                entry_hash,
                key,
            )

        ((is_linked,),) = self.env.execute_query(
            SQL(
                """
                WITH entries AS (
                    SELECT count(*) FILTER (WHERE (%(sound)s) IS NOT TRUE) AS unsound,
                           %(own)s AS own, %(before)s AS before
                      FROM audit_logs AS log
                     WHERE %(only)s
                ),
                ends AS (
                    SELECT %(own)s AS own, %(start)s AS start
                      FROM kpi_audit_head
                     WHERE %(only)s
                )
                SELECT unsound = 0
                       AND entries.own + ends.start = entries.before + ends.own
                  FROM entries, ends
                """,
                sound=_is_sound_sql(),
                only=only,
                own=links_sum_sql(SQL("seq"), SQL("hash")),
                before=links_sum_sql(SQL("seq - 1"), SQL("previous_hash")),
                start=links_sum_sql(SQL("0"), SQL("%s", GENESIS.hex())),
            )
        )
        return is_linked

    @api.model
    def _unreadable_chains(self, only):
        """(model, res_id) of the chains with a hash that is none."""
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT model, res_id
                  FROM audit_logs
                 WHERE %s AND previous_hash !~ '^([0-9a-f]{2})*$'
              ORDER BY 1, 2
                """,
                only,
            )
        )

    @api.model
    def _find_unlinked_chains(self, only):
        """(model, res_id) of the chains in which anything does not fit.

        Entries are read as they lie, and only what links them is sorted: OFFSET keeps
        the planner from fetching them one by one in the order of their chains.

        :param only: SQL of which chains
        :raises DataError: a hash is none
        """
        return self.env.execute_query(
            SQL(
                """
                WITH sound AS (
                    SELECT model, res_id, seq, hash, previous_hash,
                           %(sound)s AS is_sound
                      FROM audit_logs AS log
                     WHERE %(only)s
                    OFFSET 0
                ),
                linked AS (
                    SELECT sound.*,
                           lag(seq, 1, 0) OVER chain AS seq_before,
                           lag(hash, 1, %(genesis)s) OVER chain AS hash_before,
                           lead(seq) OVER chain IS NULL AS is_last
                      FROM sound
                    WINDOW chain AS (PARTITION BY res_id, model ORDER BY seq)
                )
                SELECT linked.model, linked.res_id
                  FROM linked
             LEFT JOIN kpi_audit_head AS head
                    ON (head.model, head.res_id) = (linked.model, linked.res_id)
                 WHERE is_sound IS NOT TRUE
                    OR hash_before <> linked.previous_hash
                    OR seq_before + 1 <> linked.seq
                    OR is_last AND (head.seq, head.hash)
                                   IS DISTINCT FROM (linked.seq, linked.hash)
                 UNION
                SELECT model, res_id
                  FROM kpi_audit_head AS head
                 WHERE %(only)s
                   AND NOT EXISTS (
                        SELECT FROM audit_logs AS log
                         WHERE (log.model, log.res_id, log.seq)
                               = (head.model, head.res_id, head.seq))
              ORDER BY 1, 2
                """,
                genesis=GENESIS.hex(),
                only=only,
                sound=_is_sound_sql(),
            )
        )

    @api.model
    def _faults_of(self, model, res_id):
        """The faults of one chain, named by their positions."""
        rows = self._rows_of(model, res_id)
        entries = [Entry(*entry) for *entry, _is_same in rows]
        faults = verify_chain(entries, *self._head_of(model, res_id))
        return [AuditFault(each.kind, model, res_id, each.seq) for each in faults] + [
            AuditFault("columns", model, res_id, seq)
            for seq, *_entry, is_same in rows
            if not is_same
        ]

    @api.model
    def _rows_of(self, model, res_id):
        """Entries of a chain, and whether the columns of each are as its text says."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT seq, coalesce(text, ''), previous_hash, hash,
                       starts_with(text, %(columns)s)
                  FROM audit_logs AS log
                 WHERE model = %(model)s AND res_id = %(res_id)s
              ORDER BY seq
                """,
                model=model,
                res_id=res_id,
                columns=columns_text(SQL("log.user_id")),
            )
        )
        return [
            (seq, text, parse_hash(previous), parse_hash(found), is_same)
            for seq, text, previous, found, is_same in rows
        ]

    @api.model
    def _head_of(self, model, res_id):
        """Number of entries that a chain should have, and the hash of the last."""
        head = self.env.execute_query(
            SQL(
                "SELECT seq, hash FROM kpi_audit_head WHERE model = %s AND res_id = %s",
                model,
                res_id,
            )
        )
        # A chain whose end was removed: all that is left is too much.
        seq, last_hash = head[0] if head else (0, GENESIS.hex())
        return seq, parse_hash(last_hash)

    @api.model
    def _anchor_faults(self, anchor_texts):
        """Anchors that today's entries do not lead to."""
        kept = self.env["kpi.audit.anchor"].search([("size", ">", 0)]).mapped("text")
        anchors = [parse_anchor(text) for text in {*kept, *anchor_texts}]
        sizes = {anchor.size for anchor in anchors}
        roots = roots_at(self._leaves(max(sizes, default=0)), sizes)
        return [
            AuditFault("anchor", "", 0, anchor.size)
            for anchor in sorted(anchors, key=lambda each: each.size)
            if roots.get(anchor.size) != anchor.root
            or (anchor.signature and not anchor.is_signed_by(anchor.public_key))
        ]

    @api.model
    def _leaves(self, size):
        """(position, hash) of the anchored entries, batch by batch."""
        for start in range(0, size, BATCH):
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT leaf.leaf_index, log.hash
                      FROM kpi_audit_leaf AS leaf
                      JOIN audit_logs AS log ON log.id = leaf.log_id
                     WHERE leaf.leaf_index >= %s AND leaf.leaf_index < %s
                  ORDER BY leaf.leaf_index
                    """,
                    start,
                    min(start + BATCH, size),
                )
            )
            for position, entry_hash in rows:
                yield position, parse_hash(entry_hash)


def _is_sound_sql():
    """SQL of whether the entry ``log`` gives its hash, and its columns are as its text
    says. The hash is written out, as a function of SQL is called for each row.
    """
    return SQL(
        """
        starts_with(text, %s)
        AND hash = encode(sha256(decode(previous_hash, 'hex')
                                 || convert_to(text, 'UTF8')), 'hex')
        """,
        columns_text(SQL("log.user_id")),
    )
