import io
from datetime import date

import numpy as np

from odoo import api, fields, models
from odoo.fields import Date
from odoo.tools import SQL

from ..analytics.data_models.purchases import Purchases

VERSION = 1  # of the statements below
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
        help="Empty where the cost of a part of it is not known.",
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
        # Of two at once neither sees the rows of a month that the other writes.
        self.env["kpi.claim"]._claim(f"purchases of company {company.id}")
        results = self.env["kpi.bi.result"]
        stored = results._find_latest(company, ANALYSIS).figures or {}
        known, kind = stored.get("months", {}), company.kpi_bi_purchase_source
        is_other = stored.get("source") != kind or stored.get("version") != VERSION
        found = self._hash_months(company, with_lines=with_lines or is_other)
        changed = sorted(
            month
            for month in {*known, *found}
            if is_other
            or known.get(month, [None])[0] != found.get(month, [None])[0]
            or (with_lines and known.get(month) != found.get(month))
        )
        moved = [
            line
            for month in changed
            if not is_other and known.get(month, [""])[0] == found.get(month, [None])[0]
            for line in self._find_changed_lines(company, Date.to_date(month))
        ]
        for month in changed:
            self._write_month(company, Date.to_date(month))
        if changed:
            lines = found if with_lines else self._hash_months(company, with_lines=True)
            # hashes of lines that were not looked at now stay as they were
            months = {
                month: lines[month]
                if month in changed
                else known.get(month, lines[month])
                for month in lines
            }
            figures = {"source": kind, "version": VERSION, "months": months}
            results._store(
                company,
                ANALYSIS,
                lambda: (figures, self._check_documents(company, moved)),
                cutoff=fields.Date.context_today(self),
                data=months,
                version=VERSION,
                source=kind,
            )
        return [Date.to_date(month) for month in changed]

    @api.model
    def _hash_months(self, company, *, with_lines):
        """Month → hash of its documents, and of their lines if these are asked for."""
        statements = self._documents_sql(company), self._imported_sql(company)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT month::text, bit_xor(hash)::text
                  FROM ((%s) UNION ALL (%s)) AS document
              GROUP BY month
                """,
                *statements,
            )
        )
        months = {month: [hash_, None] for month, hash_ in rows}
        if with_lines:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT date_trunc('month', day)::date::text,
                           bit_xor(hash_record_extended(
                               ROW(id, partner_id, day, category_id, amount, quantity,
                                   margin), 0))::text
                      FROM (%s) AS line
                  GROUP BY 1
                    """,
                    self._lines_sql(company),
                )
            )
            for month, hash_ in rows:
                months.setdefault(month, [None, None])[1] = hash_
        return months

    @api.model
    def _write_month(self, company, month):
        """Replace a month by what its documents and imported lines say now."""
        stop = Date.add(month, months=1)
        parameters = {
            "company": company.id,
            "start": month,
            "stop": stop,
            "lines": self._lines_sql(company, month, stop),
            "sold": self._sold_sql(company, month, stop),
        }
        for statement in (_NEW_CUSTOMERS, _DELETED_MONTH, _NEW_MONTH):
            self.env.cr.execute(SQL(statement, **parameters))
        self.invalidate_model()

    @api.model
    def _documents_sql(self, company):
        """Hashes of documents by month."""
        if company.kpi_bi_purchase_source == "invoices":
            return SQL(_INVOICE_HASHES, company=company.id)
        return SQL(_ORDER_HASHES, company=company.id, tz=self._get_tz(company))

    @api.model
    def _imported_sql(self, company):
        return SQL(_IMPORT_HASHES, company=company.id)

    @api.model
    def _lines_sql(self, company, start=date.min, stop=date.max):
        """Lines sold of documents in ``[start, stop)``.

        Columns: id, partner_id, day, category_id, amount, quantity, margin.
        """
        names = {"company": company.id, "start": start, "stop": stop}
        if company.kpi_bi_purchase_source == "invoices":
            return SQL(_INVOICE_LINES, **names, margin=self._margin_sql("line"))
        return SQL(
            _ORDER_LINES,
            **names,
            tz=self._get_tz(company),
            margin=self._margin_sql("ordered"),
        )

    @api.model
    def _sold_sql(self, company, start, stop):
        """Lines of documents and files by customer; NULL = not known yet."""
        lines = self._lines_sql(company, start, stop)
        return SQL(_SOLD, company=company.id, start=start, stop=stop, lines=lines)

    @api.model
    def _margin_sql(self, table):
        """Margin of a line as a share of its amount, or NULL.

        Of the order where Odoo knows costs (sale_margin), else as assumed of the
        category from a day on.
        """
        lines = self.env["sale.order.line"]
        assumed = SQL("assumed.middle / 100.0")
        if "purchase_price" not in lines._fields:
            return assumed
        known = {
            "line": SQL(
                """
                (SELECT 1 - sum(ordered.purchase_price * ordered.product_uom_qty)
                            / NULLIF(sum(ordered.price_subtotal), 0)
                   FROM sale_order_line_invoice_rel AS link
                   JOIN sale_order_line AS ordered ON ordered.id = link.order_line_id
                  WHERE link.invoice_line_id = line.id)
                """
            ),
            "ordered": SQL(
                "1 - ordered.purchase_price * ordered.product_uom_qty"
                " / NULLIF(ordered.price_subtotal, 0)"
            ),
        }
        return SQL("COALESCE(%s, %s)", known[table], assumed)

    @api.model
    def _get_tz(self, company):
        return company.partner_id.tz or self.env.user.tz or "UTC"

    @api.model
    def _find_changed_lines(self, company, start, stop=None):
        """Ids of lines of documents of whose customer, day and category something else
        is stored than they say now; of one month, unless ``stop`` differs."""
        stop = stop or Date.add(start, months=1)
        parameters = {"company": company.id, "start": start, "stop": stop}
        lines = self._lines_sql(company, start, stop)
        sold = self._sold_sql(company, start, stop)
        query = SQL(_CHANGED_LINES, **parameters, lines=lines, sold=sold)
        return [one for (one,) in self.env.execute_query(query)]

    @api.model
    def _check_documents(self, company, moved=()):
        """What is odd: how many documents, and ids of the first ones.

        :param moved: lines that were changed past their documents
        """
        is_order = company.kpi_bi_purchase_source == "orders"
        if moved:
            lines = self.env["sale.order.line" if is_order else "account.move.line"]
            lines = lines.browse(moved)
            ids = sorted((lines.order_id if is_order else lines.move_id).ids)
            moved = {"moved": {"count": len(ids), "ids": ids[:MOST_LISTED]}}
        if is_order:
            rows = self.env.execute_query(
                SQL(_ODD_ORDERS, company=company.id, tz=self._get_tz(company))
            )
        else:
            today = fields.Date.context_today(self)
            rows = self.env.execute_query(
                SQL(_ODD_INVOICES, company=company.id, today=today)
            )
        odd = {name: {"count": count, "ids": ids} for name, count, ids in rows}
        return {**odd, **dict(moved)}

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
            dict(zip(names, found, strict=True), margin=margin if is_known else None)
            for *found, margin, known, count in rows
            for is_known in [may_see and known == count]
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
        days = rows["day"].astype("datetime64[D]")
        return Purchases(
            *(rows["customer"].astype(int), days),
            *(rows[name].astype(float) for name in ("amount", "margin")),
        )


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
_ORDER_HASHES = """
    SELECT date_trunc('month', orders.date_order AT TIME ZONE 'UTC'
                      AT TIME ZONE %(tz)s)::date AS month,
           hash_record_extended(
               ROW(orders.id, orders.partner_id, orders.date_order, orders.currency_id,
                   orders.amount_untaxed), 0) AS hash
      FROM sale_order AS orders
     WHERE orders.company_id = %(company)s
       AND orders.state = 'sale'
"""
_IMPORT_HASHES = """
    SELECT date_trunc('month', line.day)::date AS month,
           hash_record_extended(
               ROW(line.id, line.customer_id, line.day, line.amount, line.quantity,
                   line.margin, line.category_key), 0) AS hash
      FROM kpi_bi_purchase_line AS line
     WHERE line.company_id = %(company)s
"""
# A credit note has a positive quantity and a positive balance: both count against.
_INVOICE_LINES = """
    SELECT line.id,
           move.commercial_partner_id AS partner_id,
           move.invoice_date AS day,
           COALESCE(template.categ_id, 0) AS category_id,
           -line.balance AS amount,
           CASE WHEN move.move_type = 'out_refund' THEN -line.quantity
                ELSE line.quantity END AS quantity,
           -line.balance * (%(margin)s)::numeric AS margin
      FROM account_move AS move
      JOIN account_move_line AS line ON line.move_id = move.id
 LEFT JOIN product_product AS product ON product.id = line.product_id
 LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
 LEFT JOIN LATERAL (
           SELECT benchmark.middle
             FROM kpi_bi_benchmark AS benchmark
            WHERE benchmark.measure = 'gross_margin'
              AND (benchmark.company_id = move.company_id
                   OR benchmark.company_id IS NULL)
              AND (benchmark.category_id = template.categ_id
                   OR benchmark.category_id IS NULL)
              AND benchmark.date_from <= move.invoice_date
         ORDER BY benchmark.category_id NULLS LAST, benchmark.company_id NULLS LAST,
                  benchmark.date_from DESC, benchmark.id DESC
            LIMIT 1
           ) AS assumed ON TRUE
     WHERE move.company_id = %(company)s
       AND move.state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund')
       AND move.invoice_date >= %(start)s
       AND move.invoice_date < %(stop)s
       AND line.display_type = 'product'
"""
# In the company's currency at the rate of the day; without one it is no amount.
_ORDER_LINES = """
    SELECT ordered.id,
           partner.commercial_partner_id AS partner_id,
           local.day,
           COALESCE(template.categ_id, 0) AS category_id,
           ordered.price_subtotal * priced.factor AS amount,
           ordered.product_uom_qty AS quantity,
           ordered.price_subtotal * priced.factor * (%(margin)s)::numeric AS margin
      FROM sale_order AS orders
CROSS JOIN LATERAL (
           SELECT (orders.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS
           day ) AS local
      JOIN sale_order_line AS ordered ON ordered.order_id = orders.id
      JOIN res_partner AS partner ON partner.id = orders.partner_id
      JOIN res_company AS company ON company.id = orders.company_id
 LEFT JOIN product_product AS product ON product.id = ordered.product_id
 LEFT JOIN product_template AS template ON template.id = product.product_tmpl_id
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
 LEFT JOIN LATERAL (
           SELECT benchmark.middle
             FROM kpi_bi_benchmark AS benchmark
            WHERE benchmark.measure = 'gross_margin'
              AND (benchmark.company_id = company.id OR benchmark.company_id IS NULL)
              AND (benchmark.category_id = template.categ_id
                   OR benchmark.category_id IS NULL)
              AND benchmark.date_from <= local.day
         ORDER BY benchmark.category_id NULLS LAST, benchmark.company_id NULLS LAST,
                  benchmark.date_from DESC, benchmark.id DESC
            LIMIT 1
           ) AS assumed ON TRUE
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
_COPIED = """
    SELECT customer_id, day - DATE '1970-01-01', sum(amount)::float8,
           CASE WHEN count(margin) = count(*) THEN sum(margin) ELSE 'NaN' END::float8
      FROM kpi_bi_purchase
     WHERE company_id = %(company)s
       AND day <= %(until)s
  GROUP BY customer_id, day
  ORDER BY customer_id, day
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
    SELECT line.id
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
_ODD_ORDERS = """
    SELECT 'unpriced', count(*), (array_agg(orders.id ORDER BY orders.id))[:100]
      FROM sale_order AS orders
      JOIN res_company AS company ON company.id = orders.company_id
     WHERE orders.company_id = %(company)s
       AND orders.state = 'sale'
       AND orders.currency_id != company.currency_id
       AND NOT EXISTS (
           SELECT FROM kpi_currency_rate AS rate
            WHERE rate.company_id = orders.company_id
              AND rate.currency_id = orders.currency_id
              AND rate.day = (orders.date_order AT TIME ZONE 'UTC'
                              AT TIME ZONE %(tz)s)::date)
HAVING count(*) > 0
"""
