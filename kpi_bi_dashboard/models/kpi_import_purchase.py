from typing import NamedTuple

from odoo import models
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.tabular import TargetOption
from odoo.addons.kpi_base.formatting import format_number
from odoo.addons.kpi_base.names import NameIndex, fold_name


class Repeated(NamedTuple):
    """An earlier file: its number of rows (``stored``), that of this file (``count``),
    and how many of these are equal."""

    file_name: str
    stored: int
    count: int
    equal: int
    is_named_so: bool


class RowKeys(NamedTuple):
    """How rows of a file are known in other files: by orders and their lines.

    :ivar has_orders: each row has an order number; otherwise only the file is known
    :ivar has_lines: each row has the number of its line
    """

    has_orders: bool
    has_lines: bool

    @property
    def columns(self):
        """Keys of the columns that each row has to fill."""
        given = (("order_ref", self.has_orders), ("line_ref", self.has_lines))
        return [key for key, is_given in given if is_given]

    @property
    def counts_lines(self):
        """Whether the lines of an order are known by their place in the file."""
        return self.has_orders and not self.has_lines


class KpiImportPurchase(models.AbstractModel):
    """Purchases of before Odoo, or of another shop: one per line.

    Where the file has order numbers, they are the key, in any file: an order that comes
    again replaces its lines. Without them only the file is known: one of the same
    name with other rows, or of another name with the same rows, is refused until it is
    chosen whether it replaces the earlier rows or adds to them.
    """

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
        "order_ref": "text",
        "line_ref": "text",
    }
    _staging_key = ("order_ref", "line_ref")

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
               staging.category_key, staging.amount, staging.quantity, staging.margin,
               %(file_name)s AS file_name, staging.order_ref,
               CASE WHEN %(has_lines)s THEN staging.line_ref
                    ELSE row_number() OVER (PARTITION BY staging.order_ref
                                            ORDER BY staging.number)::text
               END AS line_ref
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

    def _get_row_keys(self, job):
        """``RowKeys`` of the file."""
        keys = {*job.column_ids.mapped("key")}
        return RowKeys("order_ref" in keys, "line_ref" in keys)

    def _get_file_name(self, job):
        """The name by which rows of the file are known; that of rows which are added to
        earlier ones of the same name differs, also after an import that was cut off."""
        name = job.file_name or job.display_name
        is_added = job._get_options()["repeated"] == "add"
        return f"{name} #{job.id}" if is_added else name

    def _get_fixed(self, job):
        fixed = super()._get_fixed(job)
        if self._get_row_keys(job).has_orders:
            return fixed
        return {**fixed, "file_name": self._get_file_name(job)}

    def _get_key(self, job):
        if self._get_row_keys(job).has_orders:
            return ("order_ref", "line_ref")
        return super()._get_key(job)

    def _get_fresh(self, job):
        keys = self._get_row_keys(job)
        fresh = SQL(
            self._fresh,
            company=job.company_id.id,
            file_name=self._get_file_name(job),
            has_lines=keys.has_lines,
        )
        return fresh, ("file_name", "number") if keys.has_orders else ()

    def _get_statements(self, run):
        statements = [*super()._get_statements(run)]
        if run.repeated and run.options["repeated"] == "replace":
            self._delete_replaced(run)
        keys = self._get_row_keys(run.job)
        if keys.has_orders:
            statements.append(_MOVED_LINES)
        if keys.counts_lines:
            statements.append(_GONE_LINES)
        return statements

    def _action_open(self, job):
        domain = [("company_id", "=", job.company_id.id)]
        domain.append(("file_name", "=", self._get_file_name(job)))
        return open_list(self.env, f"kpi_bi_dashboard.{self._list}", domain)

    def _options(self, job):
        choices = [
            ("ask", self.env._("Ask")),
            ("replace", self.env._("Replace Earlier Rows")),
            ("add", self.env._("Add Rows")),
        ]
        label = self.env._("If Imported Before")
        return [
            TargetOption(
                "repeated",
                label,
                "choice",
                "ask",
                self.env._("For files without order numbers."),
                choices,
                is_remembered=False,
            )
        ]

    def _suggest_choices(self, run):
        repeated = getattr(run, "repeated", ())  # none where reading was given up
        if repeated and run.options["repeated"] == "ask":
            for choice in ("replace", "add"):
                yield "repeated", choice, repeated[0].count

    def _get_labels(self):
        customer = ("customer id", "customer_id", "client", "partner")
        return {
            "reference": (self.env._("Customer"), "text", *customer),
            "day": (self.env._("Day"), "moment", "date", "order date", "invoice date"),
            "amount": (self.env._("Amount"), "number", "revenue", "sales", "total"),
            "quantity": (self.env._("Quantity"), "number", "qty"),
            "margin": (self.env._("Margin"), "number", "profit"),
            "category": (self.env._("Product Category"), "text", "category"),
            "order_ref": (
                self.env._("Order Number"),
                "text",
                *("order id", "order no", "order", "invoice number", "invoice no"),
                *("document", "document number", "receipt number"),
            ),
            "line_ref": (self.env._("Order Line"), "text", "line", "line number"),
        }

    def _note(self):
        return self.env._(
            "One line per purchase, in company currency without taxes; refunds are "
            "negative. Orders that are imported again replace their lines. The "
            "contact's Reference identifies the customer."
        )

    def _build_staging_rows(self, run, entries):
        ids, rows = self._find_categories(run, entries), []
        labels, keys = self._get_labels(), self._get_row_keys(run.job)
        keyed = [(key, labels[key][0]) for key in keys.columns]
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
            for key, label in keyed:
                if not (values.get(key) or "").strip():
                    reason = self.env._("%s is missing.", label)
                    run.refuse(entry.number, reason, (key,))
            quantity = values.get("quantity")
            if quantity is None:  # what is given back is taken off
                quantity = -1 if values["amount"] < 0 else 1
            refs = [
                (values.get(key) or "").strip() for key in ("order_ref", "line_ref")
            ]
            rows.append(
                (
                    entry.number,
                    values["reference"].strip(),
                    values["day"].day,
                    ids.get(category, 0),
                    values["amount"],
                    quantity,
                    values.get("margin"),
                    refs[0],
                    refs[1] or f"row {entry.number}",
                )
            )
        return rows

    def _refuse_duplicates(self, run):
        """Refuse rows of one order line, parts of known orders, and known files."""
        result = super()._refuse_duplicates(run)
        run.repeated = []
        self._drop_refused(run)
        if run.refusals and self._get_row_keys(run.job).counts_lines:
            self._refuse_incomplete_orders(run)
        run.repeated = self._find_repeated(run)
        if run.repeated and run.options["repeated"] == "ask":
            reason = self._get_repeated_message(run.repeated[0])
            for (number,) in self.env.execute_query(SQL(_NUMBERS)):
                run.refuse(number, reason)
        return result

    def _refuse_incomplete_orders(self, run):
        """Which line of an order is the second one is not known where a row that cannot
        be read may be the first: what is known of the order stays."""
        found = self.env.execute_query(self._upsert_sql(_OTHER_LINES, run.job))
        for number, order in found:
            reason = self.env._(
                "Order %s was imported with other lines. Correct the other rows first.",
                order,
            )
            run.refuse(number, reason, ("order_ref",))

    def _find_repeated(self, run):
        """Files that were imported before and have rows of this one, as ``Repeated``:
        that of its name, if it has other rows; others where all rows of one of both are
        in the other. Orders are their own key: only rows without them are repeated.
        """
        has_orders = self._get_row_keys(run.job).has_orders
        name = run.job.file_name or run.job.display_name
        names = {"company": run.job.company_id.id, "name": name}
        if not has_orders:
            ((stored, count, equal),) = self.env.execute_query(SQL(_KNOWN, **names))
            if stored == count == equal:
                return []
            if stored:
                return [Repeated(name, stored, count, equal, True)]
        rows = self.env.execute_query(SQL(_SHARED, **names, has_orders=has_orders))
        return [Repeated(*row, False) for row in rows]

    def _get_repeated_message(self, repeated):
        counts = {
            key: format_number(self.env, getattr(repeated, key), 0)
            for key in ("stored", "count", "equal")
        }
        if repeated.is_named_so:
            return self.env._(
                "“%(file)s” was imported with other rows: %(stored)s then, %(count)s "
                "now, %(equal)s of them equal. Replace the earlier rows, add these, "
                "or cancel.",
                file=repeated.file_name,
                **counts,
            )
        return self.env._(
            "%(equal)s of %(count)s rows were imported with “%(file)s” (%(stored)s "
            "rows). Replace the earlier rows, add these, or cancel.",
            file=repeated.file_name,
            **counts,
        )

    def _delete_replaced(self, run):
        """Delete rows of earlier files that this one replaces; rows of it that are
        refused leave what was imported of them before."""
        own = run.repeated[0].is_named_so
        self.env.cr.execute(
            SQL(
                _REPLACED,
                company=run.job.company_id.id,
                files=[one.file_name for one in run.repeated],
                is_own=own,
                refused=[*run.refusals],
            )
        )

    def _build_created_text(self, run):
        """Name how many earlier rows go."""
        count = 0
        if run.repeated and run.options["repeated"] == "replace":
            count = sum(one.stored - one.equal for one in run.repeated)
        if self._get_row_keys(run.job).counts_lines:
            query = self._upsert_sql(_COUNTED_GONE_LINES, run.job)
            count += self.env.execute_query(query)[0][0]
        return count and self.env._("Earlier rows removed: %s", count) or ""

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


_NUMBERS = "SELECT number FROM kpi_import_staging ORDER BY number"
# How many rows of a file were imported by its name, how many there are now, and how
# many are as before.
_KNOWN = """
    SELECT count(stored.id), count(fresh.number),
           count(*) FILTER (
               WHERE (customer.reference, stored.day, stored.category_key,
                      stored.amount, stored.quantity, stored.margin)
                     IS NOT DISTINCT FROM
                     (fresh.reference, fresh.day, fresh.category_key,
                      fresh.amount, fresh.quantity, fresh.margin))
      FROM (SELECT * FROM kpi_bi_purchase_line
             WHERE company_id = %(company)s AND file_name = %(name)s) AS stored
 LEFT JOIN kpi_bi_customer AS customer ON customer.id = stored.customer_id
 FULL JOIN kpi_import_staging AS fresh ON fresh.number = stored.number
"""
# Equal rows are counted as often as both have them.
_SHARED = """
    WITH fresh AS (
        SELECT reference, day, category_key, amount, quantity,
               COALESCE(margin, 'NaN') AS margin,
               row_number() OVER (
                   PARTITION BY reference, day, category_key, amount, quantity, margin
               ) AS copy
          FROM kpi_import_staging
    ), stored AS (
        SELECT line.file_name, customer.reference, line.day, line.category_key,
               line.amount, line.quantity, COALESCE(line.margin, 'NaN') AS margin,
               row_number() OVER (
                   PARTITION BY line.file_name, customer.reference, line.day,
                                line.category_key, line.amount, line.quantity,
                                line.margin
               ) AS copy
          FROM kpi_bi_purchase_line AS line
          JOIN kpi_bi_customer AS customer ON customer.id = line.customer_id
         WHERE line.company_id = %(company)s
           AND CASE WHEN %(has_orders)s THEN line.order_ref IS NULL
                    ELSE line.file_name != %(name)s END
    ), counted AS (
        SELECT stored.file_name, count(*) AS stored,
               (SELECT count(*) FROM fresh) AS count, count(fresh.copy) AS equal
          FROM stored
     LEFT JOIN fresh USING (reference, day, category_key, amount, quantity, margin,
                            copy)
      GROUP BY stored.file_name
    )
    SELECT file_name, stored, count, equal
      FROM counted
     WHERE equal > 0 AND equal IN (stored, count)
  ORDER BY equal DESC, file_name
"""
_REPLACED = """
    DELETE FROM kpi_bi_purchase_line
     WHERE company_id = %(company)s
       AND file_name = ANY(%(files)s)
       AND (NOT %(is_own)s
            OR order_ref IS NOT NULL
            OR number NOT IN (SELECT number FROM kpi_import_staging)
               AND number != ALL(%(refused)s::int[]))
"""
_OTHER_LINES = """
    SELECT fresh.number, fresh.order_ref
      FROM (%(fresh)s) AS fresh
     WHERE fresh.order_ref IN (
           SELECT COALESCE(other.order_ref, stored.order_ref)
             FROM (SELECT * FROM kpi_bi_purchase_line
                    WHERE company_id = %(company)s
                      AND order_ref IN (SELECT order_ref FROM kpi_import_staging)
                  ) AS stored
        FULL JOIN (%(fresh)s) AS other
               ON other.order_ref = stored.order_ref
              AND other.line_ref = stored.line_ref
            WHERE COALESCE(other.order_ref, stored.order_ref) IN (
                  SELECT order_ref FROM kpi_bi_purchase_line
                   WHERE company_id = %(company)s)
              AND (other.customer_id, other.day, other.category_key, other.amount,
                   other.quantity, other.margin)
                  IS DISTINCT FROM
                  (stored.customer_id, stored.day, stored.category_key, stored.amount,
                   stored.quantity, stored.margin))
  ORDER BY fresh.number
"""
_MOVED_LINES = """
    UPDATE kpi_bi_purchase_line AS stored
       SET file_name = fresh.file_name, number = fresh.number
      FROM (%(fresh)s) AS fresh
     WHERE stored.company_id = %(company)s
       AND stored.order_ref = fresh.order_ref
       AND stored.line_ref = fresh.line_ref
"""
_GONE = """
      FROM kpi_bi_purchase_line AS stored
     WHERE stored.company_id = %(company)s
       AND stored.order_ref IN (SELECT order_ref FROM kpi_import_staging)
       AND NOT EXISTS (SELECT FROM (%(fresh)s) AS fresh
                        WHERE fresh.order_ref = stored.order_ref
                          AND fresh.line_ref = stored.line_ref)
"""
_GONE_LINES = f"DELETE {_GONE}"
_COUNTED_GONE_LINES = f"SELECT count(*) {_GONE}"
