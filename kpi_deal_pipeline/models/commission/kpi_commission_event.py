from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.fields import OptionalFloat

from .kpi_commission import COMMISSION_STATUSES

COLUMNS = {  # that are not those of the entry, and their types
    "commission_id": "integer",
    "company_id": "integer",
    "agent_id": "integer",
    "kind": "varchar",
    "priced_id": "integer",
    "status": "varchar",
    "amount": "numeric",
    "currency_id": "integer",
    "rate": "numeric",
    "company_amount": "numeric",
}


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
    _inherit = ["kpi.append.only.mixin", "kpi.audited.row.mixin"]
    _log_access = False
    _audited_model = "kpi.deal"
    _audited_about = "kpi.commission"
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
            ("late_rate", "Late exchange rate"),
        ],
        required=True,
        readonly=True,
    )
    priced_id = fields.Many2one(
        "kpi.commission.event",
        "Converts",
        readonly=True,
        ondelete="restrict",
        help="The event whose currency had no rate.",
    )
    status = fields.Selection(COMMISSION_STATUSES, required=True, readonly=True)
    amount = OptionalFloat(digits=(16, 2), readonly=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    rate = OptionalFloat(
        digits=(32, 15), readonly=True, help="The company's currency for one unit."
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
    def _states(self, commissions, is_priced_anew):
        """Prepare the state of ``commissions`` now, in a constant number of statements.

        A settled amount stays at the rate at which it was settled.

        :return: columns of an event for each
        """
        states = [
            self._draft(commission, "state", _amount(commission))
            for commission in commissions
        ]
        former = {} if is_priced_anew else self._last_worths(commissions)
        for state in states:
            state.update(former.get(state["commission_id"], {}))
        return self._price_drafts(states)

    @api.model
    def _adjustments(self, rows):
        """Prepare what is booked beside commissions, as columns of an event for each.

        :param rows: as ``kpi.commission.adjustment._book`` has them
        """
        return self._price_drafts(
            [
                self._draft(commission, "adjustment", amount)
                for commission, _type, amount, *_rest in rows
            ]
        )

    @api.model
    def _draft(self, commission, kind, amount):
        return {
            "commission_id": commission.id,
            "company_id": commission.company_id.id,
            "agent_id": commission.agent_id.id,
            "kind": kind,
            "priced_id": None,
            "status": commission.status,
            "amount": amount,
            "currency_id": commission.currency_id.id,
        }

    @api.model
    def _price_drafts(self, drafts):
        """``drafts`` at the rate of today, unless they have one."""
        today = fields.Datetime.now().date()
        keys = [
            (draft["company_id"], draft["currency_id"], today)
            for draft in drafts
            if "rate" not in draft
        ]
        rates = self.env["kpi.deal"]._company_rates(keys)
        for draft in drafts:
            if "rate" not in draft:
                key = (draft["company_id"], draft["currency_id"], today)
                draft.update(_worth(draft["amount"], rates[key]))
        return drafts

    @api.model
    def _prepare_log_values(self, row):
        """Columns of an event, as its entry holds them."""
        currency = self.env["res.currency"].browse(row["currency_id"])
        values = {
            "agent": row["agent_id"],
            "amount": _text(row["amount"], ".2f"),
            "commission": row["commission_id"],
            "company": row["company_id"],
            "company_amount": _text(row["company_amount"]),
            "company_rate": _text(row["rate"]),
            "currency": currency.name,
            "status": row["status"],
        }
        if row["priced_id"]:
            values["prices"] = row["priced_id"]
        return values

    @api.model
    def _insert(self, rows, entries):
        """Add events as of their entries in the audit log."""
        if not rows:
            return
        arrays = [
            SQL("%s::%s[]", [row[name] for row in rows], SQL(kind))
            for name, kind in COLUMNS.items()
        ]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO agent_commission_events (%(names)s, audit_log_id,
                                                     recorded_at)
                SELECT given.*, log.recorded_at
                  FROM unnest(%(arrays)s, %(entries)s::integer[])
                       AS given (%(names)s, entry_id)
                  JOIN audit_logs AS log ON log.id = entry_id
              ORDER BY entry_id
                """,
                names=SQL(", ").join(map(SQL.identifier, COLUMNS)),
                arrays=SQL(", ").join(arrays),
                entries=entries.ids,
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
        waiting = self.env.execute_query_dict(
            SQL(
                """
                SELECT event.commission_id, event.company_id, event.agent_id,
                       'late_rate' AS kind, event.id AS priced_id, event.status,
                       event.amount::text, event.currency_id,
                       event.recorded_at::date AS day
                  FROM agent_commission_events AS event
                 WHERE event.rate IS NULL
                   AND event.amount IS NOT NULL
                   AND event.kind <> 'late_rate'
                   AND NOT EXISTS (SELECT FROM agent_commission_events AS late
                                    WHERE late.priced_id = event.id)
              ORDER BY event.id
                """
            )
        )
        keys = [
            (row["company_id"], row["currency_id"], row.pop("day")) for row in waiting
        ]
        rates = self.env["kpi.deal"]._company_rates(keys)
        priced = []
        for row, key in zip(waiting, keys, strict=True):
            if rates[key] is not None:
                row["amount"] = Decimal(row["amount"])
                priced.append({**row, **_worth(row["amount"], rates[key])})
        commissions = self.env["kpi.commission"]
        entries = self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    commissions.browse(row["commission_id"]).deal_id,
                    "deal_commission_priced",
                    self._prepare_log_values(row),
                )
                for row in priced
            ]
        )
        self._insert(priced, entries)

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
    def _audited_rows_sql(self, only):
        members = {
            "agent": SQL("event.agent_id"),
            "amount": SQL("event.amount::numeric(16, 2)::text"),
            "commission": SQL("event.commission_id"),
            "company": SQL("event.company_id"),
            "company_amount": SQL("event.company_amount::text"),
            "company_rate": SQL("event.rate::text"),
            "currency": SQL(
                "(SELECT name FROM res_currency WHERE id = event.currency_id)"
            ),
            "status": SQL("event.status"),
        }
        return SQL(
            """
            SELECT event.*, event.audit_log_id AS log_id, NULL::integer AS user_id,
                   commission.deal_id AS res_id, %(stated)s AS stated
              FROM agent_commission_events AS event
              JOIN agent_commission_records AS commission
                ON commission.id = event.commission_id
             WHERE %(only)s
            """,
            stated=self._canonical_array_sql(members),
            only=only(SQL("commission.deal_id")),
        )

    @api.model
    def _audited_match_sql(self):
        return SQL(
            """
            stated.recorded_at = log.recorded_at
            AND stated.kind = CASE log.event_type
                            WHEN 'deal_commission_adjusted' THEN 'adjustment'
                            WHEN 'deal_commission_priced' THEN 'late_rate'
                            ELSE 'state' END
            AND stated.priced_id::text
                IS NOT DISTINCT FROM substring(log.text FROM '"prices":([0-9]+)')
            AND %s
            """,
            self._audited_contains_sql(),
        )

    @api.model
    def _audited_about_id_sql(self):
        return SQL(
            """
            coalesce(stated.commission_id, substring(
                log.text FROM '"commission":([0-9]{1,9})')::integer)
            """
        )


class KpiDeal(models.Model):
    """Rates that come late are late for commissions, too."""

    _inherit = "kpi.deal"

    @api.model
    def _price_late(self):
        result = super()._price_late()
        self.env["kpi.commission.event"]._price_late()
        return result


def _amount(commission):
    """A commission's amount as ``Decimal``; None until it is computed."""
    amount = commission.commission_amount
    return None if amount is False else exact(amount)


def _worth(amount, rate):
    """Columns of an event: the rate, and the amount in the company's currency."""
    is_known = rate is not None and amount is not None
    return {"rate": rate, "company_amount": amount * rate if is_known else None}


def _text(number, digits="f"):
    """A number as entries hold it, which is as PostgreSQL writes it."""
    return None if number is None else f"{number:{digits}}"
