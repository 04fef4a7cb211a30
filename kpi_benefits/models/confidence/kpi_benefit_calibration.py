import numpy as np

from odoo import api, models

from odoo.addons.kpi_tracking_analytics.analytics.reliability import (
    brier_score,
    reliability,
)

from ...engine.confidence import ENOUGH_CASES


class KpiBenefitCalibration(models.AbstractModel):
    """How good confidence scores were, of benefits that came to an end.

    A case is a benefit and a person: their last score from before its first month.
    """

    _name = "kpi.benefit.calibration"
    _description = "Confidence Check"

    @api.model
    @api.readonly
    def get_calibration(self):
        """Compare scores with what came, by person and for all, as the user sees it.

        :return: dict of ``count``, ``minimum``, ``total``, ``bands`` and ``people``;
            below ``minimum`` cases a person has no more than their number
        """
        cases = self._list_cases()
        by_person = {}
        for user, probability, is_true in cases:
            by_person.setdefault(user, []).append((probability, is_true))
        people = [
            # Who gave a score is no secret to who sees the benefit.
            {"id": user.id, "name": user.sudo().name, **_summarize(own)}
            for user, own in by_person.items()
        ]
        every = [case[1:] for case in cases]
        total, bands = _summarize(every), []
        if "brier" in total:
            given, came = (np.array(each, float) for each in zip(*every, strict=True))
            bands = reliability(given, came)
        return {
            "minimum": ENOUGH_CASES,
            "total": total,
            "bands": [
                {
                    "low": band.low,
                    "high": band.high,
                    "count": band.count,
                    "given": band.predicted,
                    "came": band.observed,
                    "came_low": band.observed_low,
                    "came_high": band.observed_high,
                }
                for band in bands
            ],
            "people": sorted(people, key=lambda one: (-one["count"], one["name"])),
        }

    def _list_cases(self):
        """(person, probability, whether it came) of each case."""
        ended = self.env["kpi.benefit.realization"]._find_ended()
        outcomes = ended._judge_ended()
        scores = self.env["kpi.benefit.confidence"].search(
            [("benefit_id", "in", [benefit.id for benefit in outcomes])],
            order="date, id",
        )
        cases = {
            (score.benefit_id, score.user_id): score
            for score in scores
            if score.date < score.benefit_id.date_from.replace(day=1)
        }
        return [
            (user, score.probability, outcomes[benefit])
            for (benefit, user), score in cases.items()
        ]


def _summarize(cases):
    """Number of cases, and how good they were where there are enough of them."""
    if len(cases) < ENOUGH_CASES:
        return {"count": len(cases)}
    given, came = (np.array(each, float) for each in zip(*cases, strict=True))
    share = float(came.mean())
    return {
        "count": len(cases),
        "brier": brier_score(given, came),
        "naive": share * (1 - share),  # always giving that share
        "given": float(given.mean()),
        "came": share,
    }
