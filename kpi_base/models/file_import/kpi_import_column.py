from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.tabular import (
    Moment,
    Reading,
    is_factor,
    is_year_pair,
    month_of_year,
    parse_title_period,
    period_without_year,
    split_title,
)

READ_FIELDS = (
    "key",
    "decimal_mark",
    "is_dash_zero",
    "date_order",
    "epoch",
    "year_pairs",
    "blank_means",
)
PERCENT = frozenset("%")
# what people choose of how a column is read
CHOSEN_FIELDS = (*READ_FIELDS, "period_day")
# what a column of a saved mapping has of that of an import
MAPPED_FIELDS = (*READ_FIELDS, "place", "name", "no_value_texts")


class KpiImportColumn(models.Model):
    """Meaning of a column of a file, in one import or in a saved mapping."""

    _name = "kpi.import.column"
    _description = "Import Column"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "place, id"

    import_id = fields.Many2one(
        "kpi.import", ondelete="cascade", index="btree_not_null"
    )
    mapping_id = fields.Many2one(
        "kpi.import.mapping", ondelete="cascade", index="btree_not_null"
    )
    place = fields.Integer("Position", readonly=True)
    name = fields.Char("Column", required=True, readonly=True)
    sample = fields.Char("First Value", readonly=True)
    key = fields.Char("Import As", help="Leave empty to skip the column.")
    choices = fields.Json(compute="_compute_choices")
    kind = fields.Char("Type", compute="_compute_kind")
    has_periods = fields.Boolean(
        compute="_compute_kind", help="Allows one column per period."
    )
    period_day = fields.Date(
        "Period",
        help="Any day in the period of this column.",
    )
    decimal_mark = fields.Selection(
        [(".", "12.5"), (",", "12,5")],
        help="Whether the column's numbers use a decimal point or comma.",
    )
    is_dash_zero = fields.Boolean(
        "“-” Is 0", help="Reads a dash as zero, as accountants write it."
    )
    date_order = fields.Selection(
        [("dmy", "Day First: 31/12/2026"), ("mdy", "Month First: 12/31/2026")],
        "Day or Month First",
        help="How to read dates such as 03/04/2026. Unambiguous dates are not "
        "affected.",
    )
    has_ordered_days = fields.Boolean(
        readonly=True, help="Some dates can be read day first or month first."
    )
    epoch = fields.Selection([("1900", "1900"), ("1904", "1904")], "Date System")
    has_serials = fields.Boolean(readonly=True)
    year_pairs = fields.Selection(
        [("month", "Nov 2010"), ("years", "2010 to 2011")], "2010-11 Means"
    )
    has_year_pairs = fields.Boolean(readonly=True)
    blank_means = fields.Selection(
        [("nothing", "Nothing"), ("above", "The Name Above")],
        "Empty Cells Mean",
        help="In pivot tables only the first row of a group has its name.",
    )
    has_groups = fields.Boolean(
        readonly=True, help="Empty cells can mean the name above."
    )
    can_group = fields.Boolean(compute="_compute_kind")
    no_value_texts = fields.Char(
        "Treated as Empty",
        help="Cell contents treated as empty, separated by semicolons. Leave empty "
        "to use the file's setting.",
    )
    other_texts = fields.Char("Texts in Number Column", readonly=True)
    question = fields.Char(compute="_compute_question")

    @api.depends("import_id.target_model")
    def _compute_choices(self):
        for column in self:
            owner = column.import_id or column.mapping_id
            known = owner._target_columns().values() if owner else ()
            column.choices = [[each.key, each.label] for each in known]

    @api.depends("key", "has_groups", "import_id.target_model")
    def _compute_kind(self):
        for column in self:
            target = column._target_column()
            column.kind = target.kind if target else False
            column.has_periods = bool(target and target.has_periods)
            column.can_group = column.has_groups and bool(target and target.can_group)

    @api.depends(
        "kind",
        "decimal_mark",
        "date_order",
        "epoch",
        "has_serials",
        "year_pairs",
        "has_year_pairs",
        "blank_means",
        "can_group",
        "sample",
    )
    def _compute_question(self):
        """Ask what must be answered before the column can be read."""
        for column in self:
            column.question = column._question()

    def _question(self):
        if self.kind == "number" and not self.decimal_mark:
            return self.env._("Choose the decimal mark: “1.500” could be 1.5 or 1500.")
        if self.kind == "moment" and not self.date_order:
            return self.env._("Choose whether the day or the month comes first.")
        if self.kind == "moment" and self.has_serials and not self.epoch:
            return self.env._(
                "Choose the date system: 1900 is usual; 1904 is for old Mac files."
            )
        if self.kind == "moment" and self.has_year_pairs and not self.year_pairs:
            return self.env._(
                "Choose the meaning of “2010-11”: November 2010 or the year 2010 "
                "to 2011."
            )
        if self.can_group and not self.blank_means:
            return self.env._(
                "Choose the meaning of empty cells: nothing, or the name above, as in "
                "pivot tables."
            )
        return False

    def write(self, vals):
        result = super().write(vals)
        if not self.env.su:
            self.import_id._forget_check()
        return result

    @api.constrains("key", "import_id", "mapping_id")
    def _check_key(self):
        for column in self.filtered("key"):
            if not column._target_column():
                raise ValidationError(
                    self.env._(
                        "Column “%(column)s”: “%(key)s” cannot be imported.",
                        column=column.name,
                        key=column.key,
                    )
                )

    def _target_column(self):
        """The ``TargetColumn`` that this column is taken for, or None."""
        owner = self.import_id or self.mapping_id
        return owner._target_columns().get(self.key) if owner and self.key else None

    def _moment(self, first_year, first_month, has_year_pairs):
        """The period that the column's values are for, or None where rows say it.

        :param first_year, first_month: of the first column named by a month alone
        :param has_year_pairs: whether a title such as “2010-11” may mean two years
        """
        is_doubtful = has_year_pairs and is_year_pair(self.name or "")
        named = None if is_doubtful else parse_title_period(self.name)
        month = period_without_year(self.name)
        if self.period_day:
            grain = named.grain if named and named.day == self.period_day else "day"
            return Moment(self.period_day, grain)
        if named:
            return named
        if month and first_year:
            # in the year that begins with ``first_month``
            return month_of_year(first_year + (month < first_month), month)
        return None

    def _reading(self, table, target, no_values, units, *, has_titled_units=True):
        """The ``Reading`` of the cells.

        :param no_values: texts for empty cells where the column has none
        :param units: as of ``_list_units``
        :param has_titled_units: whether a unit in the title is that of the numbers
        """
        known_units = units[0] if target.has_units else units[1]
        if target.unit == "percent":
            known_units = PERCENT
        elif target.unit == "money":
            known_units -= PERCENT
        titled = ()
        if target.kind == "number" and has_titled_units:
            titled = split_title(self.name or "", units[0])[1]
        has_factor = any(map(is_factor, titled))
        is_lost = has_factor and not target.has_units
        is_1904 = table.is_1904
        if is_1904 is None and self.epoch:
            is_1904 = self.epoch == "1904"
        is_value = target.kind in ("number", "moment")
        return Reading(
            target.kind,
            decimal_mark=self.decimal_mark or ".",
            is_dash_zero=self.is_dash_zero,
            has_goals=target.has_goals,
            known_units=known_units,
            title_units=titled if target.has_units else (),
            lost_factor=" ".join(titled) if is_lost else "",
            date_order=self.date_order or None,
            is_1904=is_1904,
            year_pairs=self.year_pairs or (None if self.has_year_pairs else "month"),
            no_values=split_texts(self.no_value_texts or (is_value and no_values)),
            choices=target.choices,
        )

    def _prepare_mapping_values(self):
        """Prepare the values of the column for a saved mapping."""
        return {name: self[name] for name in MAPPED_FIELDS}

    def _apply_fix(self, option, value):
        """Store the same change as in a ``Reading``."""
        if option == "no_values":
            known = self.no_value_texts or self.import_id.no_value_texts or ""
            texts = [known.strip("; ")] if split_texts(known) else []
            self.no_value_texts = "; ".join([*texts, *value])
        elif option == "is_1904":
            self.epoch = "1904" if value else "1900"
        else:
            self[option] = value


def split_texts(texts):
    """The texts of a list with semicolons, in lower case."""
    parts = (text.strip().casefold() for text in (texts or "").split(";"))
    return frozenset(filter(None, parts))
