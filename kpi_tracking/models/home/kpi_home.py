from collections import Counter

import numpy as np

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from odoo.addons.kpi_base.rights import look_up_once, remember_rights
from odoo.addons.kpi_base.roles import ADMIN, MANAGER, OFFICER

from ..report.kpi_report import JUDGED, WIDEST
from .home_kpi import CLOSED, PLACES, RUNNING, HomeGroup, read_home_kpis

OF_SUMMARY = "KPIs of the overview"  # see ``look_up_once``
MOST_ROWS = 5
MOST_CARDS = 6
LEAST_CARDS = 4
USUAL = 1.0  # multiples of the usual change up to which nothing is worth a row


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
            (status → number of KPIs),
            ``cards`` (of the KPIs that matter most, as ``_build_card``), ``changes``
            (such rows with ``ratio`` and ``tone``, the least usual change first),
            ``growing_count`` (of the KPIs that are compared once their period closes),
            ``needs`` (the first items of ``_get_needs``), ``needs_counts`` (kind →
            number), ``panels`` (as ``_get_panels``) and ``ask`` (who can track a first
            KPI)
        :raises UserError: there is no such period
        """
        if period not in (None, CLOSED, RUNNING):
            raise UserError(self.env._("The overview has no period “%s”.", period))
        with remember_rights(self.env):
            return self._read_summary(period)

    @api.model
    def _read_summary(self, period):
        """What ``get_summary`` returns."""
        key_kpis = self._get_key_kpis()
        domain = self._get_summary_domain(key_kpis)
        kpis = look_up_once(
            self.env,
            OF_SUMMARY,
            lambda: read_home_kpis(self.env, self.env["kpi.report"]._search(domain)),
        )
        groups = self._group_kpis(kpis)
        period = period or self._choose_period(groups)
        place = PLACES[period]
        changes = self._find_changes(groups, place)
        chosen = self._choose_cards(kpis, groups, key_kpis, place, changes)
        ids = [*chosen, *(report_id for report_id, _ratio in changes)]
        cards = self._build_cards(groups, ids, place)
        return {
            "role": self._get_role(),
            # What the user's own companies are called is no secret.
            "company": ", ".join(self.env.companies.sudo().mapped("name")),
            "period": period,
            **self._name_periods(groups, chosen),
            "counts": self._count_statuses(kpis),
            "cards": [cards[report_id] for report_id in chosen],
            "changes": [_add_change(cards[id_], ratio) for id_, ratio in changes],
            "growing_count": self._count_growing(groups, place),
            **self._first_needs(),
            "panels": self._get_panels() if kpis else self._get_start_panels(),
            "ask": "" if kpis else self._name_officer(),
        }

    @api.model
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

    @api.model
    def _get_start_panels(self):
        """Panels while no KPI is tracked for the user: ways to the first ones.

        As ``_get_panels``, which they stand for; where they are the shortest way, the
        other ways to a first KPI stand below.
        """
        return self._get_panels()

    @api.model
    def _get_key_kpis(self):
        """KPIs that others have put before all others for this user, best first.

        Shown until the user stars some. An addon adds its own::

            def _get_key_kpis(self):
                return super()._get_key_kpis() or [("kpi.definition", 5)]

        :return: list of pairs of ``kpi.definition`` (the widest that the user sees is
            shown) or ``kpi.report``, and an id
        """
        return []

    @api.model
    def _get_role(self):
        """By what the overview is ordered: the widest group that the user has."""
        for role, group in (
            ("administrator", ADMIN),
            ("officer", OFFICER),
            ("manager", MANAGER),
        ):
            if self.env.user.has_group(group):
                return role
        return "employee"

    @api.model
    def _get_summary_domain(self, key_kpis=None):
        """The KPIs that the overview looks at, of those that the user may see.

        :param key_kpis: as ``_get_key_kpis`` returns them; None = looked up
        """
        key_kpis = self._get_key_kpis() if key_kpis is None else key_kpis
        asked = [res_id for model, res_id in key_kpis if model == "kpi.report"]
        more = Domain("is_starred", "=", True) | Domain("id", "in", asked)
        is_active = Domain("definition_id.active", "=", True)
        return is_active & (self._get_own_domain(is_active) | more)

    @api.model
    def _get_own_domain(self, is_active):
        """What the user answers for."""
        reports = self.env["kpi.report"]
        wide = Domain.FALSE
        if self.env.user.has_group(OFFICER):
            wide = Domain("scope_type", "=", "company")
        elif self.env.user.has_group(MANAGER):
            wide = Domain("is_managed_by_me", "=", True)
            wide &= Domain("scope_type", "in", ("department", "team"))
        if wide.is_false() or not reports.search_count(is_active & wide, limit=1):
            return Domain.TRUE
        return wide

    @api.model
    def _group_kpis(self, kpis):
        """``HomeGroup`` of each calendar and frequency."""
        grouped = {}
        for kpi in kpis:
            grouped.setdefault((kpi.calendar_id, kpi.frequency), []).append(kpi)
        # Calendars of KPIs that the user sees.
        calendars = self.env["kpi.calendar"].sudo()
        return [
            HomeGroup.of(calendars.browse(calendar_id), frequency, same)
            for (calendar_id, frequency), same in grouped.items()
        ]

    @api.model
    def _choose_period(self, groups):
        """The closed period, unless there was nothing yet but in the running one.

        Who has just begun has zeros before that, if anything.
        """

        def is_any(find, shown):
            return any(find(group.values[:, shown]).any() for group in groups)

        def is_more_than_zero(values):
            return np.nan_to_num(values) != 0

        def is_known(values):
            return ~np.isnan(values)

        closed, running = PLACES[CLOSED], PLACES[RUNNING]
        for find, shown in (
            (is_more_than_zero, slice(None, running)),
            (is_known, closed),
        ):
            if is_any(find, running) and not is_any(find, shown):
                return RUNNING
        return CLOSED

    @api.model
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
        starred = [kpi for kpi in kpis if kpi.is_starred]
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
        choice = _CardChoice(known)
        choice.add(starred)
        most = max(len(starred), LEAST_CARDS) if starred else MOST_CARDS
        choice.fill(_find_key_kpis(kpis, key_kpis), most)
        choice.fill(followed, LEAST_CARDS)
        choice.fill(_sort_pressing(followed, known, changes), most)
        choice.fill(followed, most)
        return choice.ids[:MOST_CARDS]

    @api.model
    def _find_changes(self, groups, place):
        """The changes that are least usual: pairs of KPI id and multiple, or None.

        A sum that still grows is not compared with full periods, nor are values with
        those that were computed otherwise. Where too little is known to say what is
        usual the multiple is None, and comes last.
        """
        found = []
        for group in groups:
            ratios = group.ratios(place)
            before, value = group.values[:, place - 1], group.values[:, place]
            sizes = np.abs(value - before) / np.maximum(np.abs(before), 1e-9)
            is_shown = (value != before) & ~np.isnan(sizes) & ~(np.abs(ratios) <= USUAL)
            is_shown &= ~group.has_seam[:, place]
            if place == PLACES[RUNNING]:
                is_shown &= np.array([not kpi.is_additive for kpi in group.kpis], bool)
            for row in np.flatnonzero(is_shown):
                size = (np.isnan(ratios[row]), -abs(ratios[row]), -sizes[row])
                kpi = group.kpis[row]
                found.append((size, kpi.id, float(ratios[row]), kpi.numbers_key))
        known = [each for each in found if not each[0][0]]
        unknown = [each for each in found if each[0][0]]
        unknown.sort(key=lambda each: (each[0][2], each[1]))
        known.sort(key=lambda each: each[:2])
        rows = {}
        for _size, report_id, ratio, key in [*known, *unknown]:
            rows.setdefault(key, (report_id, ratio if ratio == ratio else None))
        return [*rows.values()][:MOST_ROWS]

    @api.model
    def _count_growing(self, groups, place):
        """Number of the sums that are compared once their period closes."""
        if place != PLACES[RUNNING]:
            return 0
        return sum(kpi.is_additive for group in groups for kpi in group.kpis)

    @api.model
    def _name_periods(self, groups, chosen):
        """Names of the periods, of most of the KPIs that are shown first.

        :return: dict of ``titles`` and ``labels`` (period → name), long and short
        """
        if not groups:
            return {"titles": {}, "labels": {}}
        shown = set(chosen)
        group = max(groups, key=lambda each: len(shown.intersection(each.row_of)))
        name = group.calendar._period_label
        return {
            "titles": {key: self._name_period(group, at) for key, at in PLACES.items()},
            "labels": {key: name(group.periods[at]) for key, at in PLACES.items()},
        }

    @api.model
    def _count_statuses(self, kpis):
        """Status → number of KPIs, as they stand now."""
        counts = Counter(kpi.status for kpi in kpis)
        return {status: counts[status] for status in (*JUDGED, "no_target", "no_data")}

    @api.model
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
    @api.readonly
    def get_needs(self):
        """All items that await the user, in the order of ``get_summary``'s ``needs``.

        :return: list of dicts, as ``_prepare_need`` makes them
        """
        first = self._get_first_kinds().get(self._get_role(), ())
        with remember_rights(self.env):
            items = self._get_needs()
        return sorted(
            items,
            key=lambda item: (item["kind"] not in first, item["urgency"]),
        )

    @api.model
    def _first_needs(self):
        """The most urgent items that await the user, and how many there are."""
        items = self.get_needs()
        counts = Counter()
        for item in items:
            counts[item["kind"]] += item["count"]
        return {"needs": items[:MOST_ROWS], "needs_counts": dict(counts)}

    @api.model
    def _get_first_kinds(self):
        """Role → kinds of items that come before all others for it; addons add more."""
        return {
            "administrator": ("job", "delivery"),
            "officer": ("data",),
            "manager": ("approval", "team"),
            "employee": ("overdue", "due"),
        }

    @api.model
    def _get_needs(self):
        """Items that await the user, as ``_prepare_need`` makes them, in their order.

        Read with the user's rights, in a fixed number of statements. An addon adds its
        own, and how a kind looks is registered in the browser, in the bundle
        ``kpi_tracking.assets_home``::

            def _get_needs(self):
                reviews = self.env["my.review"].search([("user_id", "=", self.env.uid)])
                items = [
                    self._prepare_need("review", review, review.name, review.due_date)
                    for review in reviews
                ]
                return [*super()._get_needs(), *items]

            homeNeeds.add("review", { icon: "fa-eye", word: _t("To review") });
        """
        is_to_enter, is_to_approve = self._find_waiting()
        return [
            *(self._entry_items() if is_to_enter else ()),
            *(self._list_approvals() if is_to_approve else ()),
            *self._counted_items(self._get_role()),
        ]


class _CardChoice:
    """KPIs that get a card, one of each that is tracked for several.

    Mean and median of the same numbers need one card, unless both are starred.

    :param known: ids of those with a value in the period shown
    """

    def __init__(self, known):
        self.known = known
        self.ids = []
        self.definition_ids = set()
        self.twin_keys = set()

    def add(self, kpis):
        self.ids += [kpi.id for kpi in kpis]
        self.definition_ids |= {kpi.definition_id for kpi in kpis}
        self.twin_keys |= {kpi.twin_key for kpi in kpis} - {None}

    def fill(self, kpis, most):
        """Add the first of ``kpis`` until there are ``most``, the widest of each."""
        widest = {}
        for kpi in kpis:
            if kpi.definition_id not in self.definition_ids:
                other = widest.setdefault(kpi.definition_id, kpi)
                widest[kpi.definition_id] = min(other, kpi, key=self._rank_width)
        for kpi in widest.values():
            if len(self.ids) < most and kpi.twin_key not in self.twin_keys:
                self.add([kpi])

    def _rank_width(self, kpi):
        return kpi.id not in self.known, WIDEST[kpi.scope_type]


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

    ``ratio`` is None where nobody knows what is usual, and ``is_first`` says that
    nothing ever changed before.
    """
    is_first = ratio is not None and np.isinf(ratio)
    return {
        **card,
        "ratio": None if ratio is None or is_first else abs(ratio),
        "is_first": bool(is_first),
        "tone": _find_tone(card),
    }


def _find_tone(card):
    """``better`` or ``worse``; empty where a range is best."""
    step = card["value"] - card["previous"]
    if card["direction"] == "range" or not step:
        return ""
    return "better" if (step > 0) == (card["direction"] == "higher") else "worse"
