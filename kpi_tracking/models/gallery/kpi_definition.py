from typing import Any

from typing_extensions import TypedDict

from odoo import api, models
from odoo.fields import Command, Domain

from odoo.addons.kpi_base.schemas.base import Nothing

from ..definition.kpi_definition_breakdown import MAX_BREAKDOWNS
from ..report.kpi_report import SCOPE_MODELS

AGGREGATORS = {
    "avg": "average",
    "count_distinct": "distinct",
    "max": "max",
    "min": "min",
}
FREQUENCIES = ("day", "week", "month", "quarter", "year")
SPLIT_BY = ("boolean", "char", "many2many", "many2one", "selection")


class View(TypedDict, total=False):
    """A list, graph or pivot view, as the client describes it."""

    domain: list[Any] | Nothing
    measure: str | Nothing
    group_by: list[str] | Nothing
    date_fields: list[str] | Nothing


class KpiDefinition(models.Model):
    """“Track this”: a definition of what a list, graph or pivot view shows."""

    _inherit = "kpi.definition"

    @api.model
    def action_track_view(self, model_name: str, view: View):
        """Form of a new definition, filled from a view.

        :param view: dict with ``domain`` (list), ``measure`` (field name, ``__count``,
            or empty: to be asked), ``group_by`` (such as ``user_id``,
            ``date_order:month``) and ``date_fields`` (of the date filters that are on)
        :return: action
        :raises UserError: the records cannot be measured
        """
        self.check_access("create")
        draft = self.new({"name": model_name, "model_name": model_name})
        model = draft._records_model()
        model.check_access("read")
        grouped, dates, frequency = _split_group_by(model, view.get("group_by") or [])
        dates = [*(view.get("date_fields") or []), *dates]
        person = draft.user_field if draft.user_field in model._fields else "user_id"
        domain, is_mine = self._strip_conditions(view.get("domain"), dates, person)
        values = {
            **draft._measure_from_view(model, view.get("measure")),
            "computation": "records",
            "model_name": model_name,
            "domain": repr(list(domain)),
            "date_field": next(iter(dates), "create_date"),
            "frequency": frequency,
            "user_field": draft.user_field,
        }
        scope_type, path = draft._scope_from_view(model, grouped)
        lines = [
            name
            for name in grouped
            if name != path
            and model._fields[name].store
            and model._fields[name].type in SPLIT_BY
        ]
        values["breakdown_ids"] = [
            Command.create({"field_path": name}) for name in lines[:MAX_BREAKDOWNS]
        ]
        values["tracked_levels"] = "me" if is_mine else scope_type
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Track This"),
            "res_model": "kpi.definition",
            "views": [(False, "form")],
            "context": {f"default_{name}": value for name, value in values.items()},
        }

    @api.model
    def _strip_conditions(self, conditions, dates, person):
        """The domain without dates and person, and whether it asked for the user."""
        domain = Domain(conditions or [])
        parts = domain.children if getattr(domain, "OPERATOR", "") == "&" else [domain]
        uid = self.env.uid
        mine = [
            part
            for part in parts
            if getattr(part, "field_expr", None) == person
            and part.operator in ("=", "in")
            and part.value in (uid, [uid], (uid,))
        ]
        remaining = []
        for part in parts:
            paths = {each.field_expr for each in part.iter_conditions()}
            if part not in mine and not (paths and paths.issubset(dates)):
                remaining.append(part)
        return Domain.AND(remaining), bool(mine)

    def _measure_from_view(self, model, measure):
        """Name, measure and its field; the measure is left open for the user to say."""
        name = model._description
        if not measure:
            return {"name": name, "measure": False}
        field = model._fields.get(measure.partition(":")[0])
        if measure == "__count" or not field:
            return {"name": name, "measure": "count"}
        aggregator = measure.partition(":")[2] or field.aggregator
        return {
            "name": f"{name}: {field._description_string(self.env)}",
            "measure": AGGREGATORS.get(aggregator, "sum"),
            "measure_field": field.name,
        }

    def _scope_from_view(self, model, grouped):
        """Whom the groups of a view stand for: scope type and the field grouped by."""
        comodels = {comodel: kind for kind, comodel in SCOPE_MODELS.items()}
        for name in grouped:
            kind = comodels.get(model._fields[name].comodel_name)
            if kind in ("user", "department"):
                return kind, name
        return "company", None


def _split_group_by(model, group_by):
    """Field names; the date fields among them; the frequency they are grouped by."""
    names, dates, frequency = [], [], "month"
    for spec in group_by:
        name, _colon, grain = spec.partition(":")
        field = model._fields.get(name)
        if not field:
            continue
        if field.type in ("date", "datetime"):
            dates.append(name)
            frequency = grain if grain in FREQUENCIES else frequency
        else:
            names.append(name)
    return names, dates, frequency
