from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, float_round, frozendict

from odoo.addons.kpi_base.actions import open_dialog, open_list
from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.engine.formatting import percent_text
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_day, reader_table

from ...engine import formula as formulas
from ...engine.cascade import parents_first
from ...engine.zones import THRESHOLD_FIELDS

CHANGED_FIELDS = ("value", "stretch", "range_low", "range_high", "annual_total")
ZONE_COUNTS = {"rag": 2, "five": 4}  # thresholds that are used
REQUIRED = {"number": "value", "kpi": "source_definition_id", "annual": "annual_total"}
RULES_ON_LAST_YEAR = ("previous_year", "annual")
GUARDED = (
    "report_id",
    "date_from",
    "rule",
    "value",
    "change_percent",
    "source_definition_id",
    "annual_total",
    "range_low",
    "range_high",
    "has_baseline",
    "baseline",
    "stretch",
    "zones",
    *THRESHOLD_FIELDS,
)
AMOUNTS = {*CHANGED_FIELDS, "baseline"}
# What a target of a number may say beside it for its approval to depend on that alone.
OF_A_NUMBER = {"report_id", "date_from", "rule", "value"}
RULE_FIELDS = {"rule", "change_percent", "source_definition_id", "report_id"}


class KpiTarget(models.Model):
    """Target of a KPI from a date on, until the next one starts."""

    _name = "kpi.target"
    _description = "KPI Target"
    _inherit = [
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.zones.mixin",
        "kpi.thread.mixin",
        "kpi.guarded.mixin",
        "kpi.unit.mixin",
    ]
    _order = "report_id, date_from desc"
    _rec_name = "date_from"
    _rec_names_search = ["report_id", "date_from"]
    _guarded_fields = frozendict(target_change=GUARDED)
    _proposal_subjects = ("kpi.report",)
    _hidden_in_proposals = frozenset({"report_id"})

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    definition_id = fields.Many2one(
        related="report_id.definition_id", store=True, index=True, string="Definition"
    )
    direction = fields.Selection(related="report_id.direction")
    date_from = fields.Date(
        "Valid From",
        required=True,
        tracking=True,
        default=lambda self: self._default_date_from(),
    )
    value = OptionalFloat("Target", tracking=True, aggregator=False)
    baseline = OptionalFloat(
        aggregator=False, tracking=True, help="Starting value of the KPI."
    )
    has_baseline = fields.Boolean("Measure from Baseline")
    stretch = OptionalFloat(
        aggregator=False, help="A value more ambitious than the target."
    )
    range_low = OptionalFloat("Lowest Good Value", tracking=True, aggregator=False)
    range_high = OptionalFloat("Highest Good Value", tracking=True, aggregator=False)
    note = fields.Char()
    rule_in_words = fields.Char("Target in Words", compute="_compute_rule_in_words")
    set_by_in_words = fields.Char("Rule", compute="_compute_rule_in_words")
    zones_in_words = fields.Char("Custom Zones", compute="_compute_zones_in_words")
    rule = fields.Selection(
        [
            ("number", "A Number"),
            ("previous_year", "Last Year's Value"),
            ("kpi", "Another KPI"),
            ("annual", "Yearly Total"),
        ],
        "Set By",
        required=True,
        default="number",
        tracking=True,
    )
    change_percent = fields.Float(
        "Change (%)",
        tracking=True,
        aggregator=False,
        help="Added to last year's value or the other KPI: 5 means 5% more, -5 "
        "means 5% less.",
    )
    source_definition_id = fields.Many2one(
        "kpi.definition",
        "Other KPI",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Its value for the same level and period is the target.",
    )
    annual_total = OptionalFloat(
        "Yearly Total",
        tracking=True,
        aggregator=False,
        help="Spread over the fiscal year like last year's values, or evenly if "
        "those are incomplete.",
    )
    can_cascade = fields.Boolean(compute="_compute_can_cascade")
    earlier_count = fields.Integer(
        "Earlier Periods",
        compute="_compute_earlier",
        exportable=False,
        help="Closed periods with a value that this target could evaluate.",
    )
    judges_earlier = fields.Boolean(
        "Also Evaluate Earlier Periods",
        compute="_compute_earlier",
        inverse="_inverse_judges_earlier",
        exportable=False,
        help="Applies the target from the first period with a value.",
    )

    _report_date_uniq = models.UniqueIndex(
        "(report_id, date_from)", "This KPI already has a target from this date."
    )

    @api.constrains("range_low", "range_high", "report_id")
    def _check_range(self):
        for target in self.filtered(lambda target: target.direction == "range"):
            low, high = target.range_low, target.range_high
            if low is False and high is False:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, from %(day)s: enter a lowest good value, a "
                        "highest one, or both.",
                        kpi=target.report_id.display_name,
                        day=format_day(self.env, target.date_from),
                    )
                )
            if low is not False and high is not False and low > high:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: the lowest good value %(low)s exceeds the "
                        "highest %(high)s.",
                        kpi=target.report_id.display_name,
                        low=low,
                        high=high,
                    )
                )

    @api.constrains("has_baseline", "baseline")
    def _check_baseline(self):
        for target in self:
            if target.has_baseline and target.baseline is False:
                raise ValidationError(
                    self.env._(
                        "%s, Baseline: enter a value or turn off “Measure From "
                        "Baseline”.",
                        target._get_record_label(),
                    )
                )

    @api.constrains("stretch", "value", "report_id")
    def _check_stretch(self):
        """More than is asked cannot be less than the target, where that is a number."""
        for target in self.filtered(lambda each: each.rule == "number"):
            value, stretch = target.value, target.stretch
            if value is False or stretch is False or target.direction == "range":
                continue
            if stretch < value if target.direction == "higher" else stretch > value:
                raise ValidationError(
                    self.env._(
                        "%(name)s: the stretch %(stretch)s is easier than the "
                        "target %(target)s. Enter a harder one.",
                        name=target.display_name,
                        stretch=target._format_number(stretch),
                        target=target._format_number(value),
                    )
                )

    @api.model
    def _default_date_from(self):
        """First day of this month; for the first target of a KPI of its period.

        What has closed before anybody set a target is judged where that is chosen.
        """
        today = fields.Date.context_today(self)
        # Whether there is a target is no secret to those who may set one.
        reports = self.env["kpi.report"].sudo()
        report = reports.browse(self.env.context.get("default_report_id"))
        if not report or report.target_ids:
            return today.replace(day=1)
        return report.definition_id.calendar_id._period(report.frequency, today).start

    @api.depends("report_id", "date_from")
    def _compute_earlier(self):
        """Count the closed periods with a value that a first target could judge."""
        # A form may name a KPI that its reader does not see.
        seen = self.report_id._origin._filtered_access("read")
        found = seen._find_earlier_values()
        for target in self:
            report = target.report_id._origin & seen
            count, first = found.get(report, (0, None))
            day, others = target.date_from, report.target_ids - target._origin
            has_earlier = any(other.date_from < day for other in others if day)
            target.earlier_count = 0 if has_earlier else count
            target.judges_earlier = bool(target.earlier_count and day and day <= first)

    def _inverse_judges_earlier(self):
        for target in self.filtered("judges_earlier"):
            _count, first = target.report_id._find_earlier_values().get(
                target.report_id, (0, target.date_from)
            )
            if target.date_from > first:
                target.date_from = first

    @api.onchange("judges_earlier")
    def _onchange_judges_earlier(self):
        """Ticked, the target begins with the first value; else with what runs now."""
        report = self.report_id._origin
        _count, first = report._find_earlier_values().get(report, (0, None))
        if not first:
            return
        calendar = report.definition_id.calendar_id
        if self.judges_earlier:
            self.date_from = min(first, self.date_from or first)
        elif self.date_from and self.date_from <= first:
            self.date_from = calendar._period(report.frequency, calendar._today()).start

    def _get_record_label(self):
        return self.report_id.display_name

    def _get_zones_label(self):
        return self._get_record_label()

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._mark_formulas_stale()
        targets._refresh_judgements(targets.report_id)
        self.env["kpi.event"]._emit("target.changed", targets)
        targets._drop_unfit_badges(targets._find_ruled())
        return targets

    def write(self, vals):
        if not self.env.su and any(
            target.report_id.id != vals.get("report_id", target.report_id.id)
            for target in self
        ):
            # Record rules look at the row before it is written, not at where it goes.
            raise AccessError(self.env._("Targets cannot move between KPIs."))
        reports, ruled = self.report_id, self._find_ruled()
        self._mark_formulas_stale()
        result = super().write(vals)
        self._mark_formulas_stale()
        self._refresh_judgements(reports | self.report_id)
        self.env["kpi.event"]._emit("target.changed", self)
        if not RULE_FIELDS.isdisjoint(vals):
            self._drop_unfit_badges(ruled | self._find_ruled())
        return result

    def unlink(self):
        reports, ruled = self.report_id, self._find_ruled()
        self._mark_formulas_stale()
        self.env["kpi.event"]._emit("target.changed", self)
        result = super().unlink()
        self._refresh_judgements(reports.exists())
        self._drop_unfit_badges(ruled)
        return result

    def _find_ruled(self):
        """The KPIs of those targets that a rule sets."""
        # Managers set targets of KPIs whose formulas they need not see.
        return self.sudo().filtered(lambda each: each.rule != "number").definition_id

    @api.model
    def _drop_unfit_badges(self, definitions):
        if definitions:
            definitions._claim_formulas()
            definitions._find_standing_on()._drop_unfit()

    @api.model
    def _refresh_judgements(self, reports):
        """Judge what is open by the targets that hold now."""
        # Who may set a target lets the engine judge by it.
        reports.sudo()._refresh_current()

    def _mark_formulas_stale(self):
        """Have formulas that name these targets evaluated from the first of them on."""
        if self:
            # Who may set a target need not be allowed to change the formulas.
            definitions = self.env["kpi.definition"].sudo()
            first = min(self.mapped("date_from"))
            definitions._mark_stale(self.report_id.ids, first, "target")

    def _copy_to_next_year(self, change_percent=0.0):
        """Copies from the same day of the next fiscal year on, where there is none yet.

        :param change_percent: added to the numbers, which are rounded to the decimals
            of the KPI then; rules follow what they name by themselves
        :return: the new targets, and proposals of those that need approval
        """
        taken = {
            (target.report_id, target.date_from)
            for target in self.search([("report_id", "in", self.report_id.ids)])
        }
        vals_list = []
        for target in self.sorted("date_from", reverse=True):
            later = target._a_year_later()
            if (target.report_id, later) in taken:
                continue
            taken.add((target.report_id, later))
            (vals,) = target.copy_data({"date_from": later})
            for name in CHANGED_FIELDS if change_percent else ():
                if isinstance(number := vals.get(name), float):
                    changed = number + abs(number) * change_percent / 100
                    digits = target.definition_id.decimals
                    vals[name] = float_round(changed, precision_digits=digits)
            vals_list.append(vals)
        reason = self.env._("Copied to the next year")
        return self._create_or_propose(vals_list, reason)

    def _a_year_later(self):
        """The day of the next fiscal year that is to it as the target's is to its."""
        self.ensure_one()
        calendar = self.definition_id.calendar_id
        frequency = self.definition_id.frequency
        return periods.a_year_later(calendar._spec(), frequency, self.date_from)

    @api.depends(
        "rule",
        "value",
        "change_percent",
        "source_definition_id",
        "annual_total",
        "range_low",
        "range_high",
        "report_id",
    )
    def _compute_rule_in_words(self):
        for target in self:
            words = target.report_id.name and target._rule_in_words()
            is_number = target.rule == "number" and target.direction != "range"
            target.rule_in_words = words
            target.set_by_in_words = self.env._("Fixed") if is_number else words

    def _rule_in_words(self):
        """As ``rule``, with its numbers in the KPI's unit; empty while unknown."""
        self.ensure_one()
        if self.rule == "annual":
            total = self._format_number(self.annual_total)
            return total and self.env._("%s per year, spread like last year", total)
        if self.rule == "kpi":
            return self._describe_change(self.source_definition_id.name or "")
        if self.rule == "previous_year":
            return self._describe_change(self.env._("Last year"))
        return self._number_in_words() if self.rule else ""

    def _number_in_words(self):
        if self.direction != "range":
            return self._format_number(self.value)
        low, high = map(self._format_number, (self.range_low, self.range_high))
        if low and high:
            return f"{low} – {high}"
        if high:
            return self.env._("up to %s", high)
        return low and self.env._("from %s", low)

    def _describe_change(self, of_what):
        percent = self.change_percent
        if not of_what or not percent:
            return of_what
        sign = "+" if percent > 0 else "\N{MINUS SIGN}"
        return f"{of_what} {sign} {self._format_percents(abs(percent))}"

    @api.model
    def _format_percents(self, *numbers):
        write = self.env["kpi.definition"]._format_entered
        text = " / ".join(write(number, 0) for number in numbers)
        return percent_text(reader_table(self.env), text)

    def _format_number(self, number):
        if number is False:
            return ""
        definition = self.report_id.definition_id
        if definition.unit == "currency":
            # an amount without cents, unless someone has set some
            entered = definition._format_entered(number, definition.decimals)
            return definition._join_unit(entered)
        return definition._format_value(number)

    @api.depends("zones", *THRESHOLD_FIELDS)
    def _compute_zones_in_words(self):
        for target in self:
            used = THRESHOLD_FIELDS[: ZONE_COUNTS.get(target.zones, 0)]
            numbers = [target[name] for name in used if target[name] is not False]
            target.zones_in_words = numbers and self._format_percents(*numbers)

    @api.depends("report_id", "date_from")
    def _compute_display_name(self):
        for target in self:
            target.display_name = target.report_id.name and self.env._(
                "%(kpi)s, from %(date)s",
                kpi=target.report_id.display_name,
                date=format_day(self.env, target.date_from),
            )

    @api.constrains("rule", "value", "source_definition_id", "annual_total")
    def _check_rule_is_complete(self):
        for target in self:
            is_range = target.rule == "number" and target.direction == "range"
            name = None if is_range else REQUIRED.get(target.rule)
            given = target[name] if name else True
            if given is False or (name == "source_definition_id" and not given):
                raise ValidationError(
                    self.env._(
                        "%(name)s: enter “%(field)s”.",
                        name=target.display_name,
                        field=self._fields[name]._description_string(self.env),
                    )
                )

    @api.model
    def _definitions_by_last_year(self):
        """KPIs with targets that last year's values set."""
        # The engine evaluates for everybody.
        groups = self.sudo()._read_group(
            [("rule", "in", RULES_ON_LAST_YEAR)], ["definition_id"]
        )
        return self.env["kpi.definition"].union(*(kpi for (kpi,) in groups))

    @api.model
    def _needs(self):
        """Targets set by a rule, each with the values that it needs."""
        # A cycle is one, whoever may see its KPIs.
        groups = self.sudo()._read_group(
            [("rule", "!=", "number")],
            ["definition_id", "rule", "source_definition_id"],
        )
        needs = {}
        for definition, rule, source in groups:
            needed = source if rule == "kpi" else definition
            needs.setdefault(f"{definition.id} target", set()).add(f"{needed.id}")
        return needs

    @api.constrains("rule", "source_definition_id", "report_id")
    def _check_rule(self):
        ruled = self.filtered(lambda target: target.rule != "number")
        if ruled:
            # What sets a target is part of what formulas stand on.
            self.env["kpi.definition"]._claim_formulas()
        for target in ruled:
            reason = target._get_rule_refusal()
            if reason:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, Set By: %(reason)s",
                        kpi=target.report_id.display_name,
                        reason=reason,
                    )
                )
        self.report_id.definition_id._check_target_cycles()

    def _get_rule_refusal(self):
        """Return why the rule cannot be applied to this KPI; empty if it can."""
        definition, source = self.report_id.definition_id, self.source_definition_id
        if self.direction == "range":
            return self.env._("enter the lowest and highest good values of the range.")
        if self.rule == "annual" and definition.aggregation_time != "sum":
            return self.env._("its values do not add up over the year. Use a number.")
        if self.rule != "kpi" or not source:
            return ""
        if source == definition:
            return self.env._("a KPI cannot be its own target. Use last year's value.")
        if source.company_id not in (self.env["res.company"], self.company_id):
            return self.env._("the other KPI belongs to another company.")
        return definition._grain_misfit(source) or ""

    def _get_proposal_subject(self, vals):
        reports = self.env["kpi.report"]
        return self.report_id or reports.browse(vals.get("report_id") or [])

    def _name_proposed(self, vals, subject):
        day = fields.Date.to_date(vals.get("date_from"))
        if not day:
            return subject.display_name
        return self.env._(
            "%(kpi)s, from %(date)s",
            kpi=subject.display_name,
            date=format_day(self.env, day),
        )

    def _find_replaced(self, vals):
        """The target that holds on the day from which a new one would."""
        day = fields.Date.to_date(vals.get("date_from"))
        if not day or not vals.get("report_id"):
            return self.browse()
        return self.search(
            Domain("report_id", "=", vals["report_id"])
            & Domain("date_from", "<=", day),
            order="date_from desc",
            limit=1,
        )

    def _get_proposal_amount(self, vals):
        """The target, where nothing else of it changes."""
        number = vals.get("value")
        others = self._get_guarded_names() & vals.keys() - OF_A_NUMBER
        if number in (None, False) or vals.get("rule", "number") != "number":
            return None
        if self and self.rule != "number":
            return None
        if any(self._is_other_value(name, vals[name]) for name in others):
            return None
        return number

    def _get_present_amount(self):
        is_number = self.rule == "number" and self.value is not False
        return self.value if is_number else None

    def _say_value(self, name, value):
        if name in AMOUNTS and value not in (None, False) and self.report_id:
            return self._format_number(value)
        if (name in THRESHOLD_FIELDS or name == "change_percent") and value:
            return self._format_percents(value)
        return super()._say_value(name, value)

    def action_propose_change(self):
        """Open the dialog in which another target is proposed."""
        self.ensure_one()
        return self.report_id._open_target_proposal(self)

    def _open_proposal_again(self, change):
        # What a proposal is about is no secret to who reads it.
        subject = change.sudo()._get_subject_record().with_env(self.env)
        target = self.exists() or self._find_replaced(change.vals or {})
        action = subject._open_target_proposal(target)
        action["context"]["default_change_id"] = change.id
        return action

    @api.depends("report_id.can_cascade")
    def _compute_can_cascade(self):
        for target in self:
            target.can_cascade = target.report_id.can_cascade

    def action_cascade(self):
        """Open the preview of this target split over the departments below."""
        self.ensure_one()
        self.check_access("write")
        if not self.report_id._find_tracked_below():
            raise UserError(
                self.env._(
                    "No department below %(scope)s tracks %(kpi)s. Track it there "
                    "first.",
                    scope=self.report_id.scope_name,
                    kpi=self.report_id.kpi_name,
                )
            )
        dialog, title = (
            self.env["kpi.target.cascade"],
            self.env._("Cascade to Departments"),
        )
        return open_dialog(dialog, title, default_target_id=self.id)


class KpiDefinition(models.Model):
    """Targets as part of what formulas stand on."""

    _inherit = "kpi.definition"

    @api.constrains("formula", "computation")
    def _check_target_cycles(self):
        """Refuse formulas and targets of these KPIs that need one another.

        A value needs what its formula names; a target set by a rule needs the other
        KPI, or the values of its own KPI a year earlier. What others need, as it was
        stored before, does not stand in the way.

        :raises ValidationError: naming the path
        """
        needs = self._needs()
        for need in (
            need for kpi in self for need in (f"{kpi.id}", f"{kpi.id} target")
        ):
            path = formulas.cycle_through(need, needs)
            if path:
                raise ValidationError(self._cycle_refusal(path))

    def _cycle_refusal(self, path):
        """Say in words which targets need one another: a path of ``_needs``."""
        steps = []
        for kpi_id, *is_target in map(str.split, path):
            # The names of what needs one another are what there is to change.
            name = self.sudo().browse(int(kpi_id)).name
            steps.append(self.env._("target of %s", name) if is_target else name)
        return self.env._(
            "Circular targets: %s. Set one as a number or change a formula.",
            " → ".join(steps),
        )

    def _refuse_cycles(self):
        """Say on formulas that need themselves that they do; return all others."""
        if not self or not formulas.cycles(self._links()):
            return self  # found ten times as fast
        cycles = formulas.cycles(self._needs())
        refused = self.filtered(lambda kpi: f"{kpi.id}" in cycles)
        for kpi in refused:
            kpi._set_computation_error(self._cycle_refusal(cycles[f"{kpi.id}"]))
        return self - refused

    @api.model
    def _links(self):
        """KPIs, each with those that its formula or its targets name; as ``_needs``.

        Coarser than that, as a KPI's targets and values are one: where there is no
        cycle among these, there is none.
        """
        self.flush_model(["component_ids"])
        self.env["kpi.target"].flush_model(["definition_id", "source_definition_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT definition_id::text, array_agg(needed_id::text)
                  FROM (SELECT definition_id, component_id AS needed_id
                          FROM kpi_definition_component_rel
                         UNION
                        SELECT definition_id, source_definition_id
                          FROM kpi_target
                         WHERE source_definition_id IS NOT NULL) AS link
              GROUP BY definition_id
                """
            )
        )
        return dict(rows)

    def _needs(self):
        """Values and targets, each with those that it needs."""
        # A cycle is one, whoever may see its KPIs.
        everything = self.sudo()
        kpis = everything.search([("computation", "=", "formula")])
        needs, ids = self.env["kpi.target"]._needs(), defaultdict(dict)
        archived_too = everything.with_context(active_test=False)
        for kpi in archived_too.search_fetch([], ["code", "company_id"]):
            ids[kpi.company_id.id][kpi.code] = kpi.id
        for kpi in kpis.filtered("formula"):
            try:
                formula = formulas.parse(kpi.formula)
            except formulas.FormulaError:
                continue  # refused, or about to be
            by_code = {**ids[False], **ids[kpi.company_id.id]}
            needs[f"{kpi.id}"] = {
                *(f"{by_code[code]}" for code in formula.codes if code in by_code),
                *(f"{by_code[c]} target" for c in formula.target_codes if c in by_code),
            }
        return needs

    def _target_sources(self):
        """KPIs whose values set targets of these."""
        targets = self.env["kpi.target"].search(
            [("definition_id", "in", self.ids), ("rule", "=", "kpi")]
        )
        return targets.source_definition_id


class KpiReport(models.Model):
    """Proposing targets from the form of a KPI."""

    _inherit = "kpi.report"

    has_guarded_targets = fields.Boolean(
        compute="_compute_has_guarded_targets", exportable=False
    )
    can_cascade = fields.Boolean(
        compute="_compute_can_cascade",
        exportable=False,
        help="Whether departments below have the same KPI.",
    )

    @api.depends("scope_type")
    def _compute_can_cascade(self):
        for report in self:
            own = report._origin
            report.can_cascade = bool(own and own._find_tracked_below())

    @api.depends_context("uid")
    def _compute_has_guarded_targets(self):
        targets = self.env["kpi.target"]
        for report in self:
            # Those of a new KPI are written together with it.
            report.has_guarded_targets = bool(report._origin) and (
                targets._filter_guarded("create", {"report_id": report._origin.id})
                is not None
            )

    def _find_earlier_values(self):
        """Of these KPIs those that have values in closed periods of their own.

        :return: dict report → number of these periods, first day of the first one
        """
        facts = self.env["kpi.measurement"]
        found = {}
        # What a KPI is made of is no secret to those who see it.
        of_calendar = self.sudo().grouped(
            lambda kpi: (kpi.definition_id.calendar_id, kpi.frequency)
        )
        for (calendar, grain), same in of_calendar.items():
            running = calendar._period(grain, calendar._today())
            rows = facts._read_group(
                Domain("report_id", "in", same.ids)
                & Domain("grain", "=", grain)
                & Domain("period_start", "<", running.start),
                ["report_id"],
                ["__count", "period_start:min"],
            )
            found |= {self.browse(kpi.id): closed for kpi, *closed in rows}
        return found

    def action_propose_target(self):
        """Open the dialog in which a target is proposed."""
        self.ensure_one()
        return self._open_target_proposal(self.target_ids.sorted("date_from")[-1:])

    def _open_target_proposal(self, target, **context):
        return open_dialog(
            self.env["kpi.target.proposal"],
            self.env._("Propose a Change"),
            default_report_id=self.id,
            default_target_id=target.id,
            **context,
        )

    def _withdraw_proposals(self):
        """Proposals about a KPI that goes are nobody's to decide."""
        # Whoever made them, and whoever may see them.
        changes = self.env["kpi.approval.change"].sudo()
        about = Domain("subject_model", "=", self._name)
        changes._withdraw(about & Domain("subject_id", "in", self.ids))

    def _find_tracked_below(self):
        """Dict report of a department below → nearest one above; parents first."""
        self.ensure_one()
        if self.scope_type not in ("company", "department"):
            return {}
        tracked = self.search(
            [
                ("definition_id", "=", self.definition_id.id),
                ("company_id", "=", self.company_id.id),
                ("scope_type", "=", "department"),
                ("id", "!=", self.id),
            ]
        )
        by_department = {each.department_id.id: each for each in tracked | self}
        found, top = {}, self if self.scope_type == "company" else self.browse()
        for report in tracked.sorted("scope_name"):
            # The path is that of the tree, whoever may see its departments.
            above = report.department_id.sudo()._get_branch_ids()[:-1]
            over = [by_department[step] for step in above if step in by_department]
            found[report] = over[-1] if over else top
        return parents_first(found, self)

    def _find_latest_target(self):
        targets = self.target_ids.sorted("date_from")
        if not targets:
            raise UserError(self.env._("%s has no target yet.", self.display_name))
        return targets[-1]

    def action_cascade_target(self):
        """Split the latest target over the departments below."""
        self.ensure_one()
        return self._find_latest_target().action_cascade()

    def action_copy_targets(self):
        """Copy the targets of the latest year to the next one."""
        latest = self._find_latest_target().date_from
        year = self.definition_id.calendar_id._period("year", latest)
        targets = self.target_ids.filtered(lambda one: one.date_from >= year.start)
        actions = self.env["ir.actions.act_window"]
        return {
            **actions._for_xml_id("kpi_tracking.kpi_target_copy_wizard_action"),
            "context": {"default_target_ids": targets.ids},
        }

    def action_open_judgements(self):
        """Open what closed periods were judged by."""
        self.ensure_one()
        domain = [("report_id", "=", self.id)]
        return open_list(self.env, "kpi_tracking.kpi_target_value_action", domain)
