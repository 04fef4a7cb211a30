from odoo import api, fields, models
from odoo.exceptions import UserError

from ..definition.kpi_method_mixin import METHOD_FIELDS
from ..definition.stretch import Stretch

ALL_HISTORY = "all"
MAGIC = {"id", *models.MAGIC_COLUMNS}
WITH_WEIGHTS = ("average", "weighted_average", "median", "percentile", "share")


class KpiDefinition(models.Model):
    """Definitions that change from a period on; values before it stay as they are."""

    _inherit = "kpi.definition"

    version_ids = fields.One2many(
        "kpi.definition.version", "definition_id", "Versions", readonly=True, copy=False
    )

    def _list_stretches(self):
        """``Stretch`` of each version, oldest first; one where nothing ever changed."""
        self.ensure_one()
        # Whoever computes or explains a value knows how it was computed.
        versions = self.sudo().version_ids.sorted("valid_from")
        if not versions or not self.id:  # a draft is what is being edited
            return [Stretch(self, self, versions)]
        firsts = [None, *versions[1:].mapped("valid_from")]
        return [
            Stretch(self, self._with_method(version), version, first, stop)
            for version, first, stop in zip(
                versions, firsts, [*firsts[1:], None], strict=True
            )
        ]

    def _with_method(self, version):
        """This definition as it is computed by a version; nothing is stored."""
        method = version._get_method()
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
        :param valid_from: first day of a period of the KPI; None = for all history
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
            self.write(vals)
            return
        self._check_period_starts(self.frequency, [valid_from])
        period = self.calendar_id._period(self.frequency, valid_from)
        stretch = self._get_stretch(period)
        draft = self._draft_change(vals, stretch)
        if not draft:
            return
        draft._check_method(stretch.method)
        self._store_version(first_day, valid_from, draft._get_method(), reason)
        if not self._take_over():
            self._link_sources(valid_from)

    def _store_version(self, first_day, valid_from, method, reason):
        """Add a version, and the one that held before all others."""
        # Versions are the engine's own: officers change KPIs.
        versions = self.sudo().version_ids.sorted("valid_from")
        if not versions:
            first = {"definition_id": self.id, "valid_from": first_day}
            versions = versions.create({**self._get_method(), **first})
        versions.filtered(lambda each: each.valid_from == valid_from).active = False
        versions.flush_recordset(["active"])  # before the other takes its day
        versions.create(
            {
                **method,
                "definition_id": self.id,
                "valid_from": valid_from,
                "reason": reason,
            }
        )
        self.invalidate_recordset(["version_ids"])

    def _take_over(self):
        """Have definitions hold what is in force today in their calendars' zones.

        :return: those that did not
        """
        changed = self.browse()
        for definition in self:
            current = definition._get_stretch_of_today()
            if not current.is_current:
                definition.write(current.method._get_method())
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

    def write(self, vals):
        """What a version may change holds from a day on: from the running period's.

        ``kpi_valid_from`` in the context names another day, or ``all``, and
        ``kpi_change_reason`` says why. Where nothing ever changed so, it holds for all
        history; what is in force today is written as it is: ``_take_over`` does so.
        """
        given = self.env.context.get("kpi_valid_from")
        plain = self.with_context(kpi_valid_from=None)
        changed, rest = self._split_method(vals)
        dated = plain if given else plain.filtered(lambda kpi: kpi._is_changed(changed))
        if not changed or not dated:
            return super(KpiDefinition, plain).write(vals)
        super(KpiDefinition, plain - dated).write(vals)
        super(KpiDefinition, dated).write(rest)
        reason = self.env.context.get("kpi_change_reason")
        for definition in dated:
            definition._change(changed, definition._parse_valid_from(given), reason)
        return True

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
        """Whether these differ from what is in force today, of several versions."""
        if not vals or not self.version_ids:
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
