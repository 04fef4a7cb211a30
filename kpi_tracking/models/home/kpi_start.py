from odoo import api, models
from odoo.fields import Domain

MAX_CARDS = 4
MAX_THEMES = 2  # of KPIs; what shows more of them is about everything


class KpiHome(models.AbstractModel):
    """The overview of a company without KPIs: areas to start with."""

    _inherit = "kpi.home"

    @api.model
    def get_start(self):
        """Areas of ready KPIs, that with most records of the user first.

        Numbers are counted from records that the user may read; none is stored.

        :return: dict of ``cards`` (as ``_prepare_start_card``), ``others`` (dicts of
            ``model``, ``id`` and ``name`` of areas without a card) and ``steps`` (as
            ``kpi.report.get_first_steps``)
        :raises AccessError: the user cannot define KPIs
        """
        self.env["kpi.definition"].check_access("create")
        areas = self._rank_start_areas()
        shown = self._choose_start_cards(areas)
        return {
            "cards": [self._prepare_start_card(*area) for area in shown],
            "others": [
                {"model": area._name, "id": area.id, "name": area.name}
                for area, *_rest in areas
                if area not in {card for card, *_rest in shown}
            ],
            "steps": self.env["kpi.report"].get_first_steps(),
        }

    @api.model
    def _find_start_areas(self):
        """The packs that a company can start with, as ``kpi.gallery.mixin``.

        An addon that shows KPIs together returns its own packs, or excludes some::

            def _find_start_areas(self):
                return super()._find_start_areas() - self.env.ref("my.general_pack")
        """
        return self.env["kpi.gallery.set"].search(Domain.TRUE)

    @api.model
    def _rank_start_areas(self):
        """Areas of which something can be turned on, those with most records first.

        :return: list of tuples: the area, its first KPI that has records (else the
            first one), and the number of the records that this one counts
        """
        areas = self._find_start_areas()
        everything = self.env["kpi.gallery.kpi"].union(*(a._get_kpis() for a in areas))
        counts = everything._count_records()
        ranked = []
        for order, area in enumerate(areas):
            ready = area._get_kpis().filtered(lambda kpi: kpi.state in ("off", "on"))
            if not ready:
                continue
            counted = {kpi: counts.get(kpi._get_counted_model(), 0) for kpi in ready}
            own = [kpi for kpi in ready if kpi.entry["computation"] == "records"]
            filled = [kpi for kpi in own if counted[kpi]]
            first = next(iter([*filled, *own, *ready]))
            models = {kpi._get_counted_model() for kpi in ready}
            total = sum(counts.get(name, 0) for name in models)
            is_general = len(ready.set_id) > MAX_THEMES
            ranked.append(((is_general, -total, order), area, first, counted[first]))
        return [area for _key, *area in sorted(ranked, key=lambda each: each[0])]

    @api.model
    def _choose_start_cards(self, areas):
        """The first areas, each with a number of its own while there are enough."""
        cards, again, known = [], [], set()
        for area in areas:
            kpi = area[1]
            (again if kpi in known else cards).append(area)
            known.add(kpi)
        return [*cards, *again][:MAX_CARDS]

    @api.model
    def _prepare_start_card(self, area, kpi, count):
        """What a card says of an area.

        :param kpi: ``kpi.gallery.kpi`` whose number it shows
        :param count: of the records that the KPI counts, see ``_count_records``
        :return: dict of ``model``, ``id``, ``name``, ``description``, ``has_records``,
            ``records`` (how many, or which are needed, in words) and ``kpi`` (``name``,
            ``unit`` and ``points``, which is empty without records)
        """
        counted = kpi._get_counted_model()
        has_values = count and kpi.entry["computation"] == "records"
        values = kpi._preview_own_values() if has_values else {"points": []}
        return {
            "model": area._name,
            "id": area.id,
            "name": area.name,
            "description": area.description or "",
            "has_records": bool(count),
            "records": kpi._describe_records(counted, count)
            if counted in self.env
            else "",
            "kpi": {"name": kpi.name, "unit": None, **values},
        }
