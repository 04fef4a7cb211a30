from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import float_is_zero, format_amount
from odoo.tools.misc import formatLang

MOST_DECIMALS = 6
USUAL_DATES = ("date_order", "invoice_date", "date", "create_date")


class KpiDefinition(models.Model):
    """Choosing records by name, and ways to what belongs to a definition."""

    _inherit = "kpi.definition"

    model_label = fields.Char(
        "Records Name", compute="_compute_model_label", exportable=False
    )
    records_notice = fields.Char(compute="_compute_records_notice", exportable=False)

    @api.depends("model_name")
    def _compute_model_label(self):
        labels = {
            model["model"]: model["display_name"]
            for model in self.env["ir.model"].display_name_for(
                [name for name in self.mapped("model_name") if name]
            )
        }
        for definition in self:
            definition.model_label = labels.get(definition.model_name, False)

    @api.depends_context("uid")
    @api.depends("model_name")
    def _compute_records_notice(self):
        """Say why the records cannot be asked for fields; empty where they can."""
        for definition in self:
            definition.records_notice = definition._records_notice()

    def _records_notice(self):
        self.ensure_one()
        name = self.model_name
        if not name:
            return ""
        if name not in self.env:
            return self.env._(
                "The app of these records (%s) is not installed. Filter and "
                "fields are shown as they are stored. Install the app again, "
                "choose other records, or archive the KPI.",
                name,
            )
        if not self.env[name].has_access("read"):
            return self.env._(
                "You do not have access to these records (%s). Filter and "
                "fields are shown as they are stored; only someone with access "
                "can change them.",
                self.model_label,
            )
        return ""

    def _format_value(self, value):
        """A value with its unit, as the reader's language writes it.

        Decimals that were entered beyond those of the KPI are shown.
        """
        if self.unit == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if self.unit == "currency" and self.currency_id:
            return format_amount(self.env, value, self.currency_id)
        unit = self._unit_word()
        number = self._format_entered(value, self.decimals)
        return f"{number}\u202f{unit}" if unit else number

    @api.model
    def _format_entered(self, value, decimals, most=MOST_DECIMALS):
        """A number with these decimals, and those that were entered beyond them.

        :param most: decimals that are shown of a number without end
        """
        digits = next(
            n
            for n in range(decimals, max(most, decimals) + 1)
            if n >= most
            or float_is_zero(value - round(value, n), precision_digits=MOST_DECIMALS)
        )
        return formatLang(self.env, value, digits=digits)

    def _format_rounded(self, value, extra=0):
        """A value with its unit and the decimals of the KPI, as lists show it.

        :param extra: decimals beside those of the KPI
        """
        if self.unit == "boolean":
            return self._format_value(value)
        digits = self.decimals + extra
        # Adding 0 turns −0 into 0.
        number = formatLang(self.env, round(value, digits) + 0.0, digits=digits)
        unit = self._unit_word()
        if self.unit == "currency" and self.currency_id.position == "before":
            return f"{unit}\u00a0{number}"
        return f"{number}\u202f{unit}" if unit else number

    def _name_values(self, name):
        """Title of a screen with values, which says their unit.

        :param name: of the KPI, or of whose it is
        """
        unit = self._unit_word()
        if not unit:
            return self.env._("Values of %s", name)
        return self.env._("Values of %(kpi)s (%(unit)s)", kpi=name, unit=unit)

    def _unit_word(self):
        """Unit of a value, in the reader's language; None for a number."""
        durations = dict(self._fields["duration_unit"]._description_selection(self.env))
        return {
            "currency": self.currency_id.symbol,
            "percent": "%",
            "duration": durations.get(self.duration_unit),
            "custom": self.unit_symbol,
        }.get(self.unit)

    @api.onchange("model_name")
    def _onchange_model_name(self):
        """Keep of what was chosen that which fits the records chosen now."""
        for name in self._path_fields():
            if self[name] and not self._has_path(self[name]):
                self[name] = False
        for name in ("domain", "numerator_domain"):
            if not self._fits_records(name):
                self[name] = "[]"
        self.breakdown_ids = self.breakdown_ids.filtered(
            lambda breakdown: self._has_path(breakdown.field_path)
        )
        if not self.date_field and self.model_name in self.env:
            known = self.env[self.model_name]._fields
            self.date_field = next((n for n in USUAL_DATES if n in known), False)

    def _fits_records(self, name):
        """Return whether the filter ``name`` asks for fields that the records have."""
        try:
            model = self._records_model()
            for condition in self._parse_domain(name).iter_conditions():
                self._path_exists(model, condition.field_expr, name)
        except ValidationError:
            return False
        return True

    @api.model
    @api.readonly
    def get_measurable_models(self):
        """Models that the user may read and a KPI be computed from.

        :return: list of dicts: ``model``, ``display_name``, ``technical`` (it is
            nothing that people work with)
        """
        models = self.env["ir.model"].get_available_models()
        known = self._find_working_models()
        return [
            {**model, "technical": model["model"] not in known}
            for model in models
            if self._is_measurable(model["model"])
        ]

    @api.model
    def _find_working_models(self):
        """Names of the models that people work with: menus outside of the settings open
        them, they are lines of such a document, have a chatter, or are made for KPIs.
        """
        opened = self._find_menu_models()
        lines = {
            field.comodel_name
            for name in opened
            for field in self.env[name]._fields.values()
            if field.type == "one2many" and field.comodel_name.startswith(f"{name}.")
        }
        thread = self.env.registry["mail.thread"]
        own = {
            name
            for name, model in self.env.registry.items()
            if model._custom or model._kpi_measurable or issubclass(model, thread)
        }
        return opened | lines | own

    @api.model
    def _find_menu_models(self):
        """Names of the models that menus open, whoever may see these."""
        # Menus say what people work with; who may read the records is asked elsewhere.
        menus = self.env["ir.ui.menu"].sudo()
        settings = self.env.ref("base.menu_administration", raise_if_not_found=False)
        domain = Domain("action", "!=", False)
        if settings:
            domain &= ~Domain("id", "child_of", settings.ids)
        names = set()
        for menu in menus.with_context(active_test=False).search(domain):
            action = menu.action.exists()
            if action and action._name == "ir.actions.act_window":
                names.add(action.res_model)
            elif action and action._name == "ir.actions.server":
                names.add(action.model_name)
        return {name for name in names if name in self.env}

    def action_open_measurements(self):
        """Values in the shortest period, so that lengths are not mixed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_measurement_action_trend"
        )
        action["display_name"] = self._name_values(self.name)
        action["domain"] = [("definition_id", "in", self.ids)]
        action["context"] = {f"search_default_{self.frequency}": 1}
        return action
