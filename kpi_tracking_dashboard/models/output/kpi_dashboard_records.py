"""Records of embedded views in files: as a table, or as the chart that is shown."""

import ast
from dataclasses import replace

from lxml import etree

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime, formatLang

from odoo.addons.kpi_tracking.engine.kpi_text import Unit

from ...engine.drawing.payload import ChartTile, Series
from ...engine.output.reading import MOST_ROWS, add_ticks
from ...engine.output.shown import Cell, Table

ROWS_OF_HEIGHT = 4  # records that have room in a row of the dashboard
COLUMN_SPAN = 2  # columns of twelve that a column of records takes at least
MOST_GROUPS = 12
NEVER_SHOWN = ("binary", "html", "json", "properties", "properties_definition")
PLAIN_WIDGETS = ("handle", "list_activity", "kanban_activity")
CHARTS = ("bar", "line")  # of a graph; a pie is its table
NUMBERS = ("integer", "float", "monetary")


class KpiDashboard(models.Model):
    """Embedded views, read with the rights of whoever makes the file."""

    _inherit = "kpi.dashboard"

    def _show_records(self, shown, tile, reader):
        """Fill a tile with what its view shows; as it is where that cannot be read.

        :param shown: ``ShownTile`` of the view, which says where records are shown
        :param tile: as ``kpi.dashboard.data`` describes it
        :param reader: who the texts are for
        :return: ``ShownTile``
        """
        view = tile["view"]
        full = replace(shown, rows=min(max(tile["height"], 1), MOST_ROWS), message="")
        domain = _read_literal(view["domain"], self.env.uid)
        context = _read_literal(view["context"], self.env.uid)
        if not isinstance(domain, list) or not isinstance(context, dict):
            return shown
        records = self.env[view["model"]].with_context(**context)
        is_grouped = view["view_type"] in ("graph", "pivot")
        show = self._show_groups if is_grouped else self._show_list
        try:
            return show(full, records, Domain(domain), view["view_type"], reader)
        except (AccessError, UserError, ValueError):
            return shown  # which says that they are shown on the screen only

    def _show_list(self, shown, records, domain, _view_type, reader):
        arch = etree.fromstring(records.get_view(view_type="list")["arch"])
        names = _list_columns(arch, records)[: max(shown.span // COLUMN_SPAN, 2)]
        most = ROWS_OF_HEIGHT * shown.rows
        found = records.search_fetch(
            domain, names, limit=most, order=arch.get("default_order")
        )
        rest = records.search_count(domain) - len(found)
        labels = records.fields_get(names, ["string"])
        rows = tuple(tuple(_cell(record, name) for name in names) for record in found)
        is_number = [records._fields[name].type in NUMBERS for name in names]
        table = Table(
            tuple(labels[name]["string"] for name in names),
            rows,
            tuple(at for at, number in enumerate(is_number) if number),
        )
        message = reader.words["more"] % rest if rest > 0 else ""
        return replace(shown, table=table, message=message)

    def _show_groups(self, shown, records, domain, view_type, reader):
        arch = etree.fromstring(records.get_view(view_type=view_type)["arch"])
        group, measure = _chosen_axes(records, arch, view_type)
        if not group:
            return self._show_list(shown, records, domain, view_type, reader)
        groups = records.formatted_read_group(
            domain,
            [group],
            [measure],
            order=None if ":" in group else f"{measure} DESC",
        )
        rest = max(len(groups) - MOST_GROUPS, 0)
        shown_groups = groups[-MOST_GROUPS:] if ":" in group else groups[:MOST_GROUPS]
        names = [self._name_group(records, group, each[group]) for each in shown_groups]
        values = [float(each[measure] or 0) for each in shown_groups]
        unit = Unit(decimals=_decimals(records, measure))
        cells = [Cell(reader.text.rounded(v, unit), v, unit.decimals) for v in values]
        heads = (
            _label(records, group),
            self.env._("Count")
            if measure == "__count"
            else _label(records, measure.partition(":")[0]),
        )
        table = Table(heads, tuple(zip(map(Cell, names), cells, strict=True)), (1,))
        message = reader.words["more"] % rest if rest else ""
        with_table = replace(shown, table=table, message=message)
        kind = arch.get("type", "bar")
        if view_type != "graph" or kind not in CHARTS or not values:
            return with_table
        texts = tuple(reader.text.short(value, unit) for value in values)
        chart = ChartTile(
            title=shown.title,
            categories=tuple(names),
            series=(Series(heads[1], tuple(values), texts),),
        )
        payload = add_ticks(chart, unit, reader, has_zero=True)
        return replace(with_table, kind=kind, payload=payload)

    def _name_group(self, records, group, value):
        """Name of a group as people read it."""
        field = records._fields[group.partition(":")[0].partition(".")[0]]
        if isinstance(value, list | tuple):
            return str(value[1])
        if field.type == "selection" and value:
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        return str(value) if value else self.env._("None")


def _read_literal(text, uid):
    """Read a literal in which ``uid`` may stand; None for anything else."""

    class FillIn(ast.NodeTransformer):
        def visit_Name(self, node):
            return ast.Constant(uid) if node.id == "uid" else node

    try:
        return ast.literal_eval(FillIn().visit(ast.parse(text or "[]", mode="eval")))
    except (ValueError, SyntaxError):
        return None


def _list_columns(arch, records):
    """Names of the fields that a list shows at first, in their order."""
    hidden = ("1", "True", "true")
    return [
        name
        for node in arch.findall("field")
        if (name := node.get("name")) in records._fields
        and node.get("column_invisible") not in hidden
        and node.get("invisible") not in hidden
        and node.get("optional") != "hide"
        and node.get("widget") not in PLAIN_WIDGETS
        and records._fields[name].type not in NEVER_SHOWN
    ] or ["display_name"]


def _chosen_axes(records, arch, view_type):
    """By what a graph or pivot groups, and what it measures.

    :return: group, or None, and aggregate, as ``formatted_read_group`` takes them
    """
    context = records.env.context
    prefix = "graph" if view_type == "graph" else "pivot"
    asked = context.get("group_by") or context.get(
        "graph_groupbys" if prefix == "graph" else "pivot_row_groupby"
    )
    groups = [asked] if isinstance(asked, str) else list(asked or ())
    measures = context.get(f"{prefix}_measures") or [context.get(f"{prefix}_measure")]
    measure = next(filter(None, measures), None)
    for node in arch.findall("field"):
        name, role = node.get("name"), node.get("type")
        if role == "measure":
            measure = measure or name
        elif name in records._fields and not groups:
            interval = node.get("interval")
            groups.append(f"{name}:{interval}" if interval else name)
    group = groups[0] if groups else None
    if group and ":" not in group:
        field = records._fields.get(group)
        if field is not None and field.type in ("date", "datetime"):
            group = f"{group}:month"
    field = records._fields.get(measure or "")
    if field is None or field.type not in NUMBERS or not field.store:
        return group, "__count"
    return group, f"{measure}:{field.aggregator or 'sum'}"


def _decimals(records, measure):
    field = records._fields.get(measure.partition(":")[0])
    if field is None or field.type == "integer":
        return 0
    digits = field.get_digits(records.env) if field.type == "float" else None
    return digits[1] if digits else 2


def _label(records, spec):
    name = spec.partition(":")[0].partition(".")[0]
    return records.fields_get([name], ["string"])[name]["string"]


def _cell(record, name):
    """A value as the list shows it, and the number that it stands for."""
    field, value, env = record._fields[name], record[name], record.env
    if field.type in NUMBERS:
        currency = None
        if field.type == "monetary":
            currency = record[field.get_currency_field(record)]
        decimals = currency.decimal_places if currency else _decimals(record, name)
        text = formatLang(env, value, digits=decimals, currency_obj=currency)
        return Cell(text, float(value), decimals)
    return Cell(_text(record, field, value, env))


def _text(record, field, value, env):
    if field.type == "boolean":
        return env._("Yes") if value else env._("No")
    if not value:
        return ""
    if field.type == "date":
        return format_date(env, value)
    if field.type == "datetime":
        return format_datetime(env, value, dt_format="short")
    if field.type == "selection":
        return dict(field._description_selection(env)).get(value, str(value))
    if field.relational:
        return ", ".join(value.mapped("display_name"))
    return str(field.convert_to_display_name(value, record) or value)
