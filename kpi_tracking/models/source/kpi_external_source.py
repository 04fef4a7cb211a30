from odoo import api, models
from odoo.fields import Domain

from ..definition.kpi_definition_staleness import SCOPE_TYPES


class KpiExternalSource(models.AbstractModel):
    """Provider of values that no count, sum or formula yields, which explains them.

    A definition with ``computation = "external"`` names the model as its
    ``external_source``, and which of its numbers it is as its ``external_measure``::

        class Weather(models.AbstractModel):
            _name = "my.weather"
            _inherit = ["kpi.external.source"]

            def _get_measures(self):
                return ["rain"]

            def _get_facts(self, definitions, periods):
                return [(report.id, period.start, self._rain(report, period))
                        for report in definitions.report_ids for period in periods]

            def _get_fingerprints(self, definitions, periods):
                return {period.start: self._last_reading() for period in periods}

            def _explain(self, report, period):
                return {"method": "Litres per square metre at the gauge."}

    ``kpi.job`` calls it as superuser whenever it computes KPIs: periods whose
    fingerprint has changed since, in chunks that are committed one by one. Nothing
    else is needed: no cron, no writing of facts.
    """

    _name = "kpi.external.source"
    _description = "External Value Source"
    _counted_model = ""  # while it has no records, the gallery says so

    def _get_measures(self):
        """Names that ``external_measure`` of a definition can have."""
        raise self._missing_error("_get_measures", "the names of its numbers")

    def _get_scope_types(self, measure):
        """Scopes for which values of ``measure`` can come: it is tracked for no others.

        References are the same for all people of a company.
        """
        return ("company",) if measure in self._get_references() else SCOPE_TYPES

    def _get_references(self):
        """Names of its numbers that others are compared with, such as benchmarks.

        Dashboards show those of the company next to the figures of a person, team or
        department. They are shared with all of the company for whom
        ``_can_read_references`` holds.
        """
        return ()

    def _can_read_references(self):
        """Check whether the user may read what the references are made of."""
        return False

    @api.model
    def _list_references(self, is_readable_only=False):
        """Pairs of a source and the name of a reference, of all sources.

        :param is_readable_only: only those that the user may read
        """
        names = self.env.registry.descendants(["kpi.external.source"], "_inherit")
        return [
            (source._name, measure)
            for source in map(self.env.__getitem__, names)
            if not is_readable_only or source._can_read_references()
            for measure in source._get_references()
        ]

    @api.model
    def _get_reference_domain(self, is_readable_only=False):
        """Domain of KPIs that are tracked: those of ``_list_references``."""
        references = Domain.OR(
            Domain("external_source", "=", source)
            & Domain("external_measure", "=", measure)
            for source, measure in self._list_references(is_readable_only)
        )
        return Domain("definition_id", "any!", references)

    def _get_facts(self, definitions, periods):
        """Facts of ``definitions`` in ``periods``.

        :param definitions: those of one calendar and frequency; each says by
            ``external_measure`` what it is, by ``report_ids`` for whom
        :param periods: some of their periods, oldest first
        :return: iterable of (report id, first day of the period, value, weight, number
            of records without a rate), the last two optional. A value of None takes the
            fact away; what is not returned stays as it is.
        """
        raise self._missing_error("_get_facts", "facts of definitions in some periods")

    def _get_fingerprints(self, definitions, periods):
        """Return texts that change with the values, to find cheaply which are stale.

        What is tracked for whom, and in which unit, need not be in it.

        :return: dict first day of each of ``periods`` → text; the same text means the
            same facts, so that they are not asked for again
        """
        raise self._missing_error(
            "_get_fingerprints", "a text per period that changes with its values"
        )

    def _get_first_days(self, definitions):
        """Find the days before which nothing was there to be measured.

        Facts of periods that end before them are left out, as a 0 would say that
        something could have been counted; those of evaluated periods stay.

        :return: dict report id → day of the first record of its company that the values
            could be made from; None = there is none yet. A report that is left out has
            values from the start of its history on.
        """
        return {}

    def _explain(self, report, period):
        """Explain where the value of ``report`` in ``period`` comes from, for the user.

        :return: dict with ``method`` (a sentence) and, as far as there are any,
            ``parts`` and ``records`` as ``get_explanation`` of ``kpi.report`` has them
        """
        raise self._missing_error("_explain", "where a value comes from")

    def _turn_on(self, definitions):
        """Prepare what is needed before the first values of ``definitions``.

        Called when they are turned on in the gallery; they are computed after it.
        """

    def _method_of(self, report, pattern):
        """The method that ``pattern`` names for the number that ``report`` is.

        For sources whose ``_get_measures`` says by what each number is made, as
        ``{"rain": "gauge"}``: of “_explain_%s” it is ``_explain_gauge``.

        :raises NotImplementedError: naming the model and the method
        """
        name = pattern % self._get_measures()[report.definition_id.external_measure]
        method = getattr(self, name, None)
        if method is None:
            raise NotImplementedError(f"{self._name} has no method {name}")
        return method

    def _missing_error(self, method, what):
        return NotImplementedError(
            f"{self._name} hands values over (kpi.external.source): it needs a method"
            f" {method}, which returns {what}"
        )
