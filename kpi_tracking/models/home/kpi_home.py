from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import Literal

import numpy as np

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.formatting import compact, is_whole_month
from odoo.addons.kpi_base.formatting import format_month, read_unit, reader_table
from odoo.addons.kpi_base.rights import look_up_once, remember_rights
from odoo.addons.kpi_base.roles import ADMIN, MANAGER, OFFICER
from odoo.addons.kpi_base.schemas.base import Status

from ...engine.change import FAR
from ...engine.gauge.zones import Aim
from ...engine.series import as_json_numbers, make_series
from ...engine.status import NO_TARGET
from ...engine.targets import Targets
from ...engine.zones import THRESHOLD_FIELDS
from ..definition.kpi_zones_mixin import STATUSES
from ..report.kpi_report import JUDGED, WIDEST
from ..report.kpi_report_status import SPARKLINE_PERIODS
from .home_kpi import (
    CLOSED,
    PLACES,
    RUNNING,
    HomeGroup,
    find_tone,
    read_home_kpis,
)

OF_SUMMARY = "KPIs of the overview"  # see ``look_up_once``
MOST_ROWS = 6
MOST_CARDS = 6
LEAST_CARDS = 4
OFTEN = 10  # counted in a period
USUAL = 1.0  # multiples of the usual change up to which nothing is worth a row
DUE = ("target", "baseline", "low", "high")
ZONES = {None: None, 0.0: "rag", 1.0: "five"}


class KpiHome(models.AbstractModel):
    """The overview of whoever looks, and what addons add to it: see ``_get_panels``."""

    _name = "kpi.home"
    _description = "KPI Overview"

    @api.model
    @api.readonly
    def get_summary(self, period=None):
        """All that the overview shows, of what the user answers for.

        Officers see the KPIs of the company, managers those of their departments and
        teams, others their own and those shared with them; beside these, the KPIs that
        they starred.

        :param period: ``closed`` or ``running``: of each KPI the last period of its own
            that has closed, or the one that runs; None = closed, unless only running
            ones have values
        :return: dict of ``role``, ``company``, ``period`` (as used), ``title``,
            ``titles`` and ``labels`` (period → its name, long and short), ``counts``
            (status in that period → number of KPIs, see ``open_counted``),
            ``cards`` (of the KPIs that matter most, as ``_build_card``), ``changes``
            (such rows with ``ratio`` and ``tone``, the least usual change first),
            ``growing_count`` (of the KPIs that are compared once their period closes),
            ``has_example`` (example data that the user may remove), ``digest`` (as
            ``_prepare_digest``), ``needs`` (as ``get_needs``), ``panels`` (as
            ``_get_panels``, not drawn without KPIs) and ``ask`` (who can track a first
            KPI)
        :raises UserError: there is no such period
        """
        if period not in (None, CLOSED, RUNNING):
            raise UserError(self.env._("Unknown period “%s”.", period))
        with remember_rights(self.env):
            return self._read_summary(period)

    def _read_summary(self, period):
        """What ``get_summary`` returns."""
        key_kpis = self._get_key_kpis()
        groups = self._read_groups(key_kpis)
        kpis = sorted(chain.from_iterable(group.kpis for group in groups))
        period = period or self._choose_period(groups)
        place = PLACES[period]
        series = self._fetch_series(groups)
        changes = self._find_changes(groups, series, place)
        chosen = self._choose_cards(kpis, groups, key_kpis, place, changes)
        ids = [*chosen, *(report_id for report_id, _ratio in changes)]
        cards = self._build_cards(groups, series, ids, place)
        counts = Counter(chain.from_iterable(one.statuses[:, place] for one in series))
        needs = self.get_needs()
        return {
            "role": self._get_role(),
            "company": self._name_companies(),
            "period": period,
            **self._name_periods(groups, chosen),
            "counts": {
                name: counts[name]
                for name in (*JUDGED, "not_due", "no_target", "no_data")
            },
            "cards": [cards[report_id] for report_id in chosen],
            "changes": [_add_change(cards[id_], ratio) for id_, ratio in changes],
            # sums, which are compared once their period closes
            "growing_count": sum(kpi.is_additive for kpi in kpis)
            if period == RUNNING
            else 0,
            "digest": self._prepare_digest(groups, series, needs) if kpis else None,
            "needs": needs,
            "has_example": self.env.user.has_group(OFFICER)
            and any(kpi.is_example for kpi in kpis),
            "panels": self._get_panels(),
            "ask": "" if kpis else self._name_officer(),
        }

    def _name_companies(self):
        # What the user's own companies are called is no secret.
        companies = self.env.companies.sudo()
        companies.fetch(["name"])  # of a hundred fields
        return ", ".join(companies.mapped("name"))

    @api.model
    @api.readonly
    def open_counted(self, period: Literal["closed", "running"], status: Status):
        """Open the list of what ``get_summary`` counts in a period with a status."""
        groups = self._read_groups(self._get_key_kpis())
        place, ids, closed = PLACES[period], [], Domain.FALSE
        for group, series in zip(groups, self._fetch_series(groups), strict=True):
            rows = np.flatnonzero(series.statuses[:, place] == status)
            found = [group.kpis[row].id for row in rows]
            ids += found
            in_period = Domain("period_start", "=", group.periods[place].start)
            in_period &= Domain("grain", "=", group.kpis[0].frequency)
            closed |= in_period & Domain("report_id", "in", found)
        if period == CLOSED and status in JUDGED:  # as it was: later ones are other
            action, domain = "kpi_tracking.kpi_target_value_action", closed
        else:
            action, domain = "kpi_tracking.kpi_report_action", Domain("id", "in", ids)
        when = self._name_periods(groups, ids)["labels"].get(period, "")
        name = ", ".join(filter(None, (dict(STATUSES)[status], when)))
        return open_list(self.env, action, list(domain), display_name=name)

    def _read_groups(self, key_kpis):
        """The KPIs of the overview by calendar and frequency: list of ``HomeGroup``."""
        domain = self._get_summary_domain(key_kpis)
        kpis = look_up_once(
            self.env,
            OF_SUMMARY,
            lambda: read_home_kpis(self.env, self.env["kpi.report"]._search(domain)),
        )
        return self._group_kpis(kpis)

    def _group_kpis(self, kpis, *count):
        grouped = {}
        for kpi in kpis:
            grouped.setdefault((kpi.calendar_id, kpi.frequency), []).append(kpi)
        # Calendars of KPIs that the user sees.
        calendars = self.env["kpi.calendar"].sudo()
        return [
            HomeGroup.of(calendars.browse(calendar_id), frequency, same, *count)
            for (calendar_id, frequency), same in grouped.items()
        ]

    def _list_cards(self, domain, count):
        """Cards of the KPIs of a domain that the user sees, as ``_build_card``.

        Each has its ``gauge`` and its last ``periods``, the running one at the end::

            for card in self._list_cards(Domain("is_starred", "=", True), 24):
                card["name"], card["periods"][-1]["value"]
        """
        query = self.env["kpi.report"]._search(domain)
        groups = self._group_kpis(read_home_kpis(self.env, query, count), count)
        every_series = self._fetch_series(groups)
        place = PLACES[self._choose_period(groups)]
        kpis = [kpi for group in groups for kpi in group.kpis]
        ids = {kpi.id for kpi in kpis}
        cards = self._build_cards(groups, every_series, ids, place)
        # How a KPI is drawn is no secret to those who see it.
        widgets = self.env["kpi.gauge.widget"].sudo()
        widgets = widgets.browse({kpi.gauge_widget_id for kpi in kpis} - {None})
        for group, series in zip(groups, every_series, strict=True):
            labels = group.calendar._period_labels(group.periods)
            days = [period.start.isoformat() for period in group.periods]
            for kpi in group.kpis:
                row, way = group.row_of[kpi.id], kpi.direction
                points = series.list_points(row, slice(None), labels, way)
                statuses = map(str, series.statuses[row])
                cards[kpi.id]["periods"] = [
                    {"period_start": day, **point, "status": status}
                    for day, point, status in zip(days, points, statuses, strict=True)
                ]
                widget = widgets.browse(kpi.gauge_widget_id or ())
                widget = widget.with_prefetch(widgets.ids)
                cards[kpi.id]["gauge"] = self._draw_gauge(
                    kpi, widget, series, row, len(days) + place
                )
        return [*cards.values()]

    def _get_panels(self):
        """Panels of addons below the rows: key → what the panel draws, JSON.

        Read with the user's rights, in a fixed number of statements. A panel that has
        nothing to show is left out. The component that draws it is registered in the
        browser under the same key, in the bundle ``kpi_tracking.assets_home``::

            def _get_panels(self):
                teams = self.env["kpi.team"].search_read([], ["name"])
                return {**super()._get_panels(), "my_addon.teams": teams}

            registry.category("kpi_home_panels")
                .add("my_addon.teams", { component: TeamsPanel, sequence: 20 });
        """
        return {}

    def _get_key_kpis(self):
        """KPIs that others have put before all others for this user, best first.

        Shown until the user stars some. An addon adds its own::

            def _get_key_kpis(self):
                return super()._get_key_kpis() or [("kpi.definition", 5)]

        :return: list of pairs of ``kpi.definition`` (the widest that the user sees is
            shown) or ``kpi.report``, and an id
        """
        return []

    def _get_role(self):
        """By what the overview is ordered: the widest group that the user has."""
        roles = {"administrator": ADMIN, "officer": OFFICER, "manager": MANAGER}
        own = (role for role in roles if self.env.user.has_group(roles[role]))
        return next(own, "employee")

    def _get_summary_domain(self, key_kpis=None):
        """The KPIs that the overview looks at, of those that the user may see.

        :param key_kpis: as ``_get_key_kpis`` returns them; None = looked up
        """
        key_kpis = self._get_key_kpis() if key_kpis is None else key_kpis
        asked = [res_id for model, res_id in key_kpis if model == "kpi.report"]
        more = Domain("is_starred", "=", True) | Domain("id", "in", asked)
        is_active = Domain("definition_id.active", "=", True)
        wide = Domain.FALSE  # what the user answers for
        if self.env.user.has_group(OFFICER):
            wide = Domain("scope_type", "=", "company")
        elif self.env.user.has_group(MANAGER):
            wide = Domain("is_managed_by_me", "=", True)
            wide &= Domain("scope_type", "in", ("department", "team"))
        reports = self.env["kpi.report"]
        if wide.is_false() or not reports.search_count(is_active & wide, limit=1):
            # Benchmarks are readable for many and the figures of no one.
            references = self.env["kpi.external.source"]._get_reference_domain()
            return is_active & (~references | more)
        return is_active & (wide | more)

    def _choose_period(self, groups):
        """The closed period, unless there was nothing yet but in the running one.

        Who has just begun has zeros before that, if anything.
        """
        running = PLACES[RUNNING]
        counted = [np.nan_to_num(group.values) != 0 for group in groups]
        known = [~np.isnan(group.values) for group in groups]
        for cells, before in ((counted, slice(None, running)), (known, PLACES[CLOSED])):
            is_now = any(each[:, running].any() for each in cells)
            if is_now and not any(each[:, before].any() for each in cells):
                return RUNNING
        return CLOSED

    def _choose_cards(self, kpis, groups, key_kpis, place, changes):
        """Ids of the four to six KPIs that matter most to the user.

        Those they starred; up to four of them are filled up with the key KPIs of
        ``_get_key_kpis``, then with those that most people follow, and beyond four
        with those of them that are off track or changed most. Of a KPI that is tracked
        for several the widest one is shown, unless it is starred.

        :param changes: as ``_find_changes`` returns them
        """
        known = {
            kpi.id
            for group in groups
            for kpi, number in zip(group.kpis, group.values[:, place], strict=True)
            if not np.isnan(number)
        }
        followed = sorted(
            kpis,
            key=lambda kpi: (
                kpi.id not in known,
                -kpi.follower_count,
                kpi.status not in JUDGED,
                WIDEST[kpi.scope_type],
                kpi.id,
            ),
        )
        chosen = [kpi for kpi in kpis if kpi.is_starred]
        most = max(len(chosen), LEAST_CARDS) if chosen else MOST_CARDS
        for others, up_to in (
            (_find_key_kpis(kpis, key_kpis), most),
            (followed, LEAST_CARDS),
            (_sort_pressing(followed, known, changes), most),
            (followed, most),
        ):
            _fill_cards(chosen, others, up_to, known)
        return [kpi.id for kpi in chosen[:MOST_CARDS]]

    def _find_changes(self, groups, every_series, place):
        """The changes that matter most: pairs of KPI id and multiple of the usual one.

        What has a target comes first, then how unusual a change is times the weight of
        its KPI (``HomeKpi.weight``). What still grows is not compared with full
        periods, nor are values with those that were computed otherwise; a count that
        moves within chance is no news. Where too little is known to say what is usual
        the multiple is None, and comes last.
        """
        found = []
        for group, series in zip(groups, every_series, strict=True):
            has_no_target = series.statuses[:, place] == NO_TARGET
            ratios = group.ratios(place)
            before, value = group.values[:, place - 1], group.values[:, place]
            sizes = np.abs(value - before) / np.maximum(np.abs(before), 1e-9)
            is_shown = (value != before) & ~np.isnan(sizes) & ~(np.abs(ratios) <= USUAL)
            is_shown &= ~group.has_seam[:, place]
            # By chance alone two counts differ by √(their sum) (Poisson), rarely by
            # two of these. What is counted often shows itself what is usual.
            is_rare = np.array([kpi.is_count for kpi in group.kpis], bool)
            is_rare &= np.fmax(np.abs(value), np.abs(before)) < OFTEN
            is_shown &= ~(
                is_rare
                & (np.abs(value - before) <= 2 * np.sqrt(np.abs(value + before)))
            )
            if place == PLACES[RUNNING]:
                is_shown &= ~series.is_cumulative
                is_shown &= [kpi.is_comparable_so_far for kpi in group.kpis]
            for row in np.flatnonzero(is_shown):
                kpi, ratio = group.kpis[row], float(ratios[row])
                is_unknown = ratio != ratio
                rank = (
                    has_no_target[row],
                    is_unknown,
                    0.0 if is_unknown else -kpi.weight * abs(ratio),
                    -kpi.weight * sizes[row],
                )
                found.append((*rank, kpi.id, ratio, kpi.numbers_key))
        rows = {}
        for *_rank, report_id, ratio, key in sorted(found, key=lambda each: each[:5]):
            rows.setdefault(key, (report_id, ratio if ratio == ratio else None))
        return [*rows.values()][:MOST_ROWS]

    def _name_periods(self, groups, chosen):
        """Long ``titles`` and short ``labels`` of the periods, of most KPIs shown."""
        if not groups:
            return {"titles": {}, "labels": {}}
        shown = set(chosen)
        group = max(groups, key=lambda each: len(shown.intersection(each.row_of)))
        name = group.calendar._period_label
        return {
            "titles": {key: self._name_period(group, at) for key, at in PLACES.items()},
            "labels": {key: name(group.periods[at]) for key, at in PLACES.items()},
        }

    def _name_officer(self):
        """Name whom to ask for KPIs and rights in this company; empty without one.

        Those who define KPIs come before those who administer them.
        """
        # Whom to ask is no secret.
        officers, admins = self.env.ref(OFFICER).sudo(), self.env.ref(ADMIN).sudo()
        others = officers.all_user_ids.filtered(
            lambda user: self.env.company in user.company_ids and user.active
        )
        others -= self.env.user
        return (others - admins.all_user_ids or others)[:1].name or ""

    @api.model
    def _get_officer_name(self):
        """Name whom to ask, in sentences: a person, else the role."""
        return self._name_officer() or self.env._("a KPI officer")

    def _fetch_series(self, groups):
        """Values, targets and status of groups, by a statement for the targets."""
        queries, reports = [group.query for group in groups], self.env["kpi.report"]
        stored = reports._fetch_stored_targets(queries, False) if queries else []
        every_series = []
        for group in groups:
            own = [row for row in stored if row[0] in group.row_of]
            nothing = Targets.empty(*group.values.shape)
            rows = replace(group.rows, stored=own)
            every_series.append(make_series(group.query, rows, nothing))
        return every_series

    def _build_cards(self, groups, every_series, ids, place):
        """Cards of some KPIs.

        :param groups, every_series: all of them
        :param ids: of the KPIs that are shown
        :param place: of the period shown, from the end
        :return: dict KPI id → dict, JSON
        """
        kpis = [kpi for group in groups for kpi in group.kpis if kpi.id in ids]
        new = [kpi.id for kpi in kpis if not kpi.starts and kpi.computation == "manual"]
        enterable = set(self.env["kpi.report"].browse(new)._filter_enterable().ids)
        cards = {}
        for group, series in zip(groups, every_series, strict=True):
            own = [kpi for kpi in kpis if kpi.id in group.row_of]
            labels = group.calendar._period_labels(group.periods) if own else ()
            for kpi in own:
                row = group.row_of[kpi.id]
                card = self._build_card(kpi, series, row, place, labels, enterable)
                if group.is_new and card["now"] and not card["now"]["value"]:
                    card["now"] = None  # nothing has happened yet, which is no news
                cards[kpi.id] = card
        return cards

    def _build_card(self, kpi, series, row, place, labels, enterable):
        at = len(series.periods) + place
        values = as_json_numbers(series.values[row])
        shown = slice(max(at + 1 - SPARKLINE_PERIODS, 0), at + 1)
        due_target = series.get_due("target", (row, at))
        (target,), now = as_json_numbers(np.array([due_target], float)), None
        if place != -1 and values[-1] is not None:  # beside the closed one
            running = self._prepare_status(series, row, len(labels) - 1)
            now = {"value": values[-1], "label": labels[-1], **running}
        is_only = kpi.scope_type == "company" and len(self.env.companies) == 1
        return {
            "report_id": kpi.id,
            "name": kpi.name,
            "kpi": kpi.kpi_name,
            "scope": ("" if is_only else kpi.scope_name),
            "unit": kpi.unit_description(),
            "direction": kpi.direction,
            "aggregation_time": kpi.aggregation_time,
            "definition_id": kpi.definition_id,
            "certification": kpi.certification,
            "is_starred": kpi.is_starred,
            "measured_at": kpi.last_measured_at
            and kpi.last_measured_at.isoformat(" ", "seconds"),
            "reason": ""
            if values[at] is not None
            else self._explain_missing(kpi, values[:at], labels),
            "can_enter": kpi.id in enterable,
            "period": {
                "label": labels[at],
                "start": series.periods[at].start.isoformat(),
                "is_running": place == -1,
            },
            "value": values[at],
            "previous": values[at - 1],
            "previous_label": labels[at - 1],
            "target": target,
            **self._prepare_status(series, row, at),
            "trend": series.list_line(row, shown, labels[shown], kpi.direction),
            "now": now,
        }

    def _explain_missing(self, kpi, earlier, labels):
        """Say why a period has no value, and what the latest one before it was.

        :param earlier: values of the periods before, None = none
        :param labels: of all periods
        """
        if kpi.computation_error:
            return kpi.computation_error
        known = [at for at, value in enumerate(earlier) if value is not None]
        if known:
            unit = read_unit(self.env, kpi.unit_description())
            return self.env._(
                "No value for %(period)s yet. %(latest)s: %(value)s",
                period=labels[len(earlier)],
                latest=labels[known[-1]],
                value=compact(reader_table(self.env), earlier[known[-1]], unit),
            )
        if kpi.computation == "manual":
            return self.env._("No value entered yet.")
        if not kpi.starts:
            return self.env._("No records counted yet.")
        return self.env._("No records to count.")

    def _prepare_status(self, series, row, at):
        (achieved,) = as_json_numbers(series.achievements[row, at : at + 1])
        return {
            "achievement": achieved,
            "status": str(series.statuses[row, at]),
        }

    def _prepare_criteria(self, series, row, at):
        """What a value is judged by, as ``kpi.report._zones_of_status`` takes it."""
        targets, cell = series.targets, (row, at)
        cells = {
            name: getattr(targets, name)[cell]
            for name in (*DUE, *THRESHOLD_FIELDS, "is_five")
        }
        cells |= {f"due_{name}": series.get_due(name, cell) for name in DUE}
        numbers = as_json_numbers(np.array([*cells.values()], float))
        found = dict(zip(cells, numbers, strict=True))
        return {**found, "zones": ZONES[found.pop("is_five")]}

    def _draw_gauge(self, kpi, widget, series, row, at):
        """The gauge of the value at a place; False where none was chosen."""
        values = as_json_numbers(series.values[row, : at + 1])
        if values[-1] is None or not widget:
            return False
        criteria = self._prepare_criteria(series, row, at)
        drawn = widget._drawing(
            Aim(kpi.direction, *(criteria[f"due_{name}"] for name in DUE)),
            self.env["kpi.report"]._zones_of_status(criteria),
            value=values[-1],
            whole=criteria["target"],
            previous=values[-2],
            earlier=[value for value in values[:-1] if value is not None],
        )
        return drawn and {**drawn, "who": ""}

    def _name_period(self, group, place):
        """Period in the title: “October 2026”; shorter where that would not be true."""
        calendar, period = group.calendar, group.periods[place]
        if is_whole_month(period.start, period.stop, period.grain):
            return format_month(self.env, period.start, is_long=True)
        return calendar._period_label(period)


def _fill_cards(chosen, kpis, most, known):
    """Add the first of ``kpis`` until ``most`` are chosen, the widest of each.

    Mean and median of the same numbers need one card, unless both are starred.

    :param known: ids of those with a value in the period shown
    """
    widest, taken = {}, {kpi.definition_id for kpi in chosen}
    for kpi in kpis:
        if kpi.definition_id not in taken:
            other = widest.setdefault(kpi.definition_id, kpi)
            widest[kpi.definition_id] = min(
                other,
                kpi,
                key=lambda one: (one.id not in known, WIDEST[one.scope_type]),
            )
    for kpi in widest.values():
        twins = {one.twin_key for one in chosen} - {None}
        if len(chosen) < most and kpi.twin_key not in twins:
            chosen.append(kpi)


def _find_key_kpis(kpis, key_kpis):
    """The KPIs that were put first: of a definition the widest one."""
    widest, known = {}, {kpi.id: kpi for kpi in kpis}
    for kpi in sorted(kpis, key=lambda kpi: (WIDEST[kpi.scope_type], kpi.id)):
        widest.setdefault(kpi.definition_id, kpi.id)
    for model, res_id in key_kpis:
        report_id = widest.get(res_id) if model == "kpi.definition" else res_id
        if report_id in known:
            yield known[report_id]


def _sort_pressing(kpis, known, changes):
    """Those with a value that are off track, changed unusually or are at risk."""
    changed = {report_id: place for place, (report_id, _ratio) in enumerate(changes)}
    urgency = {"off_target": 0, "at_risk": 2}

    def rank(kpi):
        change = 1 if kpi.id in changed else 3
        return min(urgency.get(kpi.status, 3), change)

    pressing = [kpi for kpi in kpis if kpi.id in known and rank(kpi) < 3]
    return sorted(
        pressing,
        key=lambda kpi: (
            not kpi.follower_count,
            rank(kpi),
            changed.get(kpi.id, MOST_ROWS),
            WIDEST[kpi.scope_type],
        ),
    )


def _add_change(card, ratio):
    """A row of “What changed”: how unusual the change is, and whether it is good.

    ``ratio`` is None where nobody knows what is usual, ``is_far`` says that it is too
    large to be named, and ``is_first`` that nothing ever changed before.
    """
    is_first = ratio is not None and bool(np.isinf(ratio))
    tone = find_tone(card["value"] - card["previous"], card["direction"])
    known = None if ratio is None or is_first else abs(ratio)
    is_far = known is not None and known >= FAR
    return {
        **card,
        "ratio": known,
        "is_far": is_far,
        "is_first": is_first,
        "tone": tone,
    }
