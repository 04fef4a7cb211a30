from odoo import api, models
from odoo.fields import Domain

from odoo.addons.kpi_base.schemas.base import Text

from ..engine.intent import ACTIONS, Intent, Scope, Span, Status
from ..engine.ledger import Ledger
from ..engine.offers import find_offers, mark_struck
from ..engine.period import find_relative
from .kpi_nlp_processor import SCOPES, _is_of_closed

MOST_CHOICES = 8
MOST_SHOWN = 20  # rows
MAX_WORDS = 4  # that were not understood, with offers for them
KINDS = ("value", "trend", "explain", "forecast", "anomaly")
STATUSES = ("off_target", "at_risk", "on_target", "no_data")
PERIODS = ("month:0", "month:1", "quarter:0", "quarter:1", "year:0", "year:1")
LISTED = {"list_kpis", "count", "rank", "compare", "summary", "about"}
# Chip → slots that it shows; a chip of a condition has the name of its field.
SHOWN = {
    "metric": ("metrics",),
    "scope": ("scope", "group_by"),
    "period": ("period", "granularity"),
}
UNIT = ("unit", "decimals", "unit_symbol", "duration_unit", "aggregation_time")


class KpiNlpProcessor(models.AbstractModel):
    """Answers as screens show them: what was read can be corrected part by part."""

    _inherit = "kpi.nlp.processor"

    @api.model
    def ask(
        self,
        query: Text,
        chosen: dict[str, str] | None = None,
        after: dict | None = None,
    ) -> dict:
        """Answer a question for a screen.

        :param chosen: key of a chip → another of its choices, in the place of what
            was read
        :param after: that of the last answer, which the question may follow up on
        :return: dict of ``outcome``, ``sentences``, ``chips`` (what was read: dicts of
            ``key``, ``text``, ``is_changed`` (since ``after``) and ``choices``, each
            with ``value`` and ``text``),
            ``candidates`` (dicts of ``question``, which may be meant, and its
            ``parts``: dicts of ``text`` and ``is_struck``, which it leaves out),
            ``rows`` (KPIs with their values in words), ``more`` (that are not shown),
            ``kpi`` (the one that it is about, for its chart; or None), ``changed_to``
            (first day of the period whose change is explained), ``proposal`` and
            ``after`` (for a question that follows up on this one within ten minutes)
        """
        before = self._read_context(after)
        intent = self._choose(self._read_question(query, before), chosen or {})
        found = self._answer_intent(intent)
        offers = []
        if intent.kind == "clarify":
            self.env["kpi.question.unread"]._note(query, intent)
            offers = self._list_offers(query, intent, before)
        others = found["candidates"]
        if intent.reason == "unknown_words":
            others = []  # they would leave out what was not understood
        is_clear = found["outcome"] in ("answered", "proposed")
        proposal = found["proposal"]
        kpi = self._find_charted(intent, found) if is_clear else None
        changed = found["change"]
        rows = []
        if intent.kind in LISTED or not kpi:
            rows = [self._describe_place(one) for one in found["ranking"][:MOST_SHOWN]]
            shown = () if rows else found["rows"][:MOST_SHOWN]
            rows += [self._describe_row(row) for row in shown]
        return {
            "outcome": found["outcome"],
            "sentences": found["sentences"] if is_clear else [found["reading"]],
            "chips": _mark_changed(self._list_chips(intent, found), intent, before),
            "candidates": offers
            or [_make_choice(one["question"], one["text"]) for one in others],
            "rows": rows,
            "more": max(found["count"] - MOST_SHOWN, 0),
            "kpi": kpi and self._describe_charted(kpi),
            "changed_to": changed and changed["to"]["period_start"],
            "proposal": proposal and proposal["token"],
            "after": found["after"],
        }

    def _list_offers(self, query, intent, before):
        """Complete questions that may be meant by one that was asked back."""
        if len(intent.words) > MAX_WORDS:
            return []
        known = self._get_catalogue()
        names = {}
        for word in intent.words:
            alike = self._find_alike([word]).sorted(self._rank_alike)
            names[word] = list(dict.fromkeys(alike.mapped("kpi_name")))
            if intent.reason == "ambiguous_name":
                meant = self.env["kpi.definition"].browse(map(int, intent.candidates))
                names[word] = meant.mapped("name") + names[word]
        offers = find_offers(
            query, intent, known, names, lambda text: self._read_question(text, before)
        )
        return [
            {**_make_choice(one.question), "parts": _list_parts(query, one)}
            for one in offers
        ]

    def _rank_alike(self, report):
        """Of KPIs that may be meant first those of the own company that have values."""
        is_own = (
            report.scope_type == "company" and report.company_id == self.env.company
        )
        # When values came is no secret to those who see the KPI.
        return not is_own, not report.sudo().last_measured_at

    def _choose(self, intent, chosen):
        """The intent with what was chosen in the place of what was read."""
        catalogue = self._get_catalogue()
        if chosen.get("metric") in catalogue.by_code:
            intent = intent.with_(metrics=(chosen["metric"],))
        if chosen.get("kind") in KINDS and intent.kind in KINDS and intent.metrics:
            intent = Intent(
                kind=chosen["kind"],
                metrics=intent.metrics,
                conditions=intent.conditions,
                period=intent.period,
                scope=intent.scope,
            )
        if "period" in chosen:
            intent = intent.with_(period=self._find_span(chosen["period"]))
        if chosen.get("status") in STATUSES:
            others = [one for one in intent.conditions if one.field != "status"]
            status = Status(value=(chosen["status"],))
            intent = intent.with_(conditions=(*others, status))
        scope = chosen.get("scope", "")
        # What the user sees no KPI of is not named to them either.
        if scope == "company" or scope in {**catalogue.departments, **catalogue.people}:
            others = tuple(one for one in intent.conditions if one.field != "owner")
            asked = None
            if scope != "company":
                asked = Scope(kind="department", ids=(scope,))
            elif intent.metrics:
                asked = Scope(kind="company")
            intent = intent.with_(conditions=others, scope=asked, group_by=None)
        return intent

    def _find_span(self, value):
        """The span of a choice such as “month:1”; None = the latest value."""
        if value not in PERIODS:
            return None
        grain, back = value.split(":")
        calendar = self._get_calendar()
        return find_relative(calendar._spec(), calendar._today(), grain, int(back))

    # what is shown

    def _describe_row(self, row):
        report, value, stop = row["report"], row["value"], row["period_stop"]
        today = report.definition_id.calendar_id._today()
        return {
            **self._describe_place({**row, "name": report.kpi_name}),
            "scope": report.scope_name,
            "label": row["label"],
            "status": row["status"],
            "is_running": bool(stop) and stop > today,
            "text": "–" if value is None else report._write_value(value),
        }

    def _describe_place(self, ranked):
        empty = {"scope": "", "label": "", "status": "", "text": ranked.get("text")}
        return {"id": ranked["report"].id, "name": ranked["name"], **empty}

    def _find_charted(self, intent, found):
        """The one KPI that an answer is about; None where it is about several."""
        if intent.kind not in KINDS or not intent.metrics:
            return None
        rows = [*found["rows"], *found["forecast"], *found["anomalies"]]
        reports = {row["report"] for row in rows} or set(
            self._find_reports(Ledger(intent))
        )
        return reports.pop() if len(reports) == 1 else None

    def _describe_charted(self, report):
        """A KPI as its chart wants to know it."""
        currency = report.currency_id
        return {
            "id": report.id,
            "name": report.name,
            **{name: report[name] for name in UNIT},
            "currency_id": currency and {"id": currency.id},
        }

    def _list_chips(self, intent, found):
        """What was read, part by part, and what else each part might be."""
        if intent.kind == "clarify":
            return []
        chips = [self._get_kind_chip(intent), self._get_metric_chip(intent)]
        if intent.metrics or intent.kind in LISTED:
            chips += [self._get_scope_chip(intent, found)]
        chips += [self._get_condition_chip(one) for one in intent.conditions]
        if intent.kind not in ACTIONS:
            chips.append(self._get_period_chip(intent, found))
        chips.append(self._get_compared_chip(intent))
        return [chip for chip in chips if chip]

    def _get_compared_chip(self, intent):
        if not isinstance(intent.compare_to, Span):
            return None
        period = self._label_span(intent.compare_to)
        text = self._phrase("compared.with", period=period)
        return {"key": "compare_to", "text": text, "choices": []}

    def _label_span(self, span):
        """A span in words: the name of a period, or its first and last day."""
        calendar = self._get_calendar()
        if span.grain in ("month", "quarter", "year"):
            return calendar._period_label(calendar._period(span.grain, span.first))
        return f"{span.first} – {span.last}"

    def _get_kind_chip(self, intent):
        is_one_of = intent.kind in KINDS and intent.metrics
        choices = [
            {"value": kind, "text": self._phrase(f"kind.{kind}")}
            for kind in (KINDS if is_one_of else ())
            if kind != intent.kind
        ]
        text = self._phrase(f"kind.{intent.kind}")
        return {"key": "kind", "text": text, "choices": choices}

    def _get_metric_chip(self, intent):
        definitions = self.env["kpi.definition"].browse(map(int, intent.metrics))
        if not definitions:
            return None
        names = ", ".join(definitions.mapped("name"))
        choices = []
        if len(definitions) == 1:
            others = self._find_similar(definitions)
            choices = [{"value": str(one.id), "text": one.name} for one in others]
        return {"key": "metric", "text": names, "choices": choices}

    def _find_similar(self, definition):
        """KPIs of a name with a word in common, then those of the same category."""
        said = set(definition.name.lower().split())
        alike = Domain.OR(Domain("name", "ilike", word) for word in said)
        alike |= Domain("category_id", "=", definition.category_id.id)
        every = definition.search(Domain("id", "!=", definition.id) & alike)

        def likeness(other):
            common = said & set(other.name.lower().split())
            return len(common), other.category_id == definition.category_id

        similar = every.filtered(lambda other: any(likeness(other)))
        return similar.sorted(likeness, reverse=True)[:MOST_CHOICES]

    def _get_scope_chip(self, intent, found):
        rows = [*found["rows"], *found["forecast"], *found["anomalies"]]
        scopes = list(dict.fromkeys(row["report"].scope_name for row in rows))
        text = ", ".join(self._list_scopes(intent.scope))
        if not text and intent.group_by in SCOPES:
            text = self._phrase(f"by.{intent.group_by}")
        if not text:
            text = scopes[0] if len(scopes) == 1 else self._phrase("all")
        domain = [("definition_id", "in", list(map(int, intent.metrics)))]
        if not intent.metrics:
            domain = [("scope_type", "!=", "user")]
        reports = self.env["kpi.report"].search(domain, limit=200)
        choices = {
            "company"
            if report.scope_type == "company"
            else f"{report.scope_type}:{report._scope_record().id}": report.scope_name
            for report in reports
        }
        choices = {key: name for key, name in choices.items() if name != text}
        listed = [{"value": key, "text": name} for key, name in choices.items()]
        return {"key": "scope", "text": text, "choices": listed[:MOST_CHOICES]}

    def _get_condition_chip(self, one):
        choices = []
        if one.field == "status":
            choices = [
                {"value": status, "text": self._name_status(status)}
                for status in STATUSES
                if (status,) != one.value
            ]
        text = self._name_condition(one)
        return {"key": one.field, "text": text, "choices": choices}

    def _get_period_chip(self, intent, found):
        calendar = self._get_calendar()
        labels = list(dict.fromkeys(row["label"] for row in found["rows"]))
        latest = self._phrase("latest")
        is_closed = intent.kind in LISTED and _is_of_closed(intent)
        text = self._phrase("latest.closed") if is_closed else latest
        if intent.period:
            text = self._label_span(intent.period)
        elif labels and labels[-1] and (len(labels) == 1 or found["change"]):
            text = labels[-1]
        choices = [{"value": "", "text": latest}] if intent.period else []
        for value in PERIODS:
            span = self._find_span(value)
            period = calendar._period(span.grain, span.first)
            label = calendar._period_label(period)
            if label != text:
                choices.append({"value": value, "text": label})
        return {"key": "period", "text": text, "choices": choices}


def _mark_changed(chips, intent, before):
    """Say of each chip whether it is other than in the question before."""

    def read_part(key, asked):
        known = [one for one in asked.conditions if one.field == key]
        names = SHOWN.get(key, (key,))
        slots = [getattr(asked, name, None) for name in names]
        return known, slots

    return [
        {
            **chip,
            "is_changed": bool(before)
            and read_part(chip["key"], intent) != read_part(chip["key"], before),
        }
        for chip in chips
    ]


def _make_choice(question, text=None):
    """A question to ask by one tap."""
    text = text or question
    part = {"text": text, "is_struck": False}
    return {"question": question, "text": text, "parts": [part]}


def _list_parts(query, offer):
    """An offer in parts: with the words of the question that it leaves out."""
    parts = [(offer.question, False)]
    if offer.struck:
        parts = mark_struck(query, offer.struck)
    return [{"text": text, "is_struck": is_struck} for text, is_struck in parts]
