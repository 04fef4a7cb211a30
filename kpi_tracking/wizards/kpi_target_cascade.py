from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_compare, float_is_zero, float_round

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.fields import OptionalFloat

from ..engine import cascade
from ..models.target.kpi_target import CHANGED_FIELDS


class KpiTargetCascade(models.TransientModel):
    """Split a target over the departments below, and show what that makes."""

    _name = "kpi.target.cascade"
    _description = "Target Cascade"
    _inherit = ["kpi.unit.mixin"]

    target_id = fields.Many2one("kpi.target", required=True, ondelete="cascade")
    weighting = fields.Selection(
        [
            ("equal", "Evenly"),
            ("last_year", "By Last Year's Values"),
            ("headcount", "By Headcount"),
            ("typed", "By Custom Percentages"),
        ],
        "Split",
        required=True,
        default="equal",
    )
    is_split = fields.Boolean(compute="_compute_is_split")
    remainder_in_words = fields.Text(
        string="Remainder in Words", compute="_compute_remainder_in_words"
    )
    problem = fields.Char(compute="_compute_problem")
    line_ids = fields.One2many("kpi.target.cascade.line", "cascade_id", "Lines")
    report_id = fields.Many2one(related="target_id.report_id", related_sudo=False)
    rule_in_words = fields.Char(related="target_id.rule_in_words", related_sudo=False)
    report_name = fields.Char(related="target_id.report_id.name", related_sudo=False)
    date_from = fields.Date(related="target_id.date_from", related_sudo=False)

    @api.constrains("target_id")
    def _check_target_writable(self):
        # As the person who asks: Odoo checks constraints as superuser.
        self.sudo(False).target_id.check_access("write")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        target = self.env["kpi.target"].browse(values.get("target_id"))
        if target and "line_ids" in fields:
            target.check_access("write")
            above = target.report_id._find_tracked_below()
            values["line_ids"] = [
                Command.create({"report_id": report.id, "parent_id": over.id})
                for report, over in above.items()
            ]
        return values

    @api.depends("target_id")
    def _compute_is_split(self):
        """Mark targets to be split: those that add up; ratios, averages are copied."""
        for wizard in self:
            target = wizard.target_id
            is_additive = target.definition_id.aggregation_scope == "sum"
            is_number = target.rule in ("number", "annual")
            wizard.is_split = is_additive and is_number

    @api.depends("line_ids.weight", "weighting", "is_split")
    def _compute_problem(self):
        """Say why the weights split nothing; empty where they do."""
        for wizard in self:
            try:
                wizard._cascade_amounts(0.0)
                wizard.problem = False
            except cascade.CascadeError as error:
                wizard.problem = wizard._problem_in_words(error.parent)

    def _problem_in_words(self, parent):
        report = self._list_nodes()[parent]
        below = self.line_ids.filtered(lambda line: line.parent_id == report)
        name = report.scope_name
        if any(line.weight < 0 for line in below):
            return self.env._("Weights below %s cannot be negative.", name)
        return self.env._(
            "All weights below %s are 0. Choose another split or enter percentages.",
            name,
        )

    @api.depends("line_ids.weight", "line_ids.takes_rest", "weighting", "is_split")
    def _compute_remainder_in_words(self):
        for wizard in self:
            rests = wizard._rests() if wizard.is_split and not wizard.problem else {}
            shown = [
                self.env._(
                    "%(rest)s of the target of %(department)s is unassigned.",
                    rest=wizard.target_id.definition_id._format_value(rest),
                    department=report.scope_name,
                )
                for report, rest in rests.items()
                if not float_is_zero(rest, precision_digits=wizard.decimals + 3)
            ]
            wizard.remainder_in_words = "\n".join(shown)

    def _rests(self):
        """KPI → what the departments below it do not get of its target."""
        names = [name for name in CHANGED_FIELDS if self.target_id[name] is not False]
        if not names:
            return {}
        rests = self._cascade_amounts(self.target_id[names[0]]).remainders
        nodes = self._list_nodes()
        return {nodes[index]: rest for index, rest in rests.items()}

    def _list_nodes(self):
        """KPIs by their number in a cascade; the one at the ``TOP``, -1, comes last."""
        return [*(line.report_id for line in self.line_ids), self.target_id.report_id]

    def _cascade_amounts(self, total):
        """``Cascade`` of a number over the lines; the number itself for ratios."""
        if not self.is_split:
            return cascade.Cascade([total] * len(self.line_ids))
        index_of = {line.report_id: index for index, line in enumerate(self.line_ids)}
        return cascade.cascade(
            total,
            [index_of.get(line.parent_id, cascade.TOP) for line in self.line_ids],
            self.line_ids.mapped("weight"),
            self.decimals,
            is_share=self.weighting == "typed",
            takes_rest=self.line_ids.mapped("takes_rest"),
        )

    def _weights_equal(self):
        return [1.0] * len(self.line_ids)

    def _weights_typed(self):
        """Even shares to begin with; what was entered stays."""
        siblings = Counter(line.parent_id for line in self.line_ids)
        return [
            float_round(100 / siblings[line.parent_id], precision_digits=2)
            for line in self.line_ids
        ]

    def _weights_last_year(self):
        reports = self.line_ids.report_id
        calendar = self.target_id.definition_id.calendar_id
        year = calendar._period("year", self.date_from)
        before = periods.previous(calendar._spec(), year)
        last_day = before.stop - timedelta(days=1)
        values = reports._values(reports[:1].frequency, before.start, last_day)
        return [sum(values[line.report_id].values()) for line in self.line_ids]

    def _weights_headcount(self):
        # How many work somewhere is no secret; who they are is not read.
        lines = self.line_ids.sudo()
        below = [("department_id", "child_of", lines.report_id.department_id.ids)]
        groups = lines.env["hr.employee"]._read_group(
            below, ["department_id"], ["__count"]
        )
        paths = lines.mapped(lambda line: line.report_id.department_id.parent_path)
        return [
            float(sum(n for of, n in groups if of.parent_path.startswith(path)))
            for path in paths
        ]

    def action_apply(self):
        """Set the targets of the departments and show them."""
        self.ensure_one()
        if self.problem:
            raise UserError(self.problem)
        rests = self._rests() if self.is_split else {}
        for report, rest in rests.items():
            given = self.target_id.definition_id._format_value(abs(rest))
            if float_compare(rest, 0, precision_digits=self.decimals + 3) < 0:
                raise UserError(
                    self.env._(
                        "The targets below %(department)s exceed its own target by "
                        "%(rest)s. Lower a percentage.",
                        department=report.scope_name,
                        rest=given,
                    )
                )
        targets, changes = self._set_targets()
        if changes:
            return changes._show(changes)
        domain = [("id", "in", targets.ids)]
        return open_list(self.env, "kpi_tracking.kpi_target_action", domain)

    def _set_targets(self):
        """Targets that were made or changed, and proposals of those to be approved."""
        existing = self.env["kpi.target"].search(
            [
                ("report_id", "in", self.line_ids.report_id.ids),
                ("date_from", "=", self.date_from),
            ]
        )
        by_report = existing.grouped("report_id")
        made, changes = [], self.env["kpi.approval.change"]
        reason = self.env._("Cascaded from %s", self.target_id.display_name)
        for line, vals in zip(self.line_ids, self._target_values(), strict=True):
            if line.report_id in by_report:
                target = by_report[line.report_id]
                changes |= target._write_or_propose(vals, reason)
            else:
                made.append({**vals, "report_id": line.report_id.id})
        targets, proposed = existing._create_or_propose(made, reason)
        return existing | targets, changes | proposed

    def _target_values(self):
        """Values of the target of each line."""
        (common,) = self.target_id.copy_data()
        common.pop("report_id")
        is_additive = self.target_id.definition_id.aggregation_scope == "sum"
        if is_additive:
            # The baseline of the total says nothing of those of its parts.
            common |= {"baseline": False, "has_baseline": False}
        if is_additive and not self.is_split:
            common["stretch"] = False
        values = [dict(common) for _line in self.line_ids]
        for name in CHANGED_FIELDS if self.is_split else ():
            if self.target_id[name] is not False:
                amounts = self._cascade_amounts(self.target_id[name]).amounts
                for vals, amount in zip(values, amounts, strict=True):
                    vals[name] = amount
        return values


class KpiTargetCascadeLine(models.TransientModel):
    """Target of one department."""

    _name = "kpi.target.cascade.line"
    _description = "Target Cascade Line"
    _order = "id"

    cascade_id = fields.Many2one(
        "kpi.target.cascade", required=True, ondelete="cascade"
    )
    report_id = fields.Many2one("kpi.report", "KPI", required=True, ondelete="cascade")
    parent_id = fields.Many2one("kpi.report", required=True, ondelete="cascade")
    department = fields.Char(compute="_compute_department")
    weight = fields.Float(
        compute="_compute_weight", store=True, readonly=False, digits=(16, 2)
    )
    takes_rest = fields.Boolean("Takes Remainder")
    amount = OptionalFloat("Target", compute="_compute_amount")
    amount_in_words = fields.Char("New Target", compute="_compute_amount")
    now = fields.Char("Current Target", compute="_compute_now")

    @api.depends("report_id", "parent_id")
    def _compute_department(self):
        for line in self:
            above = {
                each.report_id: each.parent_id for each in line.cascade_id.line_ids
            }
            depth, over = 0, line.parent_id
            while over in above:
                depth, over = depth + 1, above[over]
            name = line.report_id.department_id.name or ""
            line.department = "\N{EM SPACE}" * depth + name

    @api.depends("cascade_id.weighting")
    def _compute_weight(self):
        self.filtered(lambda line: not line.cascade_id).weight = 0
        for wizard in self.cascade_id:
            weights = getattr(wizard, f"_weights_{wizard.weighting}")
            for line, weight in zip(wizard.line_ids, weights(), strict=True):
                line.weight = weight

    @api.depends(
        "cascade_id.weighting",
        "cascade_id.line_ids.weight",
        "cascade_id.line_ids.takes_rest",
    )
    def _compute_amount(self):
        alone = self.filtered(lambda line: not line.cascade_id)
        alone.amount = alone.amount_in_words = False
        for wizard in self.cascade_id:
            values = [{}] * len(wizard.line_ids)
            if not wizard.problem:
                values = wizard._target_values()
            for line, vals in zip(wizard.line_ids, values, strict=True):
                name = "annual_total" if vals.get("rule") == "annual" else "value"
                line.amount = vals.get(name, False)
                preview = vals and self.env["kpi.target"].new(
                    {**vals, "report_id": line.report_id.id}
                )
                line.amount_in_words = preview and preview.rule_in_words or "–"

    @api.depends("report_id", "cascade_id.target_id")
    def _compute_now(self):
        for line in self:
            day = line.cascade_id.target_id.date_from
            held = line.report_id.target_ids.filtered(
                lambda target, day=day: day and target.date_from <= day
            )
            line.now = held.sorted("date_from")[-1:].rule_in_words or "–"
