from collections import Counter

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import groupby, split_every

from odoo.addons.kpi_base.engine.money import exact, exact_sum
from odoo.addons.kpi_base.row_reasons import RowReasons

PART = 200  # deals whose billings are written at once
LARGEST = 1e12
ALIASES = {
    "deal": ("deal reference", "deal id", "opportunity id", "uuid"),
    "reference": ("number", "document", "invoice number", "reference"),
    "date": ("invoice date", "payment date", "day"),
    "amount_untaxed": ("amount", "untaxed", "net amount"),
    "billing_type": ("document type", "move type"),
}
REQUIRED = ("deal", "reference", "date", "amount_untaxed")
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
    _inherit = ["kpi.import.staged"]
    _tried_at_once = PART

    _imported_model = "kpi.deal.billing"
    _staging = {
        "deal_id": "integer",
        "billing_type": "text",
        "reference": "text",
        "payload": "text",
    }
    _staging_key = ("deal_id", "billing_type", "reference")
    _key_columns = ("deal", "billing_type", "reference")
    _amounts = frozenset({"amount_untaxed", "margin"})

    @api.model
    def _columns(self):
        types = self._choices("kpi.deal.billing", "billing_type") | TYPE_WORDS
        labels = {
            "deal": self.env._("Deal"),
            "reference": self.env._("Document number"),
            "date": self.env._("Date"),
            "amount_untaxed": self.env._("Untaxed amount"),
            "billing_type": self.env._("Type"),
            "margin": self.env._("Margin"),
            "currency": self.env._("Currency"),
            "product": self.env._("Product"),
        }
        kinds = {
            "date": "moment",
            "amount_untaxed": "number",
            "billing_type": types,
            "margin": "number",
        }
        return self._build_columns(labels, REQUIRED, kinds, ALIASES)

    @api.model
    def _name_staged(self, run, staged):
        deals = self.env["kpi.deal"]
        return {row[0]: deals.browse(row[1]).title for row in staged}

    @api.model
    def _find_references(self, run, entries):
        """Reference or UUID → deal of the company that the user may change."""
        texts = list({entry.values.get("deal") for entry in entries} - {None})
        deals = self.env["kpi.deal"].with_context(active_test=False)
        found = deals.search(
            Domain("company_id", "=", run.job.company_id.id)
            & Domain("is_editable_by_me", "=", True)
            & (Domain("external_ref", "in", texts) | Domain("uuid", "in", texts))
        )
        return {text: deal for deal in found for text in (deal.uuid, deal.external_ref)}

    @api.model
    def _prepare_row(self, run, given, deals):
        reasons = RowReasons()
        for column in self._columns():
            if column.is_required and column.key not in given:
                why = self.env._("“%s” is empty in this row.", column.label)
                reasons.add(why, column.key)
        deal = deals.get(given.get("deal"), self.env["kpi.deal"])
        if not deal and "deal" in given:
            reasons.add(self.env._("Deal “%s”: not found.", given["deal"]), "deal")
        if deal:
            self._check_currencies(given, deal.currency_id, reasons)
        reasons.check()
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
        self._check_values(values, reasons)
        reasons.check()
        return deal.id, kind, given["reference"], values

    @api.model
    def _check_currencies(self, given, own, reasons):
        """Refuse a row, or amounts in it, in another currency than the deal's own."""
        if given.get("currency", own.name) != own.name:
            why = self.env._(
                "The deal's currency is %(own)s, not %(given)s.",
                own=own.name,
                given=given["currency"],
            )
            reasons.add(why, "currency")
        for key in ("amount_untaxed", "margin"):
            with reasons.noting(key):
                self._check_currency(given.get(key, 0), own)

    @api.model
    def _check_values(self, values, reasons):
        """Refuse what the billing itself would refuse, before anything is written."""
        amount, margin = values["amount_untaxed"], values["margin"]
        if not 0 < amount < LARGEST:
            why = self.env._(
                "The amount %s must be above 0 and below 1,000,000,000,000. For "
                "refunds, choose “Refund”.",
                amount,
            )
            reasons.add(why, "amount_untaxed")
        elif not 0 <= margin <= amount:
            why = self.env._("The margin %s must be between 0 and the amount.", margin)
            reasons.add(why, "margin")

    @api.model
    def _read_staged_deals(self):
        """Staged rows of each deal: what came in goes first."""
        rows = sorted(self._read_staged(), key=lambda row: row[1][1] == "refund")
        return [some for _deal_id, some in groupby(rows, lambda row: row[1][0])]

    @api.model
    def _list_tried(self, run):
        deals = self._read_staged_deals()
        return [(min(number for number, *_rest in rows), rows) for rows in deals]

    @api.model
    def _refuse_unwritable(self, run, after=0):
        """What sums and commissions refuse is known without a trial."""
        self._refuse_counted(run)
        self._refuse_excess(run)
        self._drop_refused(run)
        yield from super()._refuse_unwritable(run, after)

    @api.model
    def _refuse_counted(self, run):
        rows = self._read_staged()
        numbers = {key: number for number, key, _values in rows}
        _new, changed = self._compare(run.job, rows)
        billings = self.env["kpi.deal.billing"].union(*(one for one, _ in changed))
        for billing in billings._find_counted():
            number = numbers[self._get_key(billing)]
            run.refuse(number, billing._get_counted_message())

    @api.model
    def _refuse_excess(self, run):
        """Of rows by which refunds exceed what came in, those that do not fit to the
        rows before them."""
        deals = [
            [row for row in some if row[0] not in run.refusals]
            for some in self._read_staged_deals()
        ]
        deals = list(filter(None, deals))
        known = self._find_existing(run.job, [row[1] for some in deals for row in some])
        records = self.env["kpi.deal"].browse([some[0][1][0] for some in deals])
        billings = self.env["kpi.deal.billing"]
        for deal, some in zip(records, deals, strict=True):
            total = Counter(deal._sum_billings_by_type())
            added = [
                (
                    number,
                    key[1],
                    exact(values["amount_untaxed"])
                    - exact_sum(
                        known.get(key, billings)._in_force().mapped("amount_untaxed")
                    ),
                )
                for number, key, values in some
            ]
            final = Counter(total)
            for _number, kind, amount in added:
                final[kind] += amount
            if not billings._find_excess(deal, final):
                continue
            for number, kind, amount in added:
                total[kind] += amount
                if reason := billings._find_excess(deal, total):
                    run.refuse(number, reason)
                    total[kind] -= amount

    @api.model
    def _write_tried(self, run, items):
        self._write_deals(run.job, [rows for _number, rows in items])

    @api.model
    def _refuse_tried(self, run, item, reason):
        """Refuse those rows of a deal that do not fit to its rows before them."""
        accepted = []
        for row in item[1]:
            reason = self._refusal(
                [*accepted, row], lambda rows: self._write_deals(run.job, [rows])
            )
            if reason:
                run.refuse(row[0], reason)
            else:
                accepted.append(row)

    @api.model
    def _store(self, run):
        for part in split_every(PART, self._read_staged_deals()):
            self._write_deals(run.job, part)
            yield sum(map(len, part))

    @api.model
    def _write_deals(self, job, deals):
        new, changed = self._compare(job, [row for rows in deals for row in rows])
        for billing, values in changed:
            billing.write(values)
        self.env["kpi.deal.billing"].create(
            [{**values, "deal_id": key[0]} for key, values in new]
        )

    @api.model
    def _find_existing(self, job, keys):
        billings = self.env["kpi.deal.billing"].search(
            [("deal_id", "in", [key[0] for key in keys]), ("reference", "!=", False)]
        )
        return {self._get_key(billing): billing for billing in billings}

    @api.model
    def _get_key(self, billing):
        return billing.deal_id.id, billing.billing_type, billing.reference

    @api.model
    def _action_open(self, job):
        action = "kpi_deal_pipeline.kpi_deal_billing_action"
        return self._open_imported(job, action, self.env._("Imported Billings"))
