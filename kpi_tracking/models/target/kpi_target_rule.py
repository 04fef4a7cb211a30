from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from odoo.addons.kpi_base.fields import OptionalFloat

from ...engine import formula as formulas

RULES_ON_LAST_YEAR = ("previous_year", "annual")


class KpiTarget(models.Model):
    """A target that follows from something else, by a rule."""

    _inherit = "kpi.target"

    rule = fields.Selection(
        [
            ("number", "A number"),
            ("previous_year", "Last year's value"),
            ("kpi", "Another KPI, such as a budget"),
            ("annual", "A yearly total, spread like last year"),
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
        help="Added to last year's value or to the other KPI: 5 means 5 % more, -5"
        " means 5 % less.",
    )
    source_definition_id = fields.Many2one(
        "kpi.definition",
        "Other KPI",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Its value for the same company, department, team or person and the same"
        " period is the target.",
    )
    annual_total = OptionalFloat(
        "Yearly Total",
        tracking=True,
        aggregator=False,
        help="Spread over the periods of the fiscal year like last year's "
        "values, or evenly if those are incomplete.",
    )

    @api.constrains("rule", "value", "source_definition_id", "annual_total")
    def _check_rule_is_complete(self):
        for target in self:
            name = target._get_required_field()
            given = target[name] if name else True
            if given is False or (name == "source_definition_id" and not given):
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, from %(day)s: enter “%(field)s”.",
                        kpi=target.report_id.display_name,
                        day=format_date(self.env, target.date_from),
                        field=self._fields[name]._description_string(self.env),
                    )
                )

    def _get_required_field(self):
        """The field without which the rule says nothing; None where there is none."""
        if self.rule == "number" and self.direction == "range":
            return None
        return {
            "number": "value",
            "kpi": "source_definition_id",
            "annual": "annual_total",
        }.get(self.rule)

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
            return self.env._(
                "a range has two ends. Enter the lowest and the highest good value."
            )
        if self.rule == "annual" and definition.aggregation_time != "sum":
            return self.env._(
                "its values do not add up over the year, so that a total cannot be"
                " spread. Use a number."
            )
        if self.rule != "kpi" or not source:
            return ""
        if source == definition:
            return self.env._("a KPI cannot be its own target. Use last year's value.")
        if source.company_id not in (self.env["res.company"], self.company_id):
            return self.env._("the other KPI belongs to another company.")
        return definition._grain_misfit(source) or ""


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
        """Say which targets need one another, in words, and what to do.

        :param path: keys of ``_needs``, the first one again at the end
        """
        return self.env._(
            "These targets depend on each other: %s. Set one of them as a "
            "number, or change one of the formulas.",
            " → ".join(map(self._need_in_words, path)),
        )

    def _refuse_cycles(self):
        """Say on those of these formulas that need themselves that they do.

        None is stored any more; one that was leaves all others alone.

        :return: the formulas that can be evaluated
        """
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
        kpis = self.sudo().search([("computation", "=", "formula")])
        needs = self.env["kpi.target"]._needs()
        ids = self._ids_by_company_and_code()
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

    @api.model
    def _ids_by_company_and_code(self):
        """Company id (False: shared) → code → id of all KPIs, archived ones too."""
        # As above.
        everything = self.sudo().with_context(active_test=False)
        ids = defaultdict(dict)
        for kpi in everything.search_fetch([], ["code", "company_id"]):
            ids[kpi.company_id.id][kpi.code] = kpi.id
        return ids

    def _need_in_words(self, need):
        kpi_id, *is_target = need.split()
        # The names of what needs one another are what there is to change.
        name = self.sudo().browse(int(kpi_id)).name
        return self.env._("target of %s", name) if is_target else name

    def _target_sources(self):
        """KPIs whose values set targets of these."""
        targets = self.env["kpi.target"].search(
            [("definition_id", "in", self.ids), ("rule", "=", "kpi")]
        )
        return targets.source_definition_id
