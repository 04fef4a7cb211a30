from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from ..commission.kpi_commission import COMMISSION_STATUSES, exact


class KpiCommissionEvent(models.Model):
    """What a commission came to at a moment, at the rate of that moment.

    ``state``: its status and amount from then on; ``adjustment``: what was booked
    beside it; ``late_rate``: the worth of an event whose currency had no rate. Amounts
    in the company's currency are not rounded and empty where there was no rate: sums
    are rounded once.
    """

    _name = "kpi.commission.event"
    _description = "Event of a Commission"
    _table = "agent_commission_events"
    _inherit = ["kpi.append.only.mixin"]
    _log_access = False
    _order = "recorded_at desc, id desc"
    _rec_name = "status"

    commission_id = fields.Many2one(
        "kpi.commission", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    agent_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(
        [
            ("state", "State"),
            ("adjustment", "Adjustment"),
            ("late_rate", "Late rate"),
        ],
        required=True,
        readonly=True,
    )
    priced_id = fields.Many2one(
        "kpi.commission.event",
        "Prices",
        readonly=True,
        ondelete="restrict",
        help="The event whose currency had no rate.",
    )
    status = fields.Selection(COMMISSION_STATUSES, required=True, readonly=True)
    amount = fields.Float(digits=(16, 2), readonly=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    rate = fields.Float(
        digits=(32, 15), readonly=True, help="The company's currency for one unit."
    )
    company_amount = fields.Float(digits=(32, 8), readonly=True)
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
    def _keep_states(self, commissions, entries, is_priced_anew):
        """Add how ``commissions`` stand now, in a constant number of statements.

        A settled amount keeps the rate at which it was settled.

        :param entries: of the audit log, in the order of the commissions
        """
        former = {} if is_priced_anew else self._last_worths(commissions)
        self._add(
            [
                {
                    "commission": commission,
                    "kind": "state",
                    "amount": _amount(commission),
                    "entry": entry,
                    **former.get(commission.id, {}),
                }
                for commission, entry in zip(commissions, entries, strict=True)
            ]
        )

    @api.model
    def _keep_adjustments(self, rows, entries):
        """Add what was booked beside commissions.

        :param rows: as ``kpi.commission.adjustment._book`` has them
        """
        self._add(
            [
                {
                    "commission": commission,
                    "kind": "adjustment",
                    "amount": amount,
                    "entry": entry,
                }
                for (commission, _type, amount, *_rest), entry in zip(
                    rows, entries, strict=True
                )
            ]
        )

    @api.model
    def _add(self, drafts):
        """Insert events of now, priced at the rate of today unless they have one."""
        now = fields.Datetime.now()
        keys = {
            index: (
                draft["commission"].company_id.id,
                draft["commission"].currency_id.id,
                now.date(),
            )
            for index, draft in enumerate(drafts)
            if "rate" not in draft
        }
        rates = self.env["kpi.deal"]._company_rates(keys.values())
        for index, draft in enumerate(drafts):
            if index in keys:
                rate, amount = rates[keys[index]], draft["amount"]
                is_known = rate is not None and amount is not None
                draft["rate"] = rate
                draft["company_amount"] = amount * rate if is_known else None
        self._insert(drafts, now)

    @api.model
    def _insert(self, drafts, now):
        columns = {
            "commission_id": [draft["commission"].id for draft in drafts],
            "company_id": [draft["commission"].company_id.id for draft in drafts],
            "agent_id": [draft["commission"].agent_id.id for draft in drafts],
            "kind": [draft["kind"] for draft in drafts],
            "status": [draft["commission"].status for draft in drafts],
            "amount": [draft["amount"] for draft in drafts],
            "currency_id": [draft["commission"].currency_id.id for draft in drafts],
            "rate": [draft["rate"] for draft in drafts],
            "company_amount": [draft["company_amount"] for draft in drafts],
            "audit_log_id": [draft["entry"].id for draft in drafts],
        }
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO agent_commission_events (%(names)s, recorded_at)
                SELECT given.*, %(now)s
                  FROM unnest(%(commission_id)s::integer[], %(company_id)s::integer[],
                              %(agent_id)s::integer[], %(kind)s::varchar[],
                              %(status)s::varchar[], %(amount)s::numeric[],
                              %(currency_id)s::integer[], %(rate)s::numeric[],
                              %(company_amount)s::numeric[],
                              %(audit_log_id)s::integer[]) AS given
                """,
                names=SQL(", ").join(map(SQL.identifier, columns)),
                now=now,
                **columns,
            )
        )
        self.invalidate_model()

    @api.model
    def _last_worths(self, commissions):
        """Id → rate and worth of the last state; none where the amount was another."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (event.commission_id)
                       event.commission_id, event.amount::text,
                       coalesce(late.rate, event.rate)::text,
                       coalesce(late.company_amount, event.company_amount)::text
                  FROM agent_commission_events AS event
             LEFT JOIN agent_commission_events AS late ON late.priced_id = event.id
                 WHERE event.commission_id = ANY(%s)
                   AND event.kind = 'state'
              ORDER BY event.commission_id, event.recorded_at DESC, event.id DESC
                """,
                commissions.ids,
            )
        )
        amounts = {commission.id: _amount(commission) for commission in commissions}
        # Odoo's floats would not be what was written.
        known = {
            commission_id: [number and Decimal(number) for number in numbers]
            for commission_id, *numbers in rows
        }
        return {
            commission_id: {"rate": rate, "company_amount": worth}
            for commission_id, (amount, rate, worth) in known.items()
            if amounts[commission_id] == amount
        }

    @api.model
    def _price_late(self):
        """Price events whose currency got a rate for their day meanwhile."""
        waiting = self.env.execute_query(
            SQL(
                """
                SELECT event.id, event.company_id, event.currency_id,
                       event.recorded_at::date
                  FROM agent_commission_events AS event
                 WHERE event.rate IS NULL
                   AND event.amount IS NOT NULL
                   AND event.kind <> 'late_rate'
                   AND NOT EXISTS (SELECT FROM agent_commission_events AS late
                                    WHERE late.priced_id = event.id)
                """
            )
        )
        keys = {event_id: tuple(key) for event_id, *key in waiting}
        rates = self.env["kpi.deal"]._company_rates(keys.values())
        priced = {
            event_id: rates[key]
            for event_id, key in keys.items()
            if rates[key] is not None
        }
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO agent_commission_events
                       (commission_id, company_id, agent_id, kind, priced_id, status,
                        amount, currency_id, rate, company_amount, recorded_at)
                SELECT event.commission_id, event.company_id, event.agent_id,
                       'late_rate', event.id, event.status, event.amount,
                       event.currency_id, given.rate, event.amount * given.rate, %s
                  FROM unnest(%s::integer[], %s::numeric[]) AS given (id, rate)
                  JOIN agent_commission_events AS event USING (id)
                """,
                fields.Datetime.now(),
                list(priced),
                list(priced.values()),
            )
        )
        self.invalidate_model()


def _amount(commission):
    """A commission's amount as ``Decimal``; None until it is computed."""
    amount = commission.commission_amount
    return None if amount is False else exact(amount)
