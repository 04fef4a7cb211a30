from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.tabular import TargetColumn

PART = 20_000  # lines written at once


class KpiImportOptions(models.AbstractModel):
    """Purchases come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[("kpi.import.purchase", "Purchases")],
        ondelete={"kpi.import.purchase": "cascade"},
    )


class KpiImportPurchase(models.AbstractModel):
    """Purchases of before Odoo, or of another shop: one per line."""

    _name = "kpi.import.purchase"
    _description = "Purchase Import"
    _inherit = ["kpi.import.target"]

    _staging = {
        "reference": "text",
        "day": "date",
        "category_key": "integer",
        "amount": "numeric",
        "quantity": "float8",
        "margin": "numeric",
    }
    _staging_key = ("number",)

    @api.model
    def _columns(self):
        return [
            TargetColumn(
                "reference",
                self.env._("Customer"),
                is_required=True,
                aliases=("customer id", "customer_id", "client", "partner"),
            ),
            TargetColumn(
                "day",
                self.env._("Day"),
                "moment",
                is_required=True,
                aliases=("date", "order date", "invoice date"),
            ),
            TargetColumn(
                "amount",
                self.env._("Amount"),
                "number",
                is_required=True,
                aliases=("revenue", "sales", "total"),
            ),
            TargetColumn(
                "quantity", self.env._("Quantity"), "number", aliases=("qty",)
            ),
            TargetColumn("margin", self.env._("Margin"), "number", aliases=("profit",)),
            TargetColumn(
                "category", self.env._("Product Category"), aliases=("category",)
            ),
        ]

    @api.model
    def _note(self):
        return self.env._(
            "One line per purchase, amounts in the company's currency without taxes."
            " The same file again changes its lines; refunds are negative amounts."
            " A customer named by the Reference of a contact is that contact."
        )

    @api.model
    def _check_may_import(self):
        self.env["kpi.bi.purchase.line"].check_access("unlink")

    @api.model
    def _missing(self, job, keys):
        self._check_may_import()
        return super()._missing(job, keys)

    @api.model
    def _build_staging_rows(self, run, entries):
        self._check_may_import()
        categories = self._find_categories(entries)
        rows = []
        for entry in entries:
            values = entry.values
            moment, amount = values.get("day"), values.get("amount")
            category = (values.get("category") or "").strip()
            if not values.get("reference") or amount is None:
                run.refuse(entry.number, self.env._("Customer or amount is missing."))
            elif not moment or moment.grain != "day":
                run.refuse(entry.number, self.env._("A purchase needs a day."))
            elif category and not categories.get(category.casefold()):
                run.refuse(
                    entry.number,
                    self.env._("Product category “%s”: not found.", category),
                )
            else:
                quantity = values.get("quantity")
                rows.append(
                    (
                        entry.number,
                        values["reference"].strip(),
                        moment.day,
                        categories.get(category.casefold(), 0),
                        amount,
                        1 if quantity is None else quantity,
                        values.get("margin"),
                    )
                )
        return rows

    @api.model
    def _find_categories(self, entries):
        """Name, or full name, in lower case → id of the categories that rows name."""
        names = {(one.values.get("category") or "").strip() for one in entries} - {""}
        if not names:
            return {}
        known = self.env["product.category"].search(Domain.TRUE)
        found = {}
        for category in known:
            found.setdefault(category.name.casefold(), category.id)
            found[category.complete_name.casefold()] = category.id
        return found

    @api.model
    def _counts(self, run):
        (counts,) = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FILTER (WHERE line.id IS NULL),
                       count(*) FILTER (WHERE line.id IS NOT NULL AND NOT same.is_same),
                       count(*) FILTER (WHERE same.is_same)
                  FROM kpi_import_staging AS staging
             LEFT JOIN kpi_bi_purchase_line AS line
                    ON line.company_id = %(company)s
                   AND line.file_name = %(file)s
                   AND line.number = staging.number
             LEFT JOIN kpi_bi_customer AS customer ON customer.id = line.customer_id
     CROSS JOIN LATERAL (
                        SELECT (staging.reference, staging.day, staging.category_key,
                                staging.amount, staging.quantity)
                               IS NOT DISTINCT FROM
                               (customer.reference::text, line.day, line.category_key,
                                line.amount, line.quantity)
                               AND staging.margin IS NOT DISTINCT FROM line.margin
                               AS is_same
                       ) AS same
                """,
                **self._get_file(run),
            )
        )
        return counts

    @api.model
    def _get_file(self, run):
        job = run.job
        return {"company": job.company_id.id, "file": job.file_name or job.display_name}

    @api.model
    def _store(self, run):
        """Customers by their references, then the lines; analyses follow."""
        self._check_may_import()
        names = self._get_file(run)
        for statement in (_PARTNERS, _CUSTOMERS):
            self.env.cr.execute(SQL(statement, **names))
        yield 0
        numbers = [row[0] for row in self.env.execute_query(SQL(_NUMBERS))]
        for place in range(0, len(numbers), PART):
            part = numbers[place : place + PART]
            self.env.cr.execute(SQL(_LINES, **names, first=part[0], last=part[-1]))
            yield len(part)
        for name in ("kpi.bi.customer", "kpi.bi.purchase.line"):
            self.env[name].invalidate_model()
        # Who imports does not run jobs; that purchases are counted follows from it.
        self.env["kpi.job"].sudo()._enqueue_bi(run.job.company_id)

    @api.model
    def _action_open(self, job):
        action = "kpi_bi_dashboard.kpi_bi_purchase_line_action"
        domain = [("file_name", "=", job.file_name)]
        return open_list(self.env, action, domain)


_NUMBERS = "SELECT number FROM kpi_import_staging ORDER BY number"
# Who has the reference alone: what they bought before Odoo is theirs.
_PARTNERS = """
    INSERT INTO kpi_bi_customer (company_id, partner_key, reference)
    SELECT %(company)s, min(partner.id), partner.ref
      FROM res_partner AS partner
     WHERE partner.ref IN (SELECT reference FROM kpi_import_staging)
       AND partner.ref NOT IN (
           SELECT reference FROM kpi_bi_customer
            WHERE company_id = %(company)s AND reference IS NOT NULL)
       AND partner.commercial_partner_id = partner.id
       AND (partner.company_id = %(company)s OR partner.company_id IS NULL)
  GROUP BY partner.ref
    HAVING count(*) = 1
  ORDER BY partner.ref
        ON CONFLICT (company_id, partner_key) WHERE partner_key IS NOT NULL
        DO UPDATE SET reference = excluded.reference
"""
_CUSTOMERS = """
    INSERT INTO kpi_bi_customer (company_id, reference)
    SELECT DISTINCT %(company)s, staging.reference
      FROM kpi_import_staging AS staging
  ORDER BY staging.reference
        ON CONFLICT DO NOTHING
"""
_LINES = """
    INSERT INTO kpi_bi_purchase_line AS line
           (company_id, file_name, number, customer_id, day, category_key, amount,
            quantity, margin)
    SELECT %(company)s, %(file)s, staging.number, customer.id, staging.day,
           staging.category_key, staging.amount, staging.quantity, staging.margin
      FROM kpi_import_staging AS staging
      JOIN kpi_bi_customer AS customer
        ON customer.company_id = %(company)s
       AND customer.reference = staging.reference
     WHERE staging.number BETWEEN %(first)s AND %(last)s
  ORDER BY staging.number
        ON CONFLICT (company_id, file_name, number) DO UPDATE
       SET customer_id = EXCLUDED.customer_id, day = EXCLUDED.day,
           category_key = EXCLUDED.category_key, amount = EXCLUDED.amount,
           quantity = EXCLUDED.quantity, margin = EXCLUDED.margin
"""
