"""The digest: what happened to the user's KPIs and tasks since a day."""

from datetime import date, timedelta

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.engine.formatting import add_sign, compact, distance
from odoo.addons.kpi_base.engine.periods import CalendarSpec, Period, utc_bounds
from odoo.addons.kpi_base.formatting import full_table, read_unit
from odoo.addons.kpi_base.rights import remember_rights

from ...engine.status import NO_TARGET
from ...engine.verdict import list_standings
from ..report.kpi_report import JUDGED
from .home_kpi import CLOSED, PLACES, RUNNING, find_tone
from .kpi_home import USUAL

MAX_ITEMS = 4
MAX_NEWS = 3  # so that one KPI at least has room
TONES = {"on_target": "better", "off_target": "worse"}


class KpiHome(models.AbstractModel):
    """What happened since a day, in a few numbers and sentences."""

    _inherit = "kpi.home"

    @api.model
    def _since(self, day):
        """What happened to the user's KPIs and tasks since a day began.

        At most ``MAX_ITEMS`` things, each one number and one sentence, for the overview
        and other greetings::

            day = self.env.user._kpi_find_last_working_day(today)
            for item in self.env["kpi.home"]._since(day):
                item["title"]  # "Order Value +21 k€"
                item["text"]  # "Nov 2026 is on track so far, at 116% of its target …"

        Read with the user's rights, in a constant number of statements.

        :param day: in the user's time zone
        :return: list of dicts, as ``_prepare_news`` makes them: KPIs first
        """
        with remember_rights(self.env):
            groups = self._read_groups(self._get_key_kpis())
            every_series = self._fetch_series(groups)
            return self._list_since(day, groups, every_series, self.get_needs())

    def _list_since(self, day, groups, every_series, needs):
        """As ``_since``, of what has been read already."""
        news = self._list_news(day, needs)[:MAX_NEWS]
        moves = self._list_moves(day, groups, every_series, MAX_ITEMS - len(news))
        return [*moves, *news]

    def _prepare_digest(self, groups, every_series, needs):
        """The digest since the user's last working day: dict of ``day`` and ``items``;
        None if nothing happened.
        """
        today = fields.Date.context_today(self)
        day = self.env.user._kpi_find_last_working_day(today)
        items = self._list_since(day, groups, every_series, needs)
        return {"day": day.isoformat(), "items": items} if items else None

    def _list_news(self, day, needs):
        """What happened apart from KPIs, the most urgent first; addons add theirs::

            def _list_news(self, day, needs):
                new = self.env["my.review"].search([("create_date", ">=", moment)])
                title = self.env._("%s new reviews", len(new))
                item = self._prepare_news("review", title, "Fair", new)
                return [item, *super()._list_news(day, needs)]

        :param needs: as ``get_needs`` returns them
        """
        late = [need for need in needs if self._is_late_since(need, day)]
        moment = self._get_first_moment(day)
        new = [
            need
            for need in needs
            if need["asked_at"] and need["asked_at"] >= moment and need not in late
        ]
        news = []
        if late:
            one, more = (
                self.env._("1 task went overdue"),
                self.env._("%s tasks went overdue"),
            )
            news.append(self._prepare_needs_news("late", late, one, more, "worse"))
        if new:
            one, more = self.env._("1 new approval"), self.env._("%s new approvals")
            news.append(self._prepare_needs_news("new", new, one, more))
        return news

    def _is_late_since(self, need, day):
        if need["urgency"] or not need["date"]:
            return False
        due = date.fromisoformat(need["date"])
        # What has an hour is late then, all else on the day after.
        return due + timedelta(days=not need["due_at"]) >= day

    def _get_first_moment(self, day):
        """When a day of the user began, as fields and JSON hold it (UTC)."""
        spec = CalendarSpec(tz=str(self.env.tz))
        start, _stop = utc_bounds(spec, Period("day", day, day + timedelta(days=1)))
        return fields.Datetime.to_string(start)

    def _prepare_needs_news(self, kind, needs, one, more, tone=""):
        title = say_count(len(needs), one, more)
        text = self._name_first([need["text"] for need in needs])
        item = self._prepare_news(kind, title, text, tone=tone)
        if len(needs) == 1:
            item |= {"model": needs[0]["model"], "ids": [needs[0]["res_id"]]}
        return item

    def _name_first(self, names):
        """The first of some names, and how many more there are."""
        first, *others = names
        if not others:
            return first
        words = {"name": first, "count": len(others)}
        return self.env._("%(name)s and %(count)s more", **words)

    def _prepare_news(self, kind, title, text, records=None, tone=""):
        """One thing that happened.

        :param title: names a number
        :param text: one sentence
        :param records: that it leads to; None: to what waits for the user
        :param tone: ``better``, ``worse`` or neither
        :return: dict of these, JSON, with ``model`` and ``ids`` of the records and
            the ``context`` that they are opened with
        """
        return {
            "kind": kind,
            "title": title,
            "text": text,
            "tone": tone,
            "step": 0,
            "model": records._name if records else None,
            "ids": records.ids if records else [],
            "context": {},
        }

    def _list_moves(self, day, groups, every_series, count):
        """KPIs that moved most beyond their usual, those with a target first.

        Of the period that a day lies in: what it has moved by since, or, if it has
        closed, how it ended. Totals that grow count by how much they grew. What was
        not tracked yet on that day has nothing to be compared with.
        """
        moment = self._get_first_moment(day)
        then = self._read_values_then(groups, moment)
        first = fields.Datetime.to_datetime(moment)
        found = []
        for group, series in zip(groups, every_series, strict=True):
            is_running = group.periods[PLACES[RUNNING]].start <= day
            list_group = self._list_running if is_running else self._list_closed
            found += [
                (rank, kpi, move)
                for rank, kpi, move in list_group(group, series, then)
                if kpi.created_at < first
            ]
        chosen = {}
        for _rank, kpi, move in sorted(found, key=lambda each: each[0]):
            if kpi.numbers_key not in chosen and all(
                kpi.definition_id != other.definition_id for other, _ in chosen.values()
            ):
                chosen[kpi.numbers_key] = kpi, move
        return self._prepare_moves([*chosen.values()][:count])

    def _read_values_then(self, groups, moment):
        """Values that the running periods had at a moment, of those that changed since.

        :return: dict KPI id → value, None = none
        """
        cells = [
            (kpi.id, period.grain, period.start)
            for group in groups
            for period in group.periods[PLACES[RUNNING] :]
            for kpi in group.kpis
        ]
        if not cells:
            return {}
        ids, grains, starts = map(list, zip(*cells, strict=True))
        # Of KPIs that the user sees.
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT fact.report_id,
                           CASE WHEN first.recorded_at < %(moment)s
                                THEN first.old_value END
                      FROM unnest(%(ids)s::int[], %(grains)s::varchar[],
                                  %(starts)s::date[])
                           AS cell(report_id, grain, period_start)
                      JOIN kpi_measurement AS fact
                        ON fact.report_id = cell.report_id
                       AND fact.grain = cell.grain
                       AND fact.period_start = cell.period_start
                 LEFT JOIN LATERAL (
                           SELECT old_value, recorded_at
                             FROM kpi_measurement_revision AS revision
                            WHERE revision.report_id = fact.report_id
                              AND revision.grain = fact.grain
                              AND revision.period_start = fact.period_start
                              AND revision.replaced_at >= %(moment)s
                         ORDER BY revision.id
                            LIMIT 1
                      ) AS first ON TRUE
                     WHERE fact.recorded_at >= %(moment)s
                    """,
                    ids=ids,
                    grains=grains,
                    starts=starts,
                    moment=moment,
                )
            )
        )

    def _list_running(self, group, series, then):
        """KPIs whose running value is another one than it was."""
        place, found = PLACES[RUNNING], []
        usual = group.usual(place)
        for row, kpi in enumerate(group.kpis):
            value = float(group.values[row, place])
            before = then.get(kpi.id, value)
            if before is None:  # the period has begun since
                before = 0.0 if kpi.is_additive else value
            step = value - before
            if not step or step != step or group.has_seam[row, place]:
                continue
            ratio = abs(step) / usual[row] if usual[row] > 0 else np.nan
            if not kpi.is_additive and not ratio > USUAL:
                continue
            rank = self._rank_move(kpi, series, row, place, ratio)
            found.append((rank, kpi, (group, series, place, step)))
        return found

    def _list_closed(self, group, series, _then):
        """KPIs of a period that closed since: those with a target, or unusual."""
        place, found = PLACES[CLOSED], []
        ratios = group.ratios(place)
        for row, kpi in enumerate(group.kpis):
            ratio = abs(float(ratios[row]))
            is_judged = series.statuses[row, place] in JUDGED
            if np.isnan(group.values[row, place]) or not (is_judged or ratio > USUAL):
                continue
            rank = self._rank_move(kpi, series, row, place, ratio)
            found.append((rank, kpi, (group, series, place, None)))
        return found

    def _rank_move(self, kpi, series, row, place, ratio):
        has_no_target = series.statuses[row, place] == NO_TARGET
        is_unknown = ratio != ratio
        known = 0.0 if is_unknown else float(ratio)
        return has_no_target, is_unknown, -kpi.weight * known, kpi.id

    def _prepare_moves(self, moves):
        """Items of KPIs; their sentences are findings, by what has been read."""
        reports = self.env["kpi.report"]
        periods_of, standings_of = {}, {}
        for kpi, (group, series, place, _step) in moves:
            report = reports.browse(kpi.id)
            periods_of[report] = [group.periods[place]]
            standings_of[report] = _list_standings(group, series, kpi, place)
        findings = reports._get_findings(periods_of, standings_of) if moves else {}
        table = full_table(self.env)
        items = []
        for kpi, (group, series, place, step) in moves:
            report = reports.browse(kpi.id)
            unit = read_unit(self.env, kpi.unit_description())
            row, period = group.row_of[kpi.id], group.periods[place]
            value, status = group.values[row, place], str(series.statuses[row, place])
            tone = TONES.get(status, "")
            if step is None:
                number = compact(table, float(value), unit)
            else:
                number = add_sign(table, step, distance(table, abs(step), unit))
                if not kpi.is_additive:
                    tone = find_tone(step, kpi.direction)
            label = standings_of[report][-1].label
            text = findings[report][period.start] or label
            if text == label and step is not None:
                words = {"period": label, "value": compact(table, float(value), unit)}
                text = self.env._("%(period)s so far: %(value)s", **words)
            title = f"{kpi.kpi_name} {number}"
            item = self._prepare_news("kpi", title, text, report, tone)
            item["context"] = {"kpi_period": period.start.isoformat()}
            items.append({**item, "step": float(np.sign(step or 0))})
        return items


def _list_standings(group, series, kpi, place):
    """How a KPI stood in its periods up to a place, as findings take it."""
    count = len(group.periods) + place + 1
    periods = group.periods[:count]
    (judged,) = series.list_judged([group.row_of[kpi.id]]).values()
    labels = group.calendar._period_labels(periods)
    return list_standings(periods, labels, judged, group.today, kpi.direction)
