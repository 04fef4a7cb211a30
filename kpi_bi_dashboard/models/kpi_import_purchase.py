from odoo import models

from odoo.addons.kpi_base.names import NameIndex, fold_name


class KpiImportPurchase(models.AbstractModel):
    """Purchases of before Odoo, or of another shop: one per line."""

    _name = "kpi.import.purchase"
    _description = "Purchase Import"
    _inherit = ["kpi.import.bi"]

    _staging = {
        "reference": "text",
        "day": "date",
        "category_key": "integer",
        "amount": "numeric",
        "quantity": "float8",
        "margin": "numeric",
    }
    _staging_key = ("number",)

    _stored_model = "kpi.bi.purchase.line"
    _list = "kpi_bi_purchase_line_action"
    _required = ("reference", "day", "amount")
    _money = frozenset({"amount", "margin"})
    _upsert_key = ("number",)
    _upsert_values = (
        "customer_id", "day", "category_key", "amount", "quantity", "margin"
    )  # fmt: skip
    _fresh = """
        SELECT staging.number, customer.id AS customer_id, staging.day,
               staging.category_key, staging.amount, staging.quantity, staging.margin
          FROM kpi_import_staging AS staging
     LEFT JOIN kpi_bi_customer AS customer
            ON customer.company_id = %(company)s
           AND customer.reference = staging.reference
    """
    # Who has the reference alone: what they bought before Odoo is theirs.
    _statements = (
        """
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
        """,
        """
    INSERT INTO kpi_bi_customer (company_id, reference)
    SELECT DISTINCT %(company)s, reference
      FROM kpi_import_staging
  ORDER BY reference
        ON CONFLICT DO NOTHING
        """,
    )

    def _get_fixed(self, job):
        return {
            **super()._get_fixed(job),
            "file_name": job.file_name or job.display_name,
        }

    def _get_labels(self):
        customer = ("customer id", "customer_id", "client", "partner")
        return {
            "reference": (self.env._("Customer"), "text", *customer),
            "day": (self.env._("Day"), "moment", "date", "order date", "invoice date"),
            "amount": (self.env._("Amount"), "number", "revenue", "sales", "total"),
            "quantity": (self.env._("Quantity"), "number", "qty"),
            "margin": (self.env._("Margin"), "number", "profit"),
            "category": (self.env._("Product Category"), "text", "category"),
        }

    def _note(self):
        return self.env._(
            "One line per purchase, in company currency without taxes; refunds are "
            "negative. Reimporting a file updates its lines. The contact's "
            "Reference identifies the customer."
        )

    def _build_staging_rows(self, run, entries):
        ids, rows = self._find_categories(run, entries), []
        for entry in self._list_complete(run, entries):
            values = entry.values
            category = values.get("category")
            if values["day"].grain != "day":
                run.refuse(
                    entry.number, self.env._("Enter the day of the purchase."), ("day",)
                )
            if category and category not in ids:
                reason = self.env._("Product category “%s” not found.", category)
                run.refuse_unknown(entry.number, reason, "category", category)
            quantity = values.get("quantity")
            row = entry.number, values["reference"].strip(), values["day"].day
            row += ids.get(category, 0), values["amount"]
            rows.append(
                (*row, 1 if quantity is None else quantity, values.get("margin"))
            )
        return rows

    def _make_names(self, job, key):
        if key != "category":
            return None
        names = ("complete_name", "name")
        return NameIndex(self.env["product.category"], names, names[0]), bool

    def _find_categories(self, run, entries):
        """Name → id of the category; of several, of that whose full name it is."""
        categories, found = self.env["product.category"], {}
        for text, ids in self._find_named_ids(run, entries, "category").items():
            same = categories.browse(ids)
            whole = (
                one.id
                for one in same
                if fold_name(one.complete_name) == fold_name(text)
            )
            found[text] = next(whole, same.ids[0])
        return found
