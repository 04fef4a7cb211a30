import io
from datetime import date

import numpy as np

from odoo import api, fields, models
from odoo.fields import Date
from odoo.tools import SQL

from odoo.addons.kpi_base.models.record.base import count_rows_of

from ..analytics.data_models.purchases import sum_days

ANALYSIS = "purchases"
MOST_LISTED = 100
# A row of COPY in binary: how many columns, then the length of each before it.
COPIED = np.dtype(
    [
        ("columns", ">i2"),
        *(("customer_size", ">i4"), ("customer", ">i4")),
        *(("day_size", ">i4"), ("day", ">i4")),
        *(("amount_size", ">i4"), ("amount", ">f8")),
        *(("margin_size", ">i4"), ("margin", ">f8")),
    ]
)
COPY_HEADER, COPY_TRAILER = 19, 2


class KpiBiPurchase(models.Model):
    """What a customer bought on a day of a product category, in the company's currency.

    Made of posted invoices and credit notes, or of confirmed orders, and of imported
    purchases; written anew month by month where one of these has changed.
    """

    _name = "kpi.bi.purchase"
    _description = "Purchase"
    _inherit = ["kpi.bi.personal.mixin", "kpi.engine.rows.mixin"]
    _log_access = False
    _order = "day desc, id"
    _rec_name = "day"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    customer_id = fields.Many2one("kpi.bi.customer", required=True, ondelete="cascade")
    day = fields.Date(required=True)
    # of product.category, 0 = none; no foreign key: a category may go
    category_key = fields.Integer("Product Category ID", required=True)
    amount = fields.Monetary(required=True, help="Without taxes.")
    quantity = fields.Float(required=True)
    margin = fields.Monetary(
        help="Blank if part of the cost is unknown.",
        groups="kpi_bi_dashboard.kpi_bi_dashboard_group_margin",
    )

    _company_day_idx = models.Index("(company_id, day, customer_id)")
    _customer_idx = models.Index("(customer_id)")

    @api.model
    def _refresh(self, company, *, with_lines=False):
        """Write the months anew whose documents have changed.

        :param with_lines: look at the lines of the documents, too: finds what was
            changed past them, at six times the cost
        :return: the first days of these months
        """
        self.env.flush_all()
        self.env["kpi.currency.rate"]._refresh()
        # Of two at once neither sees the rows of a month that the other writes.
        self.env["kpi.claim"]._claim(f"purchases of company {company.id}")
        results = self.env["kpi.bi.result"]
        stored = results._find_latest(company, ANALYSIS).figures or {}
        known, kind = stored.get("months", {}), company.kpi_bi_purchase_source
        is_other = stored.get("source") != kind
        with_lines = with_lines or is_other
        found = self._hash_months(company, with_lines=with_lines)
        changed, moved = [], []
        for month in sorted({*known, *found}):
            old, new = known.get(month, [None, None]), found.get(month, [None, None])
            if is_other or old[0] != new[0]:
                changed.append(month)
            elif with_lines and old != new:
                changed.append(month)
                lines = self._find_changed_lines(company, Date.to_date(month))
                moved += [document for _line, document in lines]
        for month in changed:
            names = self._get_sql(company, Date.to_date(month))
            for statement in (_NEW_CUSTOMERS, _DELETED_MONTH, _NEW_MONTH):
                self.env.cr.execute(SQL(statement, **names))
            if month == changed[0]:
                count_rows_of(self.env, ("kpi_bi_customer", "kpi_bi_purchase"))
        if changed:
            self.env.cr.execute(SQL(_GONE_CUSTOMERS, company=company.id))
            self.env.invalidate_all()
            lines = found if with_lines else self._hash_months(company, with_lines=True)
            # hashes of lines that were not looked at now stay as they were
            months = lines | {m: known[m] for m in known if m not in changed}
            figures = {"source": kind, "months": months}
            results._store(
                company,
                ANALYSIS,
                lambda: (figures, self._check_documents(company, moved)),
                cutoff=fields.Date.context_today(self),
                data=months,
                source=kind,
            )
        return [Date.to_date(month) for month in changed]

    @api.model
    def _hash_months(self, company, *, with_lines):
        """Month → hash of its documents, and of their lines if these are asked for."""
        names = self._get_sql(company, date.min, date.max)
        months = {}
        for place, statement in enumerate((_DOCUMENTS, _LINES)[: 1 + with_lines]):
            for month, hash_ in self.env.execute_query(SQL(statement, **names)):
                months.setdefault(month, [None, None])[place] = hash_
        return months

    @api.model
    def _get_sql(self, company, start, stop=None):
        """What statements on the days in ``[start, stop)``, a month, are filled with.

        * ``documents``: ``month`` and ``hash`` of each one, of all days
        * ``lines``: what documents sold: ``id``, ``document_id``, ``partner_id``,
          ``day``, ``category_id``, ``amount``, ``quantity``, ``margin``
        * ``sold``: these and lines of files by customer; NULL = not known yet
        """
        stop = stop or Date.add(start, months=1)
        names = {"company": company.id, "start": start, "stop": stop}
        names["tz"] = self._get_tz(company)
        if company.kpi_bi_purchase_source == "orders":
            documents, lines, known = _ORDER_HASHES, _ORDER_LINES, _ORDER_MARGIN
            names["day"] = SQL("local.day")
        else:
            documents, lines, known = _INVOICE_HASHES, _INVOICE_LINES, _INVOICE_MARGIN
            names["day"] = SQL("move.invoice_date")
        # Of the order where Odoo knows costs (sale_margin), else as assumed.
        has_costs = "purchase_price" in self.env["sale.order.line"]._fields
        names["known"] = SQL(known) if has_costs else SQL("NULL")
        names["documents"] = SQL(documents, **names)
        names["lines"] = SQL(lines, **names, margin=SQL(_MARGIN, **names))
        return {**names, "sold": SQL(_SOLD, **names)}

    @api.model
    def _get_tz(self, company):
        return company.partner_id.tz or self.env.user.tz or "UTC"

    @api.model
    def _find_changed_lines(self, company, start, stop=None):
        """Ids of lines, and of their documents, of whose customer, day and category
        something else is stored than they say now; of one month, unless ``stop``
        differs."""
        names = self._get_sql(company, start, stop)
        return self.env.execute_query(SQL(_CHANGED_LINES, **names))

    @api.model
    def _check_documents(self, company, moved=()):
        """What is odd: how many documents, and ids of the first ones.

        :param moved: documents whose lines were changed past them
        """
        is_order = company.kpi_bi_purchase_source == "orders"
        names = {"today": fields.Date.context_today(self), "tz": self._get_tz(company)}
        query = SQL(
            _ODD_ORDERS if is_order else _ODD_INVOICES, company=company.id, **names
        )
        rows = self.env.execute_query(query)
        odd = {name: {"count": count, "ids": ids} for name, count, ids in rows}
        if ids := sorted({*moved}):
            odd["moved"] = {"count": len(ids), "ids": ids[:MOST_LISTED]}
        return odd

    @api.model
    def _sum_months(self, first=None, last=None):
        """Purchases of the company by month, for whoever may read results.

        :param first, last: days of the first and the last month
        """
        self.env["kpi.bi.result"].check_access("read")
        domain = [("company_id", "=", self.env.company.id)]
        if first:
            domain.append(("day", ">=", Date.start_of(first, "month")))
        if last:
            domain.append(("day", "<=", Date.end_of(last, "month")))
        sums = ["customer_id:count_distinct", "amount:sum", "quantity:sum"]
        margins = ["margin:sum", "margin:count", "__count"]
        may_see = self._has_field_access(self._fields["margin"], "read")
        # Sums name nobody.
        rows = self.sudo()._read_group(domain, ["day:month"], sums + margins)
        names = ("month", "customers", "amount", "quantity")
        return [
            {
                **dict(zip(names, found, strict=True)),
                "margin": margin if may_see and known == count else None,
            }
            for *found, margin, known, count in rows
        ]

    @api.model
    def _read_purchases(self, company, until=None):
        """Purchases of all customers of a company, a row per customer and day."""
        file = io.BytesIO()
        query = SQL(
            _COPIED, company=company.id, until=until or fields.Date.context_today(self)
        )
        text = self.env.cr.mogrify(query.code, query.params).decode()
        self.env.cr._obj.copy_expert(f"COPY ({text}) TO STDOUT (FORMAT binary)", file)
        rows = np.frombuffer(file.getbuffer()[COPY_HEADER:-COPY_TRAILER], COPIED)
        return sum_days(
            rows["customer"].astype(int),
            rows["day"].astype("datetime64[D]"),
            *(rows[name].astype(float) for name in ("amount", "margin")),
        )


# Margins that are assumed are a part of each month that they hold in.
_DOCUMENTS = """
    SELECT month::text,
           concat_ws(':', bit_xor(hash),
                     (SELECT bit_xor(hash_record_extended(
                                 ROW(known.id, known.category_id, known.date_from,
                                     known.middle), 0))
                        FROM kpi_bi_benchmark AS known
                       WHERE known.measure = 'gross_margin'
                         AND (known.company_id = %(company)s
                              OR known.company_id IS NULL)
                         AND known.date_from < month + INTERVAL '1 month'))
      FROM (%(documents)s
         UNION ALL
            SELECT date_trunc('month', line.day)::date,
                   hash_record_extended(
                       ROW(line.id, line.customer_id, line.day, line.amount,
                           line.quantity, line.margin, line.category_key), 0)
              FROM kpi_bi_purchase_line AS line
             WHERE line.company_id = %(company)s) AS document
  GROUP BY month
"""
_LINES = """
    SELECT date_trunc('month', day)::date::text,
           bit_xor(hash_record_extended(
               ROW(id, partner_id, day, category_id, amount, quantity, margin),
               0))::text
      FROM (%(lines)s) AS line
  GROUP BY 1
"""
# By the day that an invoice says: what was posted late belongs there all the same.
_INVOICE_HASHES = """
    SELECT date_trunc('month', move.invoice_date)::date AS month,
           hash_record_extended(
               ROW(move.id, move.commercial_partner_id, move.invoice_date,
                   move.amount_untaxed_signed), 0) AS hash
      FROM account_move AS move
     WHERE move.company_id = %(company)s
       AND move.state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund')
       AND move.invoice_date IS NOT NULL
"""
# In the company's currency at the rate of the day; without one it is no amount.
_ORDERS = """
      FROM sale_order AS orders
      JOIN res_company AS company ON company.id = orders.company_id
CROSS JOIN LATERAL (
           SELECT (orders.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS
           day ) AS local
CROSS JOIN LATERAL (
           SELECT CASE WHEN orders.currency_id = company.currency_id THEN 1.0
                  ELSE (SELECT own.rate FROM kpi_currency_rate AS own
                         WHERE own.company_id = company.id
                           AND own.currency_id = company.currency_id
                           AND own.day = local.day)
                       / (SELECT other.rate FROM kpi_currency_rate AS other
                           WHERE other.company_id = company.id
                             AND other.currency_id = orders.currency_id
                             AND other.day = local.day)
                  END::numeric AS factor
           ) AS priced
"""
# A rate that comes, or changes, is a change of the order: nobody went past it.
_ORDER_HASHES = f"""
    SELECT date_trunc('month', local.day)::date AS month,
           hash_record_extended(
               ROW(orders.id, orders.partner_id, orders.date_order, orders.currency_id,
                   orders.amount_untaxed, priced.factor), 0) AS hash
           {_ORDERS}
     WHERE orders.company_id = %(company)s
       AND orders.state = 'sale'
"""
# Of a line, as a share of its amount, or NULL: assumed of its category from a day on.
_MARGIN = """
    COALESCE(%(known)s, (
        SELECT benchmark.middle / 100.0
          FROM kpi_bi_benchmark AS benchmark
         WHERE benchmark.measure = 'gross_margin'
           AND (benchmark.company_id = %(company)s OR benchmark.company_id IS NULL)
           AND (benchmark.category_id = template.categ_id
                OR benchmark.category_id IS NULL)
           AND benchmark.date_from <= %(day)s
      ORDER BY benchmark.category_id NULLS LAST, benchmark.company_id NULLS LAST,
               benchmark.date_from DESC, benchmark.id DESC
         LIMIT 1))::numeric
"""
_ORDER_MARGIN = """
    1 - ordered.purchase_price * ordered.product_uom_qty
        / NULLIF(ordered.price_subtotal, 0)
"""
_INVOICE_MARGIN = """
    (SELECT 1 - sum(ordered.purchase_price * ordered.product_uom_qty)
                / NULLIF(sum(ordered.price_subtotal), 0)
       FROM sale_order_line_invoice_rel AS link
       JOIN sale_order_line AS ordered ON ordered.id = link.order_line_id
      WHERE link.invoice_line_id = line.id)
"""
# A credit note has a positive quantity and a positive balance: both count against.
_INVOICE_LINES = """
    SELECT line.id,
           move.id AS document_id,
           move.commercial_partner_id AS partner_id,
           move.invoice_date AS day,
           COALESCE(template.categ_id, 0) AS category_id,
           -line.balance AS amount,
           CASE WHEN move.move_type = 'out_refund' THEN -line.quantity
                ELSE line.quantity END AS quantity,
           -line.balance * %(margin)s AS margin
      FROM account_move AS move
      JOIN account_move_line AS line ON line.move_id = move.id
 LEFT JOIN product_product AS product ON product.id = line.product_id
 LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
     WHERE move.company_id = %(company)s
       AND move.state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund')
       AND move.invoice_date >= %(start)s
       AND move.invoice_date < %(stop)s
       AND line.display_type = 'product'
"""
_ORDER_LINES = f"""
    SELECT ordered.id,
           orders.id AS document_id,
           partner.commercial_partner_id AS partner_id,
           local.day,
           COALESCE(template.categ_id, 0) AS category_id,
           ordered.price_subtotal * priced.factor AS amount,
           ordered.product_uom_qty AS quantity,
           ordered.price_subtotal * priced.factor * %(margin)s AS margin
           {_ORDERS}
      JOIN sale_order_line AS ordered ON ordered.order_id = orders.id
      JOIN res_partner AS partner ON partner.id = orders.partner_id
 LEFT JOIN product_product AS product ON product.id = ordered.product_id
 LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
     WHERE orders.company_id = %(company)s
       AND orders.state = 'sale'
       AND local.day >= %(start)s
       AND local.day < %(stop)s
       AND ordered.display_type IS NULL
       AND priced.factor IS NOT NULL
"""
_NEW_CUSTOMERS = """
    INSERT INTO kpi_bi_customer (company_id, partner_key)
    SELECT DISTINCT %(company)s, line.partner_id
      FROM (%(lines)s) AS line
     WHERE line.partner_id IS NOT NULL
  ORDER BY line.partner_id
        ON CONFLICT DO NOTHING
"""
# Of whom nothing is left, neither bought nor imported. Sets, as NOT EXISTS reads all
# purchases once per customer where PostgreSQL believes that there are none yet.
_GONE_CUSTOMERS = """
    DELETE FROM kpi_bi_customer
     WHERE id IN (SELECT id FROM kpi_bi_customer WHERE company_id = %(company)s
                  EXCEPT SELECT customer_id FROM kpi_bi_purchase
                  EXCEPT SELECT customer_id FROM kpi_bi_purchase_line)
"""
_DELETED_MONTH = """
    DELETE FROM kpi_bi_purchase
     WHERE company_id = %(company)s
       AND day >= %(start)s
       AND day < %(stop)s
"""
_SOLD = """
    SELECT customer.id AS customer_id, line.day, line.category_id, line.amount,
           line.quantity, line.margin
      FROM (%(lines)s) AS line
 LEFT JOIN kpi_bi_customer AS customer
        ON customer.company_id = %(company)s
       AND customer.partner_key = line.partner_id
     WHERE line.partner_id IS NOT NULL
 UNION ALL
    SELECT line.customer_id, line.day, line.category_key, line.amount, line.quantity,
           line.margin
      FROM kpi_bi_purchase_line AS line
     WHERE line.company_id = %(company)s
       AND line.day >= %(start)s
       AND line.day < %(stop)s
"""
# A margin is known where that of every line is.
_NEW_MONTH = """
    INSERT INTO kpi_bi_purchase
           (company_id, customer_id, day, category_key, amount, quantity, margin)
    SELECT %(company)s, sold.customer_id, sold.day, sold.category_id,
           sum(sold.amount), sum(sold.quantity),
           CASE WHEN count(sold.margin) = count(*) THEN round(sum(sold.margin), 2) END
      FROM (%(sold)s) AS sold
  GROUP BY sold.customer_id, sold.day, sold.category_id
  ORDER BY sold.customer_id, sold.day, sold.category_id
"""
# What was bought and given back on a day is no purchase; what is free is one.
_COPIED = """
    SELECT customer_id, day - DATE '1970-01-01', amount::float8,
           COALESCE(margin::float8, 'NaN')
      FROM kpi_bi_purchase
     WHERE company_id = %(company)s
       AND day <= %(until)s
       AND (amount != 0 OR round(quantity::numeric, 6) > 0)
"""
# Purchases that differ from what documents and files say now.
CHANGES = """
    SELECT customer_id, day, category_id, sum(stored), sum(now)
      FROM (
            SELECT customer_id, day, category_key AS category_id, amount AS stored,
                   0 AS now
              FROM kpi_bi_purchase
             WHERE company_id = %(company)s AND day >= %(start)s AND day < %(stop)s
         UNION ALL
            SELECT customer_id, day, category_id, 0, amount
              FROM (%(sold)s) AS sold
           ) AS both_sides
  GROUP BY customer_id, day, category_id
    HAVING round(sum(stored), 2) != round(sum(now), 2)
  ORDER BY abs(sum(now) - sum(stored)) DESC, day, customer_id
"""
_CHANGED_LINES = f"""
    SELECT line.id, line.document_id
      FROM (%(lines)s) AS line
 LEFT JOIN kpi_bi_customer AS customer
        ON customer.company_id = %(company)s
       AND customer.partner_key = line.partner_id
      JOIN ({CHANGES}) AS changed
        ON changed.day = line.day
       AND changed.category_id = line.category_id
       AND changed.customer_id IS NOT DISTINCT FROM customer.id
  ORDER BY line.id
"""
# Odoo posts at 1.0 where it knows no rate, and takes any day.
_ODD_INVOICES = """
    SELECT odd.name, count(*), (array_agg(odd.id ORDER BY odd.id))[:100]
      FROM account_move AS move
      JOIN res_company AS company ON company.id = move.company_id
CROSS JOIN LATERAL (
           SELECT 'unpriced' AS name, move.id
            WHERE move.currency_id != company.currency_id
              AND NOT EXISTS (
                  SELECT FROM kpi_currency_rate AS rate
                   WHERE rate.company_id = move.company_id
                     AND rate.currency_id = move.currency_id
                     AND rate.day = move.invoice_date)
        UNION ALL
           SELECT 'future', move.id WHERE move.invoice_date > %(today)s
        UNION ALL
           SELECT 'late', move.id
            WHERE date_trunc('month', move.date)
                  > date_trunc('month', move.invoice_date)
           ) AS odd
     WHERE move.company_id = %(company)s
       AND move.state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund')
  GROUP BY odd.name
"""
_ODD_ORDERS = f"""
    SELECT 'unpriced', count(*), (array_agg(orders.id ORDER BY orders.id))[:100]
           {_ORDERS}
     WHERE orders.company_id = %(company)s
       AND orders.state = 'sale'
       AND priced.factor IS NULL
HAVING count(*) > 0
"""
