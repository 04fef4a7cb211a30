from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..definition.kpi_method_mixin import METHOD_FIELDS
from ..definition.stretch import Stretch

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


class KpiDefinition(models.Model):
    """Definitions that change from a period on; values before it stay as they are."""

    _inherit = "kpi.definition"

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
        help="Days from which it, or a part of its formula, is computed otherwise.",
    )

    @api.depends(
        "version_ids.valid_from", "version_ids.active", "component_ids.change_days"
    )
    def _compute_change_days(self):
        for definition in self.with_context(active_test=False):
            starts = definition.version_ids.mapped("valid_from")
            days = {day.isoformat() for day in starts}
            days -= {min(days, default="")}  # the first holds from the beginning
            for part in definition.component_ids:
                days.update(part.change_days or ())
            definition.change_days = sorted(days) or False

    def _find_change_before(self, period):
        """Day since which a period's values are computed alike; the first of all."""
        days = map(fields.Date.to_date, self.change_days or ())
        return max((day for day in days if day <= period.start), default=date.min)

    def _list_change_reasons(self):
        """First day and reason of each change that has one, latest first."""
        # Whoever sees values knows since when they are computed so, and why.
        versions = self.sudo().version_ids.filtered("reason")
        return [(version.valid_from, version.reason) for version in versions]

    @api.model
    def _get_seam_texts(self):
        """What people read of each ``engine.series.Seam``."""
        return {
            "new": self.env._("Definition changed: computed otherwise from here on"),
            "mixed": self.env._("Definition changed within: partly computed as before"),
            "whole": self.env._("Definition changed within: all computed the new way"),
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
        self._enqueue_change(valid_from)

    def _check_seen_again(self, method, period):
        """Refuse another way of looking at what can only be seen at the time."""
        if method._takes_snapshots() and method._has_moved_on(period):
            raise UserError(
                self.env._(
                    "%s takes snapshots, and those of closed periods cannot be taken"
                    " again. Choose the running period or a later one.",
                    self.name,
                )
            )

    def _enqueue_change(self, first):
        """Have what a change made stale computed first: its sources alone, since then.

        :param first: first day of the version
        """
        if first <= self.calendar_id._today():
            # Jobs are the engine's own: officers change KPIs.
            self.env["kpi.job"].sudo()._enqueue_computation(
                self.env._("Change of %s", self.name), "change", self, first
            )

    def _store_version(self, first_day, valid_from, method, reason):
        """Add a version, and the one that held before all others."""
        # Versions are the engine's own: officers change KPIs.
        versions = self.sudo().version_ids
        rows = [{**method, "valid_from": valid_from, "reason": reason}]
        if not versions:
            rows.insert(0, {**self._get_method(), "valid_from": first_day})
        same = versions.filtered(lambda each: each.valid_from == valid_from)
        self._log_version(self._replace_versions(same, rows)[-1])

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

    def _log_version(self, version):
        period = self.calendar_id._period(self.frequency, version.valid_from)
        text = self.env._(
            "Computed otherwise from %(period)s on: %(fields)s.",
            period=self.calendar_id._period_label(period),
            fields=version.changed_fields,
        )
        self._message_log(body=" ".join(filter(None, (text, version.reason))))

    def _take_over(self):
        """Have definitions hold what is in force today in their calendars' zones.

        :return: those that did not
        """
        changed = self.browse()
        for definition in self:
            current = definition._get_stretch_of_today()
            if not current.is_current:
                definition._write_method(current.method._get_method())
                changed |= definition
        return changed

    def _write_method(self, method):
        """Write how values are computed; unit, additivity and the like stay.

        Those follow what is measured until somebody sets them, and hold for all
        periods.
        """
        settings = [
            field
            for field in self._fields.values()
            if field.compute and field.store and not field.readonly
        ]
        before = self._get_method()
        differing = {n: value for n, value in method.items() if before[n] != value}
        with self.env.protecting(settings, self):
            self.with_context(kpi_valid_from=IN_PLACE).write(differing)

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

    def write(self, vals):
        """What a version may change holds from a day on: from the running period's.

        ``kpi_valid_from`` in the context names another day, or ``all``, and
        ``kpi_change_reason`` says why. Where there are no values yet, it holds for all
        history.
        """
        given = self.env.context.get("kpi_valid_from")
        plain = self.with_context(kpi_valid_from=None)
        if given is IN_PLACE:
            return super(KpiDefinition, plain).write(vals)
        changed, rest = self._split_method(vals)
        dated = plain if given else plain.filtered(lambda kpi: kpi._is_changed(changed))
        if not changed or not dated:
            return super(KpiDefinition, plain).write(vals)
        days = {kpi: kpi._parse_valid_from(given) for kpi in dated}
        for definition, day in days.items():
            if day:
                definition._check_of_all_periods(rest)
        super(KpiDefinition, plain - dated).write(vals)
        super(KpiDefinition, dated).write(rest)
        reason = self.env.context.get("kpi_change_reason")
        for definition, day in days.items():
            definition._change(changed, day, reason)
        return True

    def _check_of_all_periods(self, vals):
        """Refuse to change with a method what holds for values of before as well.

        :raises UserError: naming it
        """
        changed = [
            self._fields[name]._description_string(self.env)
            for name in OF_ALL_PERIODS
            if name in vals
            and self._fields[name].convert_to_cache(vals[name], self)
            != self._fields[name].convert_to_cache(self[name], self)
        ]
        if changed and self._is_measured():
            raise UserError(
                self._refuse_mix(
                    self.env._(
                        "%s would change for earlier values, too.", ", ".join(changed)
                    )
                )
            )

    @api.model
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
                self.env._("“%s” is no day. Write it as 2026-11-01.", given)
            ) from error

    def _is_changed(self, vals):
        """Whether these differ from how the values were computed that there are."""
        if not vals or not self._is_measured():
            return False
        return bool(self._draft_change(vals, self._get_stretch_of_today()))

    def _draft_change(self, vals, stretch):
        """The definition with ``vals`` beside what is in force in a stretch.

        Not stored; empty where that is the same.
        """
        method = stretch.method._get_method()
        draft = self.new({**method, **vals}, origin=self)
        return self.browse() if draft._get_method() == method else draft

    def _get_change_day(self, names):
        """A version changes nothing before its day."""
        if names.issubset(METHOD_FIELDS) and self.version_ids:
            return self._get_stretch_of_today().first
        return super()._get_change_day(names)

    def _check_method(self, before):
        """Refuse what cannot follow on another method within one series of values.

        :param before: the definition as it is computed until then
        :raises UserError, ValidationError: naming what does not fit
        """
        if "external" in (self.computation, before.computation):
            raise UserError(
                self._refuse_mix(self.env._("values from another app do not mix."))
            )
        self._check_records()
        self._check_share()
        self._check_without_company()
        self._check_formula()
        for name in ("aggregation_time", "aggregation_scope"):
            reason = self._get_aggregation_refusal(self[name])
            if reason:
                raise UserError(self._refuse_mix(reason))
        if self._has_weights() != before._has_weights():
            raise UserError(
                self._refuse_mix(
                    self.env._("values with and without weights cannot be combined.")
                )
            )

    def _has_weights(self):
        """Whether values count by the number of their records."""
        return self.computation == "records" and self.measure in WITH_WEIGHTS

    def _refuse_mix(self, reason):
        return self.env._(
            "%(kpi)s cannot change so from a period on: %(reason)s Change it for all"
            " its history, or define a new KPI.",
            kpi=self._origin.name,
            reason=reason,
        )
