from datetime import date
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, frozendict

from odoo.addons.kpi_base.schemas.base import Id, Nothing, Text, Word

from ...engine.due import is_locked
from ...engine.formula import FormulaError
from ...engine.zones import THRESHOLD_FIELDS
from ..definition.kpi_method_mixin import METHOD_FIELDS, Stretch
from ..source.kpi_definition_preview import PREVIEW_PERIODS

ALL_HISTORY = "all"
# What values of all periods are combined and shown by.
OF_ALL_PERIODS = (
    "unit",
    "currency_id",
    "duration_unit",
    "aggregation_time",
    "aggregation_scope",
)
IN_PLACE = object()  # in the context: nobody calls it from outside
MAGIC = {"id", *models.MAGIC_COLUMNS}
WITH_WEIGHTS = ("average", "weighted_average", "median", "percentile", "share")
FILTERS = ("domain", "numerator_domain")


class KpiDefinition(models.Model):
    """Definitions that change from a period on; values before it stay as they are.

    Formulas, filters and zones change by proposal where a workflow asks for it. A KPI
    that has no values yet is being made: nothing of it is approved.
    """

    _name = "kpi.definition"
    _inherit = ["kpi.definition", "kpi.guarded.mixin"]
    _guarded_fields = frozendict(
        formula_modification=METHOD_FIELDS, target_change=("zones", *THRESHOLD_FIELDS)
    )
    _guarded_operations = ("write",)

    version_ids = fields.One2many(
        "kpi.definition.version",
        "definition_id",
        "Versions",
        readonly=True,
        copy=False,
        # Archived ones were mistaken, also for who looks at archived KPIs.
        context={"active_test": True},
    )
    change_days = fields.Json(
        compute="_compute_change_days",
        store=True,
        recursive=True,
        copy=False,
        exportable=False,
        help="Days when the computation of this KPI, or of a KPI in its formula, "
        "changes.",
    )

    def propose_change(
        self, values: dict[str, Any], valid_from: Word | Nothing, reason: Text
    ):
        """Propose another way of computing; what needs no approval is saved.

        :param values: what the form has changed, as for ``write``
        :param valid_from: a day of ``get_change``, or “all”
        :return: the action that shows the proposal
        """
        self.ensure_one()
        self.check_access("write")
        values = self._with_model_name(values)
        guarded = self._get_guarded_names()
        asked = {name: value for name, value in values.items() if name in guarded}
        rest = values.keys() - asked.keys() - {"model_id"}
        if not self._is_guarded_change(asked):
            raise ValidationError(self.env._("No changes to propose."))
        day = self._parse_valid_from(valid_from) if valid_from else None
        change = self._propose(asked, reason, valid_from=day)
        self.write({name: values[name] for name in rest})
        return change._show(change)

    def _change_or_propose(self, vals, valid_from, reason):
        """As ``_change``, by proposal where that needs approval.

        :return: the proposal; empty: it is changed
        """
        asked = self.with_context(kpi_valid_from=valid_from or ALL_HISTORY)
        if asked._filter_guarded("write", vals):
            reason = reason or self.env._("Sent by another system")
            return self._propose(vals, reason, valid_from=valid_from)
        self._change(vals, valid_from, reason)
        return self.env["kpi.approval.change"]

    def _filter_guarded(self, operation, vals=None):
        guarded = super()._filter_guarded(operation, vals)
        return guarded and guarded.filtered(lambda one: one._is_measured())

    def _is_guarded_change(self, vals):
        vals = self._with_model_name(vals)
        given = self.env.context.get("kpi_valid_from")
        if given and given is not IN_PLACE and vals.keys() & set(METHOD_FIELDS):
            return True  # what is in force on that day may differ
        return super()._is_guarded_change(vals)

    def _prepare_change_values(self, operation, vals):
        return super()._prepare_change_values(operation, self._with_model_name(vals))

    def _apply_proposal(self, operation, vals, change):
        """Have it hold from the day that was proposed."""
        day = change.valid_from
        return super(
            KpiDefinition,
            self.with_context(
                kpi_valid_from=fields.Date.to_string(day) if day else ALL_HISTORY,
                kpi_change_reason=change.reason,
            ),
        )._apply_proposal(operation, vals, change)

    def _read_present(self, names, valid_from):
        """What is in force on the day from which a proposal would hold."""
        present = super()._read_present(names, valid_from)
        if self and valid_from:
            period = self.calendar_id._period(self.frequency, valid_from)
            method = self._get_stretch(period).method
            for name in present.keys() & set(METHOD_FIELDS):
                present[name] = method._plain_value(name, method[name])
        return present

    @api.depends(
        "version_ids.valid_from", "version_ids.active", "component_ids.change_days"
    )
    def _compute_change_days(self):
        for definition in self.with_context(active_test=False):
            starts = definition.version_ids.mapped("valid_from")
            days = {day.isoformat() for day in starts if day}
            days -= {min(days, default="")}  # the first holds from the beginning
            for part in definition.component_ids:
                days.update(part.change_days or ())
            definition.change_days = sorted(days) or False

    def _find_change_before(self, period):
        """Day since which a period's values are computed alike; the first of all."""
        days = map(fields.Date.to_date, self.change_days or ())
        return max((day for day in days if day <= period.start), default=date.min)

    @api.model
    def _get_seam_texts(self):
        """What people read of each ``engine.series.Seam``."""
        return {
            "new": self.env._("Definition changed: new method from here on"),
            "mixed": self.env._(
                "Definition changed within this period: partly old method"
            ),
            "whole": self.env._(
                "Definition changed within this period: new method throughout"
            ),
            "within": self.env._("Definition changed within this period"),
        }

    def _list_stretches(self):
        """``Stretch`` of each version, oldest first; one where nothing ever changed."""
        self.ensure_one()
        # Whoever computes or explains a value knows how it was computed.
        versions = self.sudo().version_ids.sorted("valid_from")
        if not versions or not self.id:  # a draft is what is being edited
            return [Stretch(self, self, versions)]
        firsts = [None, *versions[1:].mapped("valid_from")]
        return [
            Stretch(
                self, self._with_method(version._get_method()), version, first, stop
            )
            for version, first, stop in zip(
                versions, firsts, [*firsts[1:], None], strict=True
            )
        ]

    def _with_method(self, method):
        """This definition as it is computed by a version; nothing is stored.

        :param method: values of ``METHOD_FIELDS``
        """
        if method == self._get_method():
            return self
        # Without an origin: of one, all new records are the same.
        common = {
            name: field.convert_to_write(self[name], self)
            for name, field in self._fields.items()
            if field.store and field.column_type and name not in MAGIC
        }
        return self.new({**common, **method})

    def _get_stretch(self, period):
        """The ``Stretch`` that is in force in a period: on its last day."""
        return next(each for each in self._list_stretches() if each.covers(period))

    def _change(self, vals, valid_from=None, reason=None):
        """Change how values are computed, from a period on; earlier values stay.

        A change from a day from which there is one already replaces it. Later ones,
        planned or made, stay.

        :param vals: of ``METHOD_FIELDS``, as for ``write``
        :param valid_from: first day of a period of the KPI; None = for all history,
            as it is where there are no values yet
        :param reason: why, for those who ask later
        :raises UserError, ValidationError: it cannot be so, or not from that day on
        """
        self.ensure_one()
        self.check_access("write")
        foreign = vals.keys() - set(METHOD_FIELDS)
        if foreign:
            raise ValueError(f"Not of a version: {', '.join(sorted(foreign))}")
        self.env["kpi.claim"]._claim(f"versions of KPI {self.id}")
        first_day = self._first_counted_day()
        is_partial = valid_from and valid_from > first_day and self._is_measured()
        if not is_partial:
            # All versions of before are mistaken then.
            self.sudo().version_ids.active = False
            self.with_context(kpi_valid_from=IN_PLACE).write(vals)
            return
        self._check_period_starts(self.frequency, [valid_from])
        period = self.calendar_id._period(self.frequency, valid_from)
        stretch = self._get_stretch(period)
        self._check_seen_again(stretch.method, period)
        draft = self._draft_change(vals, stretch)
        if not draft:
            return
        draft._check_method(stretch.method)
        self._store_version(first_day, valid_from, draft._get_method(), reason)
        if not self._take_over():
            self._link_sources(valid_from)
        if valid_from <= self.calendar_id._today():
            # What it made stale comes first: its sources alone, since then. Jobs are
            # the engine's own: officers change KPIs.
            self.env["kpi.job"].sudo()._enqueue_computation(
                self.env._("Change of %s", self.name), "change", self, valid_from
            )

    def _check_seen_again(self, method, period):
        """Refuse another way of looking at what can only be seen at the time."""
        if method._takes_snapshots() and method._has_moved_on(period):
            raise UserError(
                self.env._(
                    "%s uses snapshots, which cannot be retaken for closed "
                    "periods. Choose the running or a later period.",
                    self.name,
                )
            )

    def _store_version(self, first_day, valid_from, method, reason):
        """Add a version, and the one that held before all others."""
        # Versions are the engine's own: officers change KPIs.
        versions = self.sudo().version_ids
        rows = [{**method, "valid_from": valid_from, "reason": reason}]
        if not versions:
            rows.insert(0, {**self._get_method(), "valid_from": first_day})
        same = versions.filtered(lambda each: each.valid_from == valid_from)
        version = self._replace_versions(same, rows)[-1]
        period = self.calendar_id._period(self.frequency, version.valid_from)
        text = self.env._(
            "Definition changed from %(period)s: %(fields)s.",
            period=self.calendar_id._period_label(period),
            fields=version.changed_fields,
        )
        self._message_log(body=" ".join(filter(None, (text, version.reason))))

    def _replace_versions(self, mistaken, rows):
        """Archive versions of this definition, and add others.

        :param rows: values of ``kpi.definition.version``
        :return: the new ones, in the order of ``rows``
        """
        # Versions are the engine's own: officers change KPIs.
        versions = self.env["kpi.definition.version"].sudo()
        versions.browse(mistaken.ids).active = False
        versions.flush_model(["active"])  # before others take their days
        added = versions.create([{**row, "definition_id": self.id} for row in rows])
        self.invalidate_recordset(["version_ids"])
        return added

    def _take_over(self):
        """Have definitions hold what is in force today in their calendars' zones.

        Unit, additivity and the like stay: those follow what is measured until somebody
        sets them, and hold for all periods.

        :return: those that did not
        """
        settings = [
            field
            for field in self._fields.values()
            if field.compute and field.store and not field.readonly
        ]
        changed = self.browse()
        for definition in self:
            current = definition._get_stretch_of_today()
            if not current.is_current:
                before, method = definition._get_method(), current.method._get_method()
                method = {n: value for n, value in method.items() if before[n] != value}
                with self.env.protecting(settings, definition):
                    definition.with_context(kpi_valid_from=IN_PLACE).write(method)
                changed |= definition
        return changed

    def _get_stretch_of_today(self):
        calendar = self.calendar_id
        return self._get_stretch(calendar._period("day", calendar._today()))

    @api.model
    def _take_over_due(self):
        """Have definitions hold the versions whose first period has begun."""
        today = fields.Date.add(fields.Date.today(), days=1)  # somewhere it is tomorrow
        versions = self.env["kpi.definition.version"].search(
            [("valid_from", "<=", today)]
        )
        versions.definition_id._take_over()

    def _check_of_all_periods(self, vals):
        """Refuse to change with a method what holds for values of before as well.

        :raises UserError: naming it
        """
        changed = [
            self._fields[name]._description_string(self.env)
            for name in OF_ALL_PERIODS
            if name in vals and self._is_other_value(name, vals[name])
        ]
        if changed and self._is_measured():
            names = ", ".join(changed)
            raise self._refuse_mix(
                self.env._("changing %s also changes earlier values.", names)
            )

    @api.model
    def _write_from_day(self, vals):
        """What a version may change holds from a day on: from the running period's.

        ``kpi_valid_from`` in the context names another day, or ``all``, and
        ``kpi_change_reason`` says why. Where there are no values yet, it holds for all
        history.
        """
        given = self.env.context.get("kpi_valid_from")
        plain = self.with_context(kpi_valid_from=None)
        if given is IN_PLACE:
            plain._write_in_place(vals)
            return
        changed, rest = self._split_method(vals)
        dated = (
            plain if given else plain.filtered(lambda kpi: kpi._draft_today(changed))
        )
        if not changed or not dated:
            plain._write_in_place(vals)
            return
        days = {kpi: kpi._parse_valid_from(given) for kpi in dated}
        for definition, day in days.items():
            if day:
                definition._check_of_all_periods(rest)
        (plain - dated)._write_in_place(vals)
        dated._write_in_place(rest)
        reason = self.env.context.get("kpi_change_reason")
        for definition, day in days.items():
            definition._change(changed, day, reason)

    def _split_method(self, vals):
        """``vals`` in two: what a version may change, and the rest."""
        vals = self._with_model_name(vals)
        changed = {name: vals[name] for name in METHOD_FIELDS if name in vals}
        others = vals.keys() - changed.keys() - {"model_id"}
        return changed, {name: vals[name] for name in others}

    def _parse_valid_from(self, given):
        """The day that a form or another system named, None = all history.

        The first of the running period where nobody named one.
        """
        if not given:
            calendar = self.calendar_id
            return calendar._period(self.frequency, calendar._today()).start
        if given == ALL_HISTORY:
            return None
        try:
            return fields.Date.to_date(given)
        except ValueError as error:
            raise UserError(
                self.env._("“%s” is not a date. Enter it as 2026-11-01.", given)
            ) from error

    def _draft_change(self, vals, stretch):
        """The definition with ``vals`` beside what is in force in a stretch.

        Not stored; empty where that is the same.
        """
        method = stretch.method._get_method()
        draft = self.new({**method, **vals}, origin=self)
        return self.browse() if draft._get_method() == method else draft

    def _draft_today(self, vals):
        """As ``_draft_change`` beside what is in force today; empty without values."""
        if not vals or not self._is_measured():
            return self.browse()
        return self._draft_change(vals, self._get_stretch_of_today())

    def _check_method(self, before):
        """Refuse what cannot follow on another method within one series of values.

        :param before: the definition as it is computed until then
        :raises UserError, ValidationError: naming what does not fit
        """
        if "external" in (self.computation, before.computation):
            raise self._refuse_mix(
                self.env._("values from another app cannot be mixed with others.")
            )
        self._check_records()
        self._check_share()
        self._check_without_company()
        self._check_formula()
        # How formulas are combined follows from all their versions.
        if {self.computation, before.computation} != {"formula"}:
            for name in ("aggregation_time", "aggregation_scope"):
                reason = self._get_aggregation_refusal(name)
                if reason:
                    raise self._refuse_mix(reason)
        # Whether values count by the number of their records.
        has_weights, had_weights = (
            kpi.computation == "records" and kpi.measure in WITH_WEIGHTS
            for kpi in (self, before)
        )
        if has_weights != had_weights:
            raise self._refuse_mix(
                self.env._("values with and without weights cannot be combined.")
            )

    def _refuse_mix(self, reason):
        return UserError(
            self.env._(
                "The definition of %(kpi)s cannot change for only some periods: "
                "%(reason)s Apply the change to all periods or define a new KPI.",
                kpi=self._origin.name,
                reason=reason,
            )
        )

    @api.model
    def get_change(self, values: dict[str, Any], definition_id: Id):
        """Return what there is to choose before other ``METHOD_FIELDS`` are saved.

        The form then saves with ``kpi_valid_from`` in the context: a day of ``choices``
        or ``all``; and ``kpi_change_reason``.

        :param values: what the form has changed, as for ``write``
        :return: None where nothing is to be chosen; else dict of ``choices`` (``day``,
            ``label``, ``kind``: running, next, earlier or all; ``closed_count``,
            ``judged_count``, ``locked_count``: values of closed periods that may
            change, and how many of them were judged or are locked), ``points`` (of the
            last periods of the company: ``label``, ``start``, ``old``, ``new``),
            ``unit``,
            ``message`` (why nothing is compared), ``used_in`` (what follows: as
            ``get_uses``) and ``needs_proposal`` (it is proposed, not saved)
        """
        definition = self.browse(definition_id)
        definition.check_access("write")
        needs_proposal = bool(definition._filter_guarded("write", values))
        changed, _rest = self._split_method(values)
        draft = definition._draft_today(changed)
        if not draft and not needs_proposal:
            return None
        compared = {"choices": [], "points": [], "message": ""}
        if draft:
            compared["choices"] = definition._list_change_choices()
            compared |= definition._compare_change(draft)
        return {
            **compared,
            "needs_proposal": needs_proposal,
            "unit": definition._unit_description(),
            "used_in": definition._list_uses(),
        }

    def _list_change_choices(self):
        """Periods from which another way of computing can hold."""
        calendar = self.calendar_id
        running = calendar._period(self.frequency, calendar._today())
        first_day = self._first_counted_day()
        first = calendar._period_before(running, PREVIEW_PERIODS)
        earlier = calendar._periods(
            self.frequency, max(first.start, first_day), running.start
        )
        counts = self._count_closed_values(running)
        found = [
            ("running", running),
            ("next", calendar._period(self.frequency, running.stop)),
        ]
        is_seen_once = self._takes_snapshots()
        if not is_seen_once:
            found += [("earlier", each) for each in reversed(earlier[:-1])]
        choices = [
            (kind, period.start, calendar._period_label(period))
            for kind, period in found
            if period.start > first_day
        ]
        if not is_seen_once or not choices:
            choices.append((ALL_HISTORY, date.min, ""))
        return [
            {
                "kind": kind,
                "day": kind if kind == ALL_HISTORY else day.isoformat(),
                "label": label,
                **_add_counts(counts, day),
            }
            for kind, day, label in choices
        ]

    def _count_closed_values(self, running):
        """Values of closed periods in the KPI's own grain, and what becomes of them.

        :return: list of tuples of the first day of a period, the number of its values,
            how many of them were judged and how many are locked
        """
        self.env["kpi.report"].flush_model()
        self.env["res.company"].flush_model(["kpi_lock_date"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fact.period_start,
                       GREATEST(report.locked_until, company.kpi_lock_date) AS locked,
                       count(*), count(judged.rated_at)
                  FROM kpi_measurement AS fact
                  JOIN kpi_report AS report ON report.id = fact.report_id
                  JOIN res_company AS company ON company.id = report.company_id
             LEFT JOIN kpi_target_value AS judged
                    ON judged.report_id = fact.report_id
                   AND judged.grain = fact.grain
                   AND judged.period_start = fact.period_start
                 WHERE report.definition_id = %s
                   AND fact.grain = %s
                   AND fact.period_start < %s
              GROUP BY fact.period_start, locked
                """,
                self.id,
                self.frequency,
                running.start,
            )
        )
        period_of = self.calendar_id._period
        return [
            (
                start,
                count,
                judged_count,
                count if is_locked(period_of(self.frequency, start).stop, until) else 0,
            )
            for start, until, count, judged_count in rows
        ]

    def _compare_change(self, draft):
        """Values of the company by the old and the new way, or why there are none."""
        company = self.company_id or self.env.company
        report = self.env["kpi.report"].search(
            [
                ("definition_id", "=", self.id),
                ("scope_type", "=", "company"),
                ("company_id", "=", company.id),
            ],
            limit=1,
        )
        try:
            shown, new = draft._preview_change()
        except (FormulaError, UserError) as refusal:
            return {"message": str(refusal)}
        if not shown or not report:
            return {}
        old = report._values(self.frequency, shown[0].start, shown[-1].start)[report]
        points = [
            {
                "label": self.calendar_id._period_label(period),
                "start": period.start.isoformat(),
                "old": old.get(period.start),
                "new": new.get(period.start),
            }
            for period in shown
        ]
        return {"points": points}

    def _preview_change(self):
        """The last periods, and first day → value as this draft computes it."""
        if self.computation == "records":
            shown, counted, _records = self._preview_records()
            return shown, counted
        if self.computation == "formula":
            values = {
                fields.Date.to_date(each["period"]): each["value"]
                for each in self._preview_values()
            }
            first, last = min(values), max(values)
            return self.calendar_id._periods(self.frequency, first, last), values
        return [], {}

    def _list_versions(self):
        """Versions of this definition, oldest first; one where it never changed.

        Filters are told to who may read the records that they choose.

        :return: list of dicts, see ``schemas.definition.VersionOut``
        """
        self.ensure_one()
        found = []
        for stretch in self._list_stretches():
            # Names of what a KPI is made of are no secret to those who see it.
            method = {name: stretch.method.sudo()[name] for name in METHOD_FIELDS}
            method["working_calendar"] = method.pop("working_calendar_id") or None
            method["without_company_of"] = method.pop("without_company_id") or None
            model = self.env.get(method["model_name"])
            if model is None or not model.has_access("read"):
                method |= dict.fromkeys(FILTERS)
            found.append(
                {
                    "valid_from": stretch.first or self._first_counted_day(),
                    "valid_before": stretch.stop,
                    "is_current": stretch.is_current,
                    "reason": stretch.version.reason or "",
                    # The first was noted when the second was made: nobody changed it.
                    "changed_by": (stretch.first and stretch.version.create_uid)
                    or None,
                    "changed_at": stretch.first and stretch.version.create_date,
                    "computation_error": stretch.error,
                    "method": method,
                }
            )
        return found

    def _restore_versions(self, rows):
        """Have these versions and no others; all values are computed by them.

        :param rows: dicts of ``METHOD_FIELDS``, ``valid_from`` and ``reason``; none:
            what is in force holds for all history
        :raises UserError, ValidationError: one cannot be, or not beside the others
        """
        self.ensure_one()
        self.check_access("write")
        self.env["kpi.claim"]._claim(f"versions of KPI {self.id}")
        rows = sorted(rows, key=lambda row: row["valid_from"])
        self._check_period_starts(self.frequency, [row["valid_from"] for row in rows])
        methods = []
        for row in rows:
            given = {name: row[name] for name in METHOD_FIELDS if name in row}
            draft = self.new({**self._get_method(), **given}, origin=self)
            methods.append(draft._get_method())
            draft._check_method(self._with_method(methods[max(0, len(methods) - 2)]))
        self._replace_versions(
            self.version_ids,
            [{**row, **method} for row, method in zip(rows, methods, strict=True)],
        )
        self._take_over()
        self._link_sources()


def _add_counts(counts, first):
    """Sums of ``_count_closed_values`` from a day on, by what they count."""
    names = ("closed_count", "judged_count", "locked_count")
    rows = [row[1:] for row in counts if row[0] >= first]
    return dict(zip(names, map(sum, zip((0, 0, 0), *rows, strict=True)), strict=True))


class KpiDefinitionVersion(models.Model):
    """How the values of a KPI are computed from a period on; written by ``_change``.

    The first one holds for all that lies before it as well. One that was mistaken is
    archived, and another one stands at its day.
    """

    _name = "kpi.definition.version"
    _description = "KPI Definition Version"
    _inherit = ["kpi.method.mixin"]
    _order = "definition_id, valid_from desc, id desc"
    _rec_name = "valid_from"

    definition_id = fields.Many2one(
        "kpi.definition", "KPI", required=True, ondelete="cascade", index=True
    )
    valid_from = fields.Date(
        required=True, help="First day of the version's first period."
    )
    active = fields.Boolean(default=True)
    reason = fields.Char()
    computation_error = fields.Char()
    changed_fields = fields.Char(
        "Changed",
        compute="_compute_changed_fields",
        exportable=False,
        help="Changes since the previous version.",
    )

    _definition_day_uniq = models.UniqueIndex(
        "(definition_id, valid_from) WHERE active",
        "This KPI already has a version from this day.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        versions = super().create(vals_list)
        # They are a part of the meaning of their KPI.
        versions.definition_id._note_meaning()
        return versions

    @api.depends("definition_id.version_ids.valid_from", *METHOD_FIELDS)
    def _compute_changed_fields(self):
        for version in self:
            others = version.definition_id.version_ids.sorted("valid_from")
            before = others.filtered(
                lambda each, day=version.valid_from: each.valid_from < day
            )[-1:]
            changed = [
                version._fields[name]._description_string(self.env)
                for name in METHOD_FIELDS
                if before and version[name] != before[name]
            ]
            version.changed_fields = ", ".join(changed)
