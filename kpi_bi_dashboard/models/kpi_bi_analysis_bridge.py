from collections import Counter
from datetime import timedelta
from typing import Literal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.schemas.base import Id, Word

from .kpi_bi_purchase import CHANGES
from .page import Page, opens

SHOWN_MONTHS = 13
SHOWN_CHANGES = 20
MOST_OPENED = 20_000
# what a step opens, unless it is lines of entries
MODELS = {
    "purchases": "kpi.bi.customer",
    "imported": "kpi.bi.purchase.line",
    "not_invoiced": "sale.order",
}
# in the order in which the bridge goes
LEDGER_STEPS = ("off_income", "dates", "no_order", "lines", "documents", "manual")
STEPS = ("purchases", "changed", "imported", "not_invoiced", *LEDGER_STEPS, "ledger")


class KpiBiAnalysis(models.AbstractModel):
    """Purchases and general ledger: what lies between, to the cent."""

    _inherit = "kpi.bi.analysis"

    def _analyse_bridge(self, company):
        """Of the fiscal year up to the last day that counts."""
        start, stop = self._get_bridge_days(company, "year")
        sums, _changes = self._compute_bridge(company, start, stop)
        figures = {"from": str(start), "until": str(stop), "steps": sums}
        return self._store_figures(company, "bridge", figures)

    def _get_bridge_days(self, company, part):
        """``[start, stop)`` of a month (2026-10), or of the fiscal year so far."""
        last = self._get_cutoff(company)
        if part == "year":
            start = company.compute_fiscalyear_dates(last)["date_from"]
            return start, last + timedelta(days=1)
        try:
            start = Date.to_date(f"{part or last.strftime('%Y-%m')}-01")
        except ValueError as error:
            raise UserError(self.env._("“%s” is not a month.", part)) from error
        return start, Date.add(start, months=1)

    def _compute_bridge(self, company, start, stop):
        """Amounts of all steps, in the company's currency, and what has changed since
        the update: rows of customer, day, category, amount then and amount now.

        Each line is in one step at most, so the steps add up by themselves.
        """
        self.env.flush_all()
        names = self._get_bridge_sql(company, start, stop)
        (totals,) = self.env.execute_query(SQL(_TOTALS, **names))
        steps = Counter(dict(self.env.execute_query(SQL(_STEP_SUMS, **names))))
        changes = self.env.execute_query(SQL(CHANGES, **names))
        round_amount = company.currency_id.round
        stored, current, imported = (round_amount(float(one)) for one in totals)
        sums = {
            "purchases": stored,
            "changed": current + imported - stored,
            "imported": -imported,
            "not_invoiced": float(steps["base"]) - current,
            **{name: float(steps[name]) for name in (*LEDGER_STEPS, "ledger")},
        }
        return {name: round_amount(one) or 0.0 for name, one in sums.items()}, changes

    def _get_bridge_sql(self, company, start, stop):
        names = self.env["kpi.bi.purchase"]._get_sql(company, start, stop)
        is_of_orders = company.kpi_bi_purchase_source == "orders"
        base = SQL(_INVOICED_ORDERS if is_of_orders else _INVOICED, **names)
        has_order = SQL(_HAS_ORDER if is_of_orders else "TRUE")
        ledger = SQL(_LEDGER, **names, base=base, has_order=has_order)
        return {**names, "ledger": ledger}

    def _describe_bridge(self, page, result, part=""):
        company, words = result.company_id, page.words("bridge")
        start, stop = self._get_bridge_days(company, part)
        last = self._get_cutoff(company).replace(day=1)
        months = [Date.subtract(last, months=one) for one in range(SHOWN_MONTHS)]
        labels = {
            f"{month:%Y-%m}" if at else "": page.text(month, "long_month")
            for at, month in enumerate(months)
        }
        page.choose("bridge", {**labels, **words["periods"]})
        sums, changes = self._compute_bridge(company, start, stop)
        notes = {**words["notes"]}
        if company.kpi_bi_purchase_source == "orders":
            notes["dates"] = notes["dates_of_orders"]
        values = {
            "start": start,
            "end": stop - timedelta(days=1),
            "rows": [
                {
                    "label": label,
                    "note": notes.get(name, ""),
                    "size": sums[name],
                    "opens": self._opens_step(company, part, name),
                }
                for name, label in words["steps"].items()
                if sums[name] or name in ("purchases", "ledger")
            ],
            "changes": self._list_changes(changes, words["customers"]),
            "count": len(changes),
        }
        page.draw("bridge", values)

    def _opens_step(self, company, part, step):
        can_open = self.env[MODELS.get(step, "account.move.line")].has_access("read")
        args = company.id, part or "", step
        return opens("kpi.bi.analysis", "open_bridge_step", *args) if can_open else None

    @api.model
    def open_bridge_step(self, company_id: Id, part: Word, step: Literal[STEPS]):
        """Open the records that a step of the bridge counts."""
        self.env["kpi.bi.result"].check_access("read")
        company = self.env.companies.filtered(lambda one: one.id == company_id)
        if not company:
            raise UserError(self.env._("Choose one of your companies."))
        start, stop = self._get_bridge_days(company, part)
        domain = [("company_id", "=", company.id)]
        domain += [("day", ">=", start), ("day", "<", stop)]
        if step == "imported":
            action = "kpi_bi_dashboard.kpi_bi_purchase_line_action"
            return open_list(self.env, action, domain)
        purchases = self.env["kpi.bi.purchase"]
        if step == "purchases":
            [(found,)] = purchases._read_group(domain, [], ["customer_id:recordset"])
            action = "kpi_bi_dashboard.kpi_bi_customer_action"
            return open_list(self.env, action, [("id", "in", found.ids)])
        is_of_orders = company.kpi_bi_purchase_source == "orders"
        is_order = step == "not_invoiced" or (step == "changed" and is_of_orders)
        model = "sale.order" if is_order else "account.move.line"
        self.env[model].check_access("read")
        self.env.flush_all()
        if step == "changed":
            found = purchases._find_changed_lines(company, start, stop)[:MOST_OPENED]
            ids = [document if is_order else line for line, document in found]
        else:
            names = self._get_bridge_sql(company, start, stop)
            statement = _OPEN_ORDERS if is_order else _STEP_LINES
            query = SQL(statement, **names, step=step, most=MOST_OPENED)
            ids = [one for (one,) in self.env.execute_query(query)]
        name = Page(self.env).words("bridge")["steps"][step]
        return self._open_records(model, ids, name)

    def _list_changes(self, changes, words):
        """Purchases that differ from what their documents say now."""
        customers = self.env["kpi.bi.customer"]
        if customers.has_access("read"):
            customers = customers.browse(row[0] for row in changes if row[0]).exists()
        names = {None: words["new"]} | {one.id: one.display_name for one in customers}
        return [
            {
                "name": names.get(customer) or words["hidden"],
                "day": day,
                "stored": stored,
                "now": now,
            }
            for customer, day, _category, stored, now in changes[:SHOWN_CHANGES]
        ]


# Lines of the period that are purchases (base), on income accounts (ledger), or both.
_LEDGER = """
    SELECT line.id, -line.balance AS amount, part.is_base, part.is_ledger,
           CASE WHEN part.is_base AND part.is_ledger THEN NULL
                WHEN part.is_base AND NOT part.is_income THEN 'off_income'
                WHEN part.is_base THEN 'dates'
                WHEN move.move_type = 'entry' THEN 'manual'
                WHEN move.move_type NOT IN ('out_invoice', 'out_refund')
                THEN 'documents'
                WHEN line.display_type IS DISTINCT FROM 'product'
                     OR move.commercial_partner_id IS NULL THEN 'lines'
                WHEN %(has_order)s THEN 'dates'
                ELSE 'no_order' END AS step
      FROM account_move_line AS line
      JOIN account_move AS move ON move.id = line.move_id
 LEFT JOIN account_account AS account ON account.id = line.account_id
CROSS JOIN LATERAL (
           SELECT COALESCE(account.account_type IN ('income', 'income_other'), FALSE)
                  AS is_income
           ) AS kind
CROSS JOIN LATERAL (
           SELECT kind.is_income,
                  COALESCE(%(base)s, FALSE)
                  AND move.move_type IN ('out_invoice', 'out_refund')
                  AND line.display_type IS NOT DISTINCT FROM 'product'
                  AND move.commercial_partner_id IS NOT NULL AS is_base,
                  kind.is_income AND line.date >= %(start)s AND line.date < %(stop)s
                  AS is_ledger
           ) AS part
     WHERE line.company_id = %(company)s
       AND move.state = 'posted'
       AND (part.is_base OR part.is_ledger)
"""
_INVOICED = "move.invoice_date >= %(start)s AND move.invoice_date < %(stop)s"
_INVOICED_ORDERS = """
    line.id IN (SELECT link.invoice_line_id
                  FROM sale_order_line_invoice_rel AS link
                  JOIN (%(lines)s) AS ordered ON ordered.id = link.order_line_id)
"""
_HAS_ORDER = """
    EXISTS (SELECT FROM sale_order_line_invoice_rel AS link
             WHERE link.invoice_line_id = line.id)
"""
_TOTALS = """
    SELECT (SELECT COALESCE(sum(amount), 0) FROM kpi_bi_purchase
             WHERE company_id = %(company)s AND day >= %(start)s AND day < %(stop)s),
           (SELECT COALESCE(sum(amount), 0) FROM (%(lines)s) AS line
             WHERE partner_id IS NOT NULL),
           (SELECT COALESCE(sum(amount), 0) FROM kpi_bi_purchase_line
             WHERE company_id = %(company)s AND day >= %(start)s AND day < %(stop)s)
"""
_STEP_SUMS = """
    SELECT part.step, sum(part.amount)
      FROM (%(ledger)s) AS line
CROSS JOIN LATERAL (
           SELECT line.step, CASE WHEN line.is_base THEN -line.amount
                             ELSE line.amount END AS amount
            WHERE line.step IS NOT NULL
        UNION ALL
           SELECT 'base', line.amount WHERE line.is_base
        UNION ALL
           SELECT 'ledger', line.amount WHERE line.is_ledger
           ) AS part
  GROUP BY part.step
"""
_STEP_LINES = """
    SELECT line.id
      FROM (%(ledger)s) AS line
     WHERE line.step = %(step)s OR (%(step)s = 'ledger' AND line.is_ledger)
  ORDER BY line.id
     LIMIT %(most)s
"""
_OPEN_ORDERS = """
    SELECT line.document_id
      FROM (%(lines)s) AS line
 LEFT JOIN LATERAL (
           SELECT sum(-invoiced.balance) AS amount
             FROM sale_order_line_invoice_rel AS link
             JOIN account_move_line AS invoiced ON invoiced.id = link.invoice_line_id
            WHERE link.order_line_id = line.id
              AND invoiced.parent_state = 'posted'
           ) AS posted ON TRUE
  GROUP BY line.document_id
    HAVING round(sum(line.amount) - sum(COALESCE(posted.amount, 0)), 2) != 0
  ORDER BY line.document_id
     LIMIT %(most)s
"""
