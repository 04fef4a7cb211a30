import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import split_every

from odoo.addons.kpi_base.engine.counts import list_counts
from odoo.addons.kpi_base.engine.tabular import TargetOption
from odoo.addons.kpi_base.names import NameIndex
from odoo.addons.kpi_base.row_reasons import RefusedRow, RowReasons

from ... import roles
from ..deal.kpi_deal_stage import CLOSED_STAGES

PART = 500  # deals written at once
LARGEST = 1e12
DAYS = ("opened_at", "actual_close_date", "expected_close_date")
PLAIN = ("title", "asset_type", "deal_type", "lead_source", "estimated_value_amount")
ALIASES = {
    "external_ref": ("opportunity id", "deal id", "id"),
    "title": ("deal", "name"),
    "agent": ("sales agent", "salesperson", "owner"),
    "team": ("team",),
    "partner": ("account", "customer", "company"),
    "pipeline_stage": ("deal stage",),
    "opened_at": ("engage date", "created", "created on"),
    "actual_close_date": ("close date", "closed"),
    "estimated_value_amount": ("close value", "value", "amount"),
    "lead_source": ("source",),
}
REQUIRED = ("external_ref", "agent", "pipeline_stage")
STAGE_WORDS = {
    **dict.fromkeys(("new", "lead", "prospecting", "prospect"), "lead_captured"),
    **dict.fromkeys(("qualified", "engaging"), "qualification"),
    **dict.fromkeys(("analysis", "discovery"), "needs_analysis"),
    **dict.fromkeys(("proposition", "offer", "quote"), "proposal"),
    **dict.fromkeys(("won", "closed won"), "closed_won"),
    **dict.fromkeys(("lost", "closed lost"), "closed_lost"),
}
# Model, fields that are names, and the one by which a record is chosen.
NAMES_OF = {
    "agent": ("res.users", ("login", "email", "name"), "login"),
    "partner": ("res.partner", ("name", "ref"), "name"),
    "team": ("crm.team", ("name",), "name"),
    "currency": ("res.currency", ("name",), "name"),
    "lost_reason": ("crm.lost.reason", ("name",), "name"),
}


class KpiImportDeal(models.AbstractModel):
    """Deals, one per row, identified by the reference that the file gives them."""

    _name = "kpi.import.deal"
    _description = "Deal Import"
    _inherit = ["kpi.import.staged"]

    _staging = {"external_ref": "text", "payload": "text"}
    _staging_key = ("external_ref",)
    _amounts = frozenset({"estimated_value_amount"})
    _percents = frozenset({"confidence"})

    @api.model
    def _columns(self):
        labels = {
            "external_ref": self.env._("Reference"),
            "title": self.env._("Title"),
            "agent": self.env._("Agent"),
            "team": self.env._("Sales team"),
            "partner": self.env._("Counterparty"),
            "pipeline_stage": self.env._("Stage"),
            "opened_at": self.env._("Opened on"),
            "actual_close_date": self.env._("Closed on"),
            "expected_close_date": self.env._("Expected close"),
            "estimated_value_amount": self.env._("Estimated value"),
            "currency": self.env._("Currency"),
            "confidence": self.env._("Confidence (%)"),
            "asset_type": self.env._("Asset type"),
            "deal_type": self.env._("Deal type"),
            "lead_source": self.env._("Lead source"),
            "lost_reason": self.env._("Lost reason"),
            "product": self.env._("Product (stored as metadata)"),
        }
        kinds = {
            **dict.fromkeys(DAYS, "moment"),
            "estimated_value_amount": "number",
            "confidence": "number",
            "pipeline_stage": self._choices("kpi.deal", "pipeline_stage") | STAGE_WORDS,
            "asset_type": self._choices("kpi.deal", "asset_type"),
            "deal_type": self._choices("kpi.deal", "deal_type"),
        }
        return self._build_columns(labels, REQUIRED, kinds, ALIASES)

    @api.model
    def _options(self, job):
        return [
            TargetOption(
                "creates_partners",
                self.env._("Create Missing Counterparties"),
                default=False,
                help=self.env._("Otherwise, unknown counterparties are rejected."),
            ),
            TargetOption(
                "creates_agents",
                self.env._("Create Missing Agents"),
                default=False,
                help=self.env._(
                    "Creates unknown agents as portal users without a login. "
                    "Otherwise, their rows are rejected."
                ),
            ),
        ]

    @api.model
    def _choices(self, model, name):
        """Keys with spaces are understood, too."""
        found = super()._choices(model, name)
        return {text.replace("_", " "): key for text, key in found.items()} | found

    @api.model
    def _check_may_import(self):
        if not self.env.su and not self.env.user.has_group(roles.ADMIN):
            raise AccessError(self.env._("Only deal administrators can import deals."))

    @api.model
    def _find_references(self, run, entries):
        found = {kind: self._find_named_ids(run, entries, kind) for kind in NAMES_OF}
        not_known = self.env.ref("kpi_deal_pipeline.crm_lost_reason_not_known")
        references = {entry.values.get("external_ref") for entry in entries} - {None}
        found["deals"] = self._find_existing(run.job, [(one,) for one in references])
        found["required"] = self.env["kpi.deal.stage"]._get_required_field_names()
        found["defaults"] = self._get_defaults(run.job.company_id)
        found["not_known"] = not_known.id
        return found

    @api.model
    def _get_defaults(self, company):
        """What a new deal of the company has where its row says nothing."""
        deals = self.env["kpi.deal"].with_company(company)
        names = [name for name, field in deals._fields.items() if field.store]
        return deals.default_get(names) | {"company_id": company.id}

    @api.model
    def _make_names(self, job, key):
        if key not in NAMES_OF:
            return None
        model, names, own = NAMES_OF[key]
        company = job.company_id
        is_usable = {
            "agent": lambda user: company in user.company_ids,
            "currency": bool,
            "lost_reason": bool,
        }.get(key, lambda one: one.company_id <= company)
        # Counterparties are too many to read the names of all.
        is_large = key == "partner"
        return NameIndex(self.env[model], names, own, is_large=is_large), is_usable

    @api.model
    def _prepare_row(self, run, given, found):
        """The reference and values of a deal; names where records are to be made."""
        reasons = RowReasons()
        if "external_ref" not in given:
            reasons.add(self.env._("The row has no reference."), "external_ref")
        if "pipeline_stage" not in given:
            reasons.add(self.env._("The row has no stage."), "pipeline_stage")
        reasons.check()
        deal = found["deals"].get((given["external_ref"],), self.env["kpi.deal"])
        values = {name: given[name] for name in PLAIN if name in given}
        values["title"] = values.get("title") or " · ".join(
            filter(None, (given.get("partner"), given["external_ref"]))
        )
        values["pipeline_stage"] = given["pipeline_stage"]
        values |= self._choose_all(run, given, found, reasons)
        if not values.get("currency_id", True):
            own = deal.currency_id or run.job.company_id.currency_id
            values["currency_id"] = own.id
        if "confidence" in given:
            values["confidence"] = given["confidence"] / 100
        if "product" in given:
            values["metadata"] = {"product": given["product"]}
        for name in DAYS:
            if name in given:
                values[name] = str(given[name].day)
        if values["pipeline_stage"] == "closed_lost":
            with reasons.noting("lost_reason"):
                reason = self._one(found, "lost_reason", given)
                values["lost_reason_id"] = reason or found["not_known"]
        self._check_values(values, given, reasons)
        reasons.check()
        self._check_deal(values, deal, found)
        return given["external_ref"], values

    @api.model
    def _choose_all(self, run, given, found, reasons):
        """Ids of the records that a row names, by field, as of ``_one``."""
        values = {}
        for kind in ("agent", "partner", "team", "currency"):
            is_created = run.options.get(f"creates_{kind}s", False)
            with reasons.noting(kind):
                values[f"{kind}_id"] = self._one(found, kind, given, is_created)
        return values

    @api.model
    def _one(self, found, kind, given, is_created=False):
        """As ``_choose_named``; False where the row names none."""
        text = given.get(kind)
        ids = found[kind].get(text, ())
        return bool(text) and self._choose_named(ids, kind, text, is_created)

    @api.model
    def _check_values(self, values, given, reasons):
        """Note what the deal itself would refuse, before anything is written."""
        amount = values.get("estimated_value_amount", 0)
        if not 0 <= amount < LARGEST:
            why = self.env._(
                "The value %s must be 0 or more and below 1,000,000,000,000.", amount
            )
            reasons.add(why, "estimated_value_amount")
        if values.get("currency_id"):
            currency = self.env["res.currency"].browse(values["currency_id"])
            with reasons.noting("estimated_value_amount", "currency"):
                self._check_currency(amount, currency)
        if not 0 <= values.get("confidence", 0) <= 1:
            why = self.env._("The confidence must be between 0 and 100%.")
            reasons.add(why, "confidence")
        if "agent" not in given:
            reasons.add(self.env._("The row has no agent."), "agent")
        self._check_days(values, reasons)

    @api.model
    def _check_days(self, values, reasons):
        closed = values.get("actual_close_date")
        opened = values.get("opened_at")
        today = str(fields.Date.context_today(self))
        is_closed = values["pipeline_stage"] in CLOSED_STAGES
        if closed and not is_closed:
            why = self.env._("The deal is open but has the closing date %s.", closed)
            reasons.add(why, "actual_close_date")
        if is_closed and not closed:
            why = self.env._("The deal is closed. Enter the closing date.")
            reasons.add(why, "actual_close_date")
        if closed and opened and closed < opened:
            why = self.env._(
                "Closing date %(closed)s is before opening date %(opened)s.",
                closed=closed,
                opened=opened,
            )
            reasons.add(why, "actual_close_date", "opened_at")
        late = [
            name
            for name in ("opened_at", "actual_close_date")
            if values.get(name, "") > today
        ]
        if late:
            reasons.add(self.env._("The row contains a date in the future."), *late)

    @api.model
    def _check_deal(self, values, deal, found):
        """Refuse what the deal would refuse as it is now; of a new one, too.

        Each of a thousand rows is asked by itself: nothing is written for that.
        """
        differing = self._find_differing(deal, values) if deal else values
        if deal:
            self._check_change(deal, differing)
        else:
            closed, opened = values.get("actual_close_date"), values.get("opened_at")
            if closed and not opened and closed < str(fields.Date.context_today(self)):
                why = self.env._(
                    "The deal was closed on %s: the row needs an opening date. "
                    "Choose the “Opened on” column.",
                    closed,
                )
                raise RefusedRow([(why, ("actual_close_date", "opened_at"))])
        stage = values["pipeline_stage"]
        missing = [
            name
            for name in found["required"].get(stage, ())
            if not differing.get(name, deal[name])
        ]
        if missing and not deal:
            # What a row does not fill gets a default, or is computed from the rest.
            draft = deal.new({**found["defaults"], **values})
            missing = [name for name in missing if not draft[name]]
        if missing and "pipeline_stage" in differing:
            deal._refuse_incomplete(deal.title or values["title"], stage, missing)

    @api.model
    def _check_change(self, deal, values):
        deal, is_corrected = self._prepare_change(deal, values)
        if not is_corrected:
            deal._check_fixed(values)
            deal._check_final(values)
            deal._moves(values)

    @api.model
    def _list_tried(self, run):
        return self._read_staged()

    @api.model
    def _write_tried(self, run, items):
        return self._write_deals(run.job, items, {})

    @api.model
    def _find_existing(self, job, keys):
        deals = self.env["kpi.deal"].with_context(active_test=False)
        found = deals.search(
            [
                ("company_id", "=", job.company_id.id),
                ("external_ref", "in", [reference for (reference,) in keys]),
            ]
        )
        return {(deal.external_ref,): deal for deal in found}

    @api.model
    def _name_staged(self, run, staged):
        known = self._find_existing(run.job, [(each[1],) for each in staged])
        names = {}
        for number, reference, payload in staged:
            deal = known.get((reference,))
            names[number] = (
                f"{deal.title} ({reference})"
                if deal
                else self.env._("New: %s", json.loads(payload)["title"])
            )
        return names

    @api.model
    def _find_differing(self, deal, values):
        """Find the ``values`` that differ from the deal's; when it was opened stays.

        The day of closing goes with a move to another stage, also where it is the same.
        """
        differing = {}
        for name in values.keys() - {"opened_at", "title"}:
            stored = deal._fields[name].convert_to_write(deal[name], deal)
            if name.endswith("_date"):
                stored = fields.Date.to_string(stored)
            if stored != values[name]:
                differing[name] = values[name]
        if "pipeline_stage" in differing and "actual_close_date" in values:
            differing["actual_close_date"] = values["actual_close_date"]
        return differing

    @api.model
    def _build_created_text(self, run):
        names = self._missing_names(self._read_staged())
        agents, partners = len(names["agent_id"]), len(names["partner_id"])
        return list_counts(
            (agents, self.env._("1 agent"), self.env._("%s agents")),
            (partners, self.env._("1 counterparty"), self.env._("%s counterparties")),
        )

    @api.model
    def _missing_names(self, entries):
        names = {"agent_id": set(), "partner_id": set()}
        for _number, _key, values in entries:
            for key, texts in names.items():
                if isinstance(values[key], str):
                    texts.add(values[key])
        return names

    @api.model
    def _store(self, run):
        made = {}
        for part in split_every(PART, self._read_staged()):
            self._write_deals(run.job, part, made)
            yield len(part)

    @api.model
    def _make_missing(self, job, entries, made):
        """Create the counterparties and agents of ``entries`` that are not yet made.

        :param made: (field, name) → id of those that are; they are added
        """
        names = self._missing_names(entries)
        partners = self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "company_id": job.company_id.id,
                    "is_company": is_company,
                }
                for key, is_company in (("partner_id", True), ("agent_id", False))
                for name in sorted(names[key])
                if (key, name) not in made
            ]
        )
        agents = partners.filtered(lambda partner: not partner.is_company)
        agents.with_company(job.company_id).action_make_deal_agent()
        made |= {("partner_id", p.name): p.id for p in partners - agents}
        # Who may make agents may name them in deals.
        made |= {("agent_id", p.name): p.sudo().user_ids.id for p in agents}

    @api.model
    def _write_deals(self, job, entries, made):
        """Write deals with what they need; ``made`` as of ``_make_missing``.

        :return: deal → the number of its row
        """
        self._make_missing(job, entries, made)
        now = fields.Datetime.now()
        rows = []
        for number, key, given in entries:
            values = dict(given)
            for name in ("agent_id", "partner_id"):
                values[name] = made.get((name, values[name]), values[name])
            rows.append((number, key, values))
        new, changed = self._compare(job, rows)
        for deal, values in changed:
            self._change_deal(deal, values)
        for (reference,), values in new:
            if "opened_at" in values:
                day = fields.Date.to_date(values["opened_at"])
                values["opened_at"] = self.env["kpi.deal"]._at_noon(day, now)
            values |= {"external_ref": reference, "company_id": job.company_id.id}
        deals = self.env["kpi.deal"].create([values for _key, values in new])
        numbers = {key: {number} for number, key, _values in rows}
        deals = deals.union(*(deal for deal, _values in changed))
        return {deal: numbers[(deal.external_ref,)] for deal in deals}

    @api.model
    def _change_deal(self, deal, values):
        """Write what differs; a deal may have been closed before it was opened again.

        Both are noticed only now: it is closed, and its day corrected.
        """
        deal, is_corrected = self._prepare_change(deal, values)
        if is_corrected:
            day = fields.Date.to_date(values["actual_close_date"])
            deal.write({**values, "actual_close_date": deal.actual_close_date})
            deal._correct_closing(day, self.env._("Imported from a file"))
        else:
            deal.write(values)

    @api.model
    def _prepare_change(self, deal, values):
        """The deal with the reason of its change; whether its closing is corrected."""
        if deal.status != "open":
            deal = deal.with_context(move_note=self.env._("Imported from a file"))
        day = fields.Date.to_date(values.get("actual_close_date"))
        is_earlier = day and day < deal._local_day(deal.stage_since)
        if not is_earlier or "pipeline_stage" not in values:
            return deal, False
        stages = deal.stage_event_ids.mapped("to_stage")
        return deal, not {*CLOSED_STAGES}.isdisjoint(stages)

    @api.model
    def _action_open(self, job):
        action, name = "kpi_deal_pipeline.kpi_deal_action", self.env._("Imported Deals")
        context = {"active_test": False}
        return self._open_imported(job, action, name, context=context)


class KpiImportOptions(models.AbstractModel):
    """Deals, their billings and benchmarks come from files, too."""

    _inherit = "kpi.import.options"

    target_model = fields.Selection(
        selection_add=[
            ("kpi.import.deal", "Deals"),
            ("kpi.import.billing", "Deal Billings"),
            ("kpi.import.benchmark", "Performance Benchmarks"),
        ],
        ondelete={
            "kpi.import.deal": "cascade",
            "kpi.import.billing": "cascade",
            "kpi.import.benchmark": "cascade",
        },
    )
