from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.fields import OptionalFloat

from ..deal.kpi_deal_stage_event import FIXED
from .kpi_commission import COMMISSION_STATUSES, CURRENCY

SETTLED = ("confirmed", "invoiced", "paid")
# Fields of a commission that entries change.
CHANGED = (
    "accrual_ids",
    "adjustment_ids",
    "booked_ids",
    "net_amount",
    "due_amount",
    "held_amount",
    "unpaid_amount",
)


class KpiCommissionEntryMixin(models.AbstractModel):
    """Rows about a commission that say what their entry in the log of the deal says."""

    _name = "kpi.commission.entry.mixin"
    _description = "Commission Entry"
    _inherit = ["kpi.audited.row.mixin"]
    _audited_model = "kpi.deal"
    _audited_about = "kpi.commission"
    _audited_log_column = "audit_log_id"  # what ``_audited_key_sql`` leads to

    @api.model
    def _append_logged(self, rows, others=None, texts=None):
        """Add ``rows``, dicts of columns, each with an entry that says them.

        :param others: what else the entry of each says; ``texts``: its personal texts
        """
        commissions = self.env["kpi.commission"].browse(
            row["commission_id"] for row in rows
        )
        said, none = self._prepare_given_values(rows), [{}] * len(rows)
        parts = zip(commissions, said, others or none, texts or none, strict=True)
        entries = self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    commission.deal_id,
                    self._audited_event,
                    {**other, **members},
                    personal,
                )
                for commission, members, other, personal in parts
            ]
        )
        self._insert_logged(rows, entries)
        return entries

    @api.model
    def _insert_logged(self, rows, entries):
        inserted = super()._insert_logged(rows, entries)
        ids = {row["commission_id"] for row in rows}
        self.env["kpi.commission"].browse(ids).invalidate_recordset(CHANGED)
        return inserted

    @api.model
    def _audited_rows_sql(self, only):
        return SQL(
            """
            SELECT held.*, held.%(log)s AS log_id, commission.deal_id AS res_id,
                   NULL::integer AS user_id, %(stated)s AS stated
              FROM %(table)s AS held
              JOIN agent_commission_records AS commission
                ON commission.id = held.commission_id
             WHERE %(only)s
            """,
            log=SQL.identifier(self._audited_log_column),
            stated=self._canonical_array_sql(self._get_audited_members()),
            table=SQL.identifier(self._table),
            only=only(SQL("commission.deal_id")),
        )

    @api.model
    def _audited_match_sql(self):
        return SQL(
            "stated.recorded_at = log.recorded_at AND %s", self._audited_contains_sql()
        )

    @api.model
    def _audited_about_id_sql(self):
        return SQL(
            """
            coalesce(stated.commission_id, substring(
                log.text FROM '"commission":([0-9]{1,9})')::integer)
            """
        )


class KpiCommissionEvent(models.Model):
    """Amount of a commission at a moment, at the rate of that moment.

    ``state``: its status and amount from then on; ``adjustment``: what was booked
    beside it; ``late_rate``: the worth of an event whose currency had no rate. Amounts
    in the company's currency are not rounded and empty where there was no rate: sums
    are rounded once.
    """

    _name = "kpi.commission.event"
    _description = "Commission Event"
    _table = "agent_commission_events"
    _inherit = ["kpi.append.only.mixin", "kpi.commission.entry.mixin"]
    _audited_event = "deal_commission_priced"  # of late rates; others have their own
    _log_access = False
    _order = "recorded_at desc, id desc"
    _rec_name = "status"

    commission_id = fields.Many2one("kpi.commission", **FIXED)
    company_id = fields.Many2one("res.company", **FIXED)
    agent_id = fields.Many2one("res.users", **FIXED)
    kind = fields.Selection(
        [
            ("state", "Status"),
            ("adjustment", "Adjustment"),
            ("late_rate", "Late Exchange Rate"),
        ],
        required=True,
        readonly=True,
    )
    priced_id = fields.Many2one(
        "kpi.commission.event",
        "Converted Event",
        readonly=True,
        ondelete="restrict",
        help="Event that had no exchange rate.",
    )
    status = fields.Selection(COMMISSION_STATUSES, required=True, readonly=True)
    amount = OptionalFloat(digits=(16, 2), readonly=True)
    currency_id = fields.Many2one("res.currency", **FIXED)
    rate = OptionalFloat(
        digits=(32, 15), readonly=True, help="Company currency per unit."
    )
    company_amount = OptionalFloat(digits=(32, 8), readonly=True)
    recorded_at = fields.Datetime(required=True, readonly=True)
    audit_log_id = fields.Many2one(
        "kpi.audit.log",
        "Audit Entry",
        readonly=True,
        ondelete="restrict",
        groups="base.group_system",
    )

    _commission_id_recorded_at_idx = models.Index("(commission_id, recorded_at)")
    _priced_id_uniq = models.UniqueIndex("(priced_id) WHERE priced_id IS NOT NULL")

    @api.model
    def _prepare_states(self, commissions, is_priced_anew):
        """Columns of an event of each commission now.

        Settled, it keeps its rate, and so it does once something is booked beside it:
        what takes it back leaves exactly nothing.
        """
        keeping = commissions
        if is_priced_anew:
            keeping = commissions.filtered("adjustment_ids")
        former = self._find_last_worths(keeping)
        states = []
        for commission in commissions:
            amount = commission.commission_amount
            amount = None if amount is False else exact(amount)
            state = self._draft(commission, "state", amount)
            last = former.get(commission.id)
            if last and (last["amount"] == amount or commission.adjustment_ids):
                state |= _prepare_worth(amount, last["rate"])
            states.append(state)
        return self._price(states)

    @api.model
    def _prepare_adjustments(self, amounts):
        """Columns of an event of each amount booked, at the rate of its commission.

        :param amounts: (commission, Decimal) of each
        """
        commissions = self.env["kpi.commission"].union(*(row[0] for row in amounts))
        former = self._find_last_worths(commissions)
        drafts = []
        for commission, amount in amounts:
            draft = self._draft(commission, "adjustment", amount)
            last = former.get(commission.id)
            if last:
                draft |= _prepare_worth(amount, last["rate"])
            drafts.append(draft)
        return self._price(drafts)

    @api.model
    def _draft(self, commission, kind, amount):
        """Columns of an event of today, but for what it is worth."""
        return {
            "commission_id": commission.id,
            "company_id": commission.company_id.id,
            "agent_id": commission.agent_id.id,
            "kind": kind,
            "priced_id": None,
            "status": commission.status,
            "amount": amount,
            "currency_id": commission.currency_id.id,
            "day": fields.Datetime.now().date(),
        }

    @api.model
    def _price(self, drafts):
        """Add to drafts what they are worth at their day's rate, if they lack one."""
        keys = [
            (draft["company_id"], draft["currency_id"], draft.pop("day"))
            for draft in drafts
        ]
        rates = self.env["kpi.deal"]._company_rates(
            key for draft, key in zip(drafts, keys, strict=True) if "rate" not in draft
        )
        for draft, key in zip(drafts, keys, strict=True):
            if "rate" not in draft:
                draft |= _prepare_worth(draft["amount"], rates[key])
        return drafts

    @api.model
    def _find_last_worths(self, commissions):
        """Id → amount, rate and worth of the last state of a commission."""
        statement = """
            SELECT DISTINCT ON (event.commission_id)
                   event.commission_id, event.amount::text,
                   coalesce(late.rate, event.rate)::text AS rate,
                   coalesce(late.company_amount, event.company_amount)::text
                   AS company_amount
              FROM agent_commission_events AS event
         LEFT JOIN agent_commission_events AS late ON late.priced_id = event.id
             WHERE event.commission_id = ANY(%s)
               AND event.kind = 'state'
          ORDER BY event.commission_id, event.recorded_at DESC, event.id DESC
        """
        rows = self.env.execute_query_dict(SQL(statement, commissions.ids))
        # Odoo's floats would not be what was written.
        return {
            row.pop("commission_id"): {
                name: number and Decimal(number) for name, number in row.items()
            }
            for row in rows
        }

    @api.model
    def _insert_logged(self, rows, entries):
        """Add events; what their commissions come to is stored beside them."""
        inserted = super()._insert_logged(rows, entries)
        self._store_worths({row["commission_id"] for row in rows})
        return inserted

    @api.model
    def _store_worths(self, commission_ids=None):
        """Store what commissions are worth by the ledger, as reports read it.

        In the transaction that adds to the ledger: of two that add to one commission,
        the second is run again, and sums up what the first has added.

        :param commission_ids: default: all
        """
        only = SQL("TRUE")
        if commission_ids is not None:
            only = SQL("event.commission_id = ANY(%s)", sorted(commission_ids))
        self.env.cr.execute(
            SQL(
                """
                UPDATE agent_commission_records AS commission
                   SET company_net_amount = ledger.worth,
                       unpriced_count = ledger.unpriced
                  FROM (%s) AS ledger
                 WHERE commission.id = ledger.commission_id
                   AND (commission.company_net_amount, commission.unpriced_count)
                       IS DISTINCT FROM (ledger.worth, ledger.unpriced)
                """,
                self._ledger_sql(only),
            )
        )
        self.env["kpi.commission"].invalidate_model(
            ["company_net_amount", "unpriced_count"], flush=False
        )

    @api.model
    def _worths_sql(self, known_before, company_ids):
        """SELECT of each commission: its status at a moment, and its worth by then.

        One without a plan is a proposal, which counts once it is approved.
        ``worth`` is in the company's currency, after adjustments and not rounded;
        ``unpriced`` counts the entries without a rate, which are in no sum;
        ``payout_seconds`` is the time from approval to payment.

        What commissions are worth by now is stored with them: ``company_net_amount``.

        :param known_before: moment in UTC
        """
        return SQL(
            """
            SELECT ledger.commission_id, ledger.company_id, ledger.agent_id,
                   ledger.status, ledger.worth, ledger.unpriced, ledger.payout_seconds
              FROM (%s) AS ledger
              JOIN agent_commission_records AS commission
                ON commission.id = ledger.commission_id
             WHERE commission.plan_id IS NOT NULL OR ledger.is_settled
            """,
            self._ledger_sql(
                SQL("event.company_id = ANY(%s)", list(company_ids)), known_before
            ),
        )

    @api.model
    def _ledger_sql(self, only, known_before=None):
        """SELECT of each commission, proposals too: last status and sums of entries.

        :param only: condition of the events that count
        :param known_before: moment in UTC; default: all entries
        """
        known, priced = SQL("TRUE"), SQL("TRUE")
        if known_before:
            known = SQL("event.recorded_at < %s", known_before)
            priced = SQL("late.recorded_at < %s", known_before)
        return SQL(
            """
            WITH known AS MATERIALIZED (
                 SELECT event.*,
                        coalesce(event.company_amount, late.company_amount) AS worth
                   FROM agent_commission_events AS event
              LEFT JOIN agent_commission_events AS late
                     ON late.priced_id = event.id
                    AND %(priced)s
                  WHERE event.kind <> 'late_rate'
                    AND %(known)s
                    AND %(only)s
            )
            SELECT state.commission_id, state.company_id, state.agent_id, state.status,
                   coalesce(state.worth, 0) + sums.adjusted AS worth,
                   sums.unpriced + (state.amount IS NOT NULL
                                    AND state.worth IS NULL)::integer AS unpriced,
                   CASE WHEN state.status = 'paid'
                        THEN extract(epoch FROM sums.paid_at - sums.confirmed_at)
                    END AS payout_seconds,
                   sums.is_settled
              FROM (
                SELECT DISTINCT ON (commission_id) *
                  FROM known
                 WHERE kind = 'state'
              ORDER BY commission_id, recorded_at DESC, id DESC
              ) AS state
              JOIN (
                SELECT commission_id,
                       coalesce(sum(worth) FILTER (WHERE kind = 'adjustment'), 0)
                       AS adjusted,
                       count(*) FILTER (WHERE kind = 'adjustment' AND worth IS NULL)
                       AS unpriced,
                       coalesce(bool_or(status IN %(settled)s), FALSE) AS is_settled,
                       min(recorded_at) FILTER (
                           WHERE kind = 'state' AND status = 'confirmed')
                       AS confirmed_at,
                       min(recorded_at) FILTER (
                           WHERE kind = 'state' AND status = 'paid') AS paid_at
                  FROM known
              GROUP BY commission_id
              ) AS sums USING (commission_id)
            """,
            settled=SETTLED,
            known=known,
            priced=priced,
            only=only,
        )

    @api.model
    def _price_late(self):
        """Price events whose currency has a rate for their day by now.

        The day of what is booked beside a commission is that of its state before.
        """
        statement = """
            SELECT event.commission_id, event.company_id, event.agent_id,
                   'late_rate' AS kind, event.id AS priced_id, event.status,
                   event.amount::text, event.currency_id,
                   coalesce(state.recorded_at, event.recorded_at)::date AS day
              FROM agent_commission_events AS event
 LEFT JOIN LATERAL (
                   SELECT former.recorded_at
                     FROM agent_commission_events AS former
                    WHERE former.commission_id = event.commission_id
                      AND former.kind = 'state'
                      AND event.kind = 'adjustment'
                      AND former.id < event.id
                 ORDER BY former.id DESC
                    LIMIT 1
                   ) AS state ON TRUE
             WHERE event.rate IS NULL
               AND event.amount IS NOT NULL
               AND event.kind <> 'late_rate'
               AND NOT EXISTS (SELECT FROM agent_commission_events AS late
                                WHERE late.priced_id = event.id)
          ORDER BY event.id
        """
        waiting = self.env.execute_query_dict(SQL(statement))
        drafts = [row | {"amount": Decimal(row["amount"])} for row in waiting]
        priced = [row for row in self._price(drafts) if row["rate"] is not None]
        prices = [{"prices": row["priced_id"]} for row in priced]
        self._append_logged(priced, prices)

    @api.model
    def _audited_entries_sql(self, only):
        """All of them say what a commission came to."""
        return SQL(
            """
            SELECT * FROM audit_logs
             WHERE model = 'kpi.deal'
               AND starts_with(event_type, 'deal_commission_')
               AND %s
            """,
            only(SQL("res_id")),
        )

    @api.model
    def _get_audited_members(self):
        return {
            "agent": SQL("held.agent_id"),
            "amount": SQL("held.amount::numeric(16, 2)::text"),
            "commission": SQL("held.commission_id"),
            "company": SQL("held.company_id"),
            "company_amount": SQL("held.company_amount::text"),
            "company_rate": SQL("held.rate::text"),
            "currency": CURRENCY,
            "status": SQL("held.status"),
        }

    @api.model
    def _audited_match_sql(self):
        return SQL(
            """
            stated.kind = CASE log.event_type
                            WHEN 'deal_commission_adjusted' THEN 'adjustment'
                            WHEN 'deal_commission_priced' THEN 'late_rate'
                            ELSE 'state' END
            AND stated.priced_id::text
                IS NOT DISTINCT FROM substring(log.text FROM '"prices":([0-9]+)')
            AND %s
            """,
            super()._audited_match_sql(),
        )


def _prepare_worth(amount, rate):
    """Columns of what an amount is worth at a rate; either may be unknown."""
    is_known = rate is not None and amount is not None
    return {"rate": rate, "company_amount": amount * rate if is_known else None}
