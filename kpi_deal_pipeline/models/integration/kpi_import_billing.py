import json
from operator import itemgetter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, groupby, split_every

from odoo.addons.kpi_base.engine.tabular import TargetColumn

PART = 200  # deals whose billings are written at once
LARGEST = 1e12
TYPE_WORDS = {
    **dict.fromkeys(("bill", "out_invoice", "customer invoice"), "invoice"),
    **dict.fromkeys(("paid", "receipt", "customer payment"), "payment"),
    **dict.fromkeys(
        ("credit", "credit note", "customer credit note", "out_refund"), "refund"
    ),
}


class KpiImportBilling(models.AbstractModel):
    """Invoices, payments and refunds of deals, identified by deal, type and number."""

    _name = "kpi.import.billing"
    _description = "Billing Import"
    _inherit = ["kpi.import.target"]

    _staging = {
        "deal_id": "integer",
        "billing_type": "text",
        "reference": "text",
        "payload": "text",
    }
    _staging_key = ("deal_id", "billing_type", "reference")

    @api.model
    def _columns(self):
        return [
            TargetColumn(
                "deal",
                self.env._("Deal"),
                is_required=True,
                aliases=("deal reference", "deal id", "opportunity id", "uuid"),
            ),
            TargetColumn(
                "reference",
                self.env._("Document number"),
                is_required=True,
                aliases=("number", "document", "invoice number", "reference"),
            ),
            TargetColumn(
                "date",
                self.env._("Date"),
                "moment",
                is_required=True,
                aliases=("invoice date", "payment date", "day"),
            ),
            TargetColumn(
                "amount_untaxed",
                self.env._("Untaxed amount"),
                "number",
                is_required=True,
                aliases=("amount", "untaxed", "net amount"),
            ),
            TargetColumn(
                "billing_type",
                self.env._("Type"),
                "choice",
                aliases=("document type", "move type"),
                choices=self._choices("kpi.deal.billing", "billing_type") | TYPE_WORDS,
            ),
            TargetColumn("margin", self.env._("Margin"), "number"),
            TargetColumn("currency", self.env._("Currency")),
            TargetColumn("product", self.env._("Product")),
        ]

    @api.model
    def _missing(self, job, keys):
        self.env["kpi.deal.billing"].check_access("create")
        return super()._missing(job, keys)

    @api.model
    def _build_staging_rows(self, run, entries):
        self.env["kpi.deal.billing"].check_access("create")
        deals = self._deals(run.job, entries)
        rows = []
        for entry in entries:
            try:
                deal, values = self._row_values(entry.values, deals)
            except UserError as error:
                run.refuse(entry.number, str(error))
                continue
            kind, reference = values["billing_type"], values["reference"]
            rows.append((entry.number, deal.id, kind, reference, json.dumps(values)))
        return rows

    @api.model
    def _name_records(self, run, entries):
        deals = self._deals(run.job, entries)
        staged = {row[0] for row in self._build_staging_rows(run, entries)}
        return [
            deals[entry.values["deal"]].title if entry.number in staged else None
            for entry in entries
        ]

    @api.model
    def _deals(self, job, entries):
        """Reference or UUID → deal of the company that the user may change."""
        texts = list({entry.values.get("deal") for entry in entries} - {None})
        deals = (
            self.env["kpi.deal"]
            .with_context(active_test=False)
            .search(
                Domain("company_id", "=", job.company_id.id)
                & Domain("is_editable_by_me", "=", True)
                & (Domain("external_ref", "in", texts) | Domain("uuid", "in", texts))
            )
        )
        return {text: deal for deal in deals for text in (deal.uuid, deal.external_ref)}

    @api.model
    def _row_values(self, given, deals):
        """The deal of a row, and the values of its billing.

        :raises UserError: what makes no billing
        """
        for column in self._columns():
            if column.is_required and column.key not in given:
                raise UserError(self.env._("“%s” is empty in this row.", column.label))
        deal = deals.get(given["deal"])
        if not deal:
            raise UserError(self.env._("Deal “%s”: not found.", given["deal"]))
        if given.get("currency", deal.currency_id.name) != deal.currency_id.name:
            raise UserError(
                self.env._(
                    "The deal is in %(own)s: an amount in %(given)s cannot be added.",
                    own=deal.currency_id.name,
                    given=given["currency"],
                )
            )
        amount = given["amount_untaxed"]
        kind = given.get("billing_type") or ("refund" if amount < 0 else "invoice")
        values = {
            "billing_type": kind,
            "reference": given["reference"],
            "date": str(given["date"].day),
            # Exports of accounts have refunds below 0.
            "amount_untaxed": abs(amount) if kind == "refund" else amount,
            "margin": given.get("margin", 0.0),
            "product": given.get("product", False),
        }
        self._check_values(values)
        return deal, values

    @api.model
    def _check_values(self, values):
        """Refuse what the billing itself would refuse, before anything is written."""
        amount, margin = values["amount_untaxed"], values["margin"]
        if not 0 < amount < LARGEST:
            raise UserError(
                self.env._(
                    "The amount %s must be above 0 and below 10¹². For money "
                    "returned to customers, use the type Refund.",
                    amount,
                )
            )
        if not 0 <= margin <= amount:
            raise UserError(
                self.env._("The margin %s must be between 0 and the amount.", margin)
            )

    @api.model
    def _read_staged_deals(self):
        """Rows ``(number, key, values)`` of each deal: what came in goes first."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT number, deal_id, billing_type, reference, payload
                  FROM %s
              ORDER BY deal_id, billing_type = 'refund', number
                """,
                SQL.identifier(self._staging_table),
            )
        )
        for _deal_id, some in groupby(rows, itemgetter(1)):
            yield [
                (number, tuple(key), json.loads(text)) for number, *key, text in some
            ]

    @api.model
    def _refuse_unwritable(self, run):
        for part in split_every(PART, list(self._read_staged_deals())):
            for rows, _reason in self._find_refused(part, self._write_deals):
                accepted = []
                for row in rows:
                    reason = self._refusal([[*accepted, row]], self._write_deals)
                    if reason:
                        run.refuse(row[0], reason)
                    else:
                        accepted.append(row)

    @api.model
    def _counts(self, run):
        rows = [row for some in self._read_staged_deals() for row in some]
        new, changed = self._differences(rows)
        return len(new), len(changed), len(rows) - len(new) - len(changed)

    @api.model
    def _store(self, run):
        for part in split_every(PART, list(self._read_staged_deals())):
            self._write_deals(part)
            yield

    @api.model
    def _write_deals(self, deals):
        new, changed = self._differences([row for rows in deals for row in rows])
        for billing, values in changed:
            billing.write(values)
        self.env["kpi.deal.billing"].create(new)

    @api.model
    def _differences(self, rows):
        """Values of those that are new; (billing, values) of those that change."""
        known = self._find_existing_billings({key[0] for _number, key, _values in rows})
        new, changed = [], []
        for _number, key, values in rows:
            billing = known.get(key)
            if not billing:
                new.append({**values, "deal_id": key[0]})
            elif differing := _differing(billing, values):
                changed.append((billing, differing))
        return new, changed

    @api.model
    def _find_existing_billings(self, deal_ids):
        """Key → the billing entered for it."""
        billings = self.env["kpi.deal.billing"].search(
            [("deal_id", "in", list(deal_ids)), ("reference", "!=", False)]
        )
        return {
            (billing.deal_id.id, billing.billing_type, billing.reference): billing
            for billing in billings
        }

    @api.model
    def _find_imported_ids(self, run):
        staged = {row[1] for rows in self._read_staged_deals() for row in rows}
        known = self._find_existing_billings({key[0] for key in staged})
        return sorted(known[key].id for key in staged & known.keys())

    @api.model
    def _action_open(self, job):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "kpi_deal_pipeline.kpi_deal_billing_action"
            ),
            "display_name": self.env._("Imported Billings"),
            "domain": [("id", "in", job.imported_ids or [])],
        }


def _differing(billing, values):
    """Find the ``values`` that differ from the billing's; amounts to the cent."""
    found = {}
    for name, value in values.items():
        stored = billing._fields[name].convert_to_write(billing[name], billing)
        if name in ("amount_untaxed", "margin"):
            is_equal = not float_compare(stored, value, precision_digits=2)
        else:
            is_equal = (str(stored) if name == "date" else stored) == value
        if not is_equal:
            found[name] = value
    return found
