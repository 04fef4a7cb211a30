import numpy as np

from odoo import api, fields, models

from odoo.addons.kpi_base.actions import open_form

from ...engine.series import as_json_numbers
from ...engine.target_suggestions import suggest_targets

PAST_PERIODS = 12  # closed ones, which targets are suggested by
COMING_PERIODS = 3
MIN_ELAPSED = 0.1  # of a running period; less of it says nothing
PERCENT = 100.0
DIRECTIONS = [("higher", "Higher"), ("lower", "Lower")]


class KpiTarget(models.Model):
    """A first target is set in a dialog that shows what it would mean."""

    _inherit = "kpi.target"

    better_when = fields.Selection(
        DIRECTIONS,
        compute="_compute_better_when",
        inverse="_inverse_better_when",
        exportable=False,
    )
    can_choose_direction = fields.Boolean(
        compute="_compute_better_when", exportable=False
    )
    setting = fields.Json(compute="_compute_setting", exportable=False)

    @api.depends("report_id.direction")
    @api.depends_context("uid")
    def _compute_better_when(self):
        """Offer the choice to KPI officers, while no period is rated by it."""
        directions = dict(DIRECTIONS)
        for target in self:
            definition = target.report_id._origin.definition_id
            own = target.direction if target.direction in directions else False
            target.better_when = own
            target.can_choose_direction = (
                own
                and definition.has_access("write")
                # Whether there is a target, never which.
                and not self.sudo().search_count(
                    [("definition_id", "=", definition.id)], limit=1
                )
            )

    def _inverse_better_when(self):
        for target in self:
            definition, chosen = target.definition_id, target.better_when
            if chosen and definition.direction != chosen:
                definition.direction = chosen

    @api.depends("report_id", "better_when")
    @api.depends_context("uid", "lang")
    def _compute_setting(self):
        for target in self:
            # A form may name a KPI that its reader does not see.
            report = target.report_id._origin._filtered_access("read")
            target.setting = (
                report._prepare_target_setting(target.better_when) if report else False
            )


class KpiReport(models.Model):
    """Setting the target of a KPI from its form, its card or the first steps."""

    _inherit = "kpi.report"

    def action_set_target(self):
        """Open the dialog that sets a target, valid from the running period on.

        A realistic target is proposed. Where targets need approval, the dialog of a
        proposal opens instead.
        """
        self.ensure_one()
        self.check_access("read")
        if self.has_guarded_targets:
            return self.action_propose_target()
        targets = self.env["kpi.target"]
        targets.check_access("create")
        found = self._prepare_target_setting(self.direction)["suggestions"]
        proposed = {each["key"]: each["value"] for each in found}
        context = {"default_report_id": self.id}
        if proposed:
            context["default_value"] = proposed.get("realistic", proposed["same"])
        view = self.env.ref("kpi_tracking.kpi_target_view_form_setting")
        return open_form(
            targets,
            name=self.env._("Set a Target for %s", self.display_name),
            views=[(view.id, "form")],
            target="new",
            context=context,
        )

    def _prepare_target_setting(self, direction):
        """What the dialog of a target shows of this KPI.

        :param direction: ``higher``, ``lower``, or anything else: nothing is suggested
        :return: dict of ``grain``, ``starts_at_zero``, ``points`` (dicts of ``start``,
            ``stop``, ``label``, ``value``, ``running`` and ``coming``; oldest first,
            some periods to come at the end) and ``suggestions`` (dicts of ``key``:
            ``same``, ``realistic`` or ``ambitious``, and ``value``)
        """
        self.ensure_one()
        # What a KPI is made of is no secret to those who see it.
        definition = self.sudo().definition_id
        calendar, grain = definition.calendar_id, definition.frequency
        running = calendar._period(grain, calendar._today())
        first = calendar._period_before(running, PAST_PERIODS) or running
        begun = calendar._periods(grain, first.start, running.start)
        coming = [
            calendar._period_before(running, -number)
            for number in range(1, COMING_PERIODS + 1)
        ]
        (series,) = self._series(
            grain, begun[0].start, running.start, with_targets=False
        )
        values = series.values[0]
        shown = [*begun, *filter(None, coming)]
        numbers = [*as_json_numbers(values), *(None for _period in coming)]
        points = [
            {
                "start": period.start.isoformat(),
                "stop": period.stop.isoformat(),
                "label": label,
                "value": value,
                "running": period == running,
                "coming": period.start > running.start,
            }
            for period, label, value in zip(
                shown, calendar._period_labels(shown), numbers, strict=False
            )
        ]
        keys = ("same", "realistic", "ambitious")
        targets = _suggest_for(definition, values, running, direction)
        return {
            "grain": grain,
            "starts_at_zero": definition.aggregation_time == "sum"
            or (definition.unit == "number" and not definition.decimals),
            "points": points,
            "suggestions": [
                {"key": key, "value": value}
                for key, value in zip(keys, targets, strict=False)
            ],
        }


def _suggest_for(definition, values, running, direction):
    """Targets by the closed values; where there are none by that of ``running``.

    :param values: oldest first, that of the running period at the end; NaN = no data
    """
    if direction not in dict(DIRECTIONS):
        return []
    known = values[:-1]
    if np.isnan(known).all():
        _over, begun = definition.calendar_id._get_elapsed_ratios([running])
        share = begun[0] if definition.aggregation_time == "sum" else 1.0
        known = values[-1:] / share if share >= MIN_ELAPSED else known
    limit = None
    if direction == "lower" and not (known < 0).any():
        limit = 0.0
    elif definition.unit == "percent" and not (known > PERCENT).any():
        limit = PERCENT if direction == "higher" else None
    return suggest_targets(known, direction, decimals=definition.decimals, limit=limit)
