"""What the head of a dashboard says of all its KPIs."""

from ...engine.output.summary import count_statuses, main_period, say_statuses
from . import dashboard_answer as given


def answer(*kpis, rows=()):
    tiles = [given.tile("card", kpi=kpi, card={"style": "metric"}) for kpi in kpis]
    ranking = given.tile("card", card={"style": "comparison", "rows": [*rows]})
    text = given.tile("text", "Read")
    return {"tiles": [*tiles, ranking, text], "periods": {"label": "Latest"}}


def kpi(report_id, status, label="Nov 2026", **values):
    period = {"start": "2026-11-01", "label": label}
    return given.kpi(report_id=report_id, status=status, period=period, **values)


def test_statuses_are_counted_best_first():
    shown = answer(
        kpi(1, "off_target"),
        kpi(2, "on_target"),
        kpi(3, "no_target"),
        kpi(4, "on_target", has_value=False),
        rows=[kpi(5, "on_target"), kpi(6, "at_risk")],
    )
    assert list(count_statuses(shown).items()) == [
        ("on_target", 2),
        ("at_risk", 1),
        ("off_target", 1),
    ]
    assert say_statuses(shown, given.ENGLISH) == [
        ("on_target", "2 on track"),
        ("at_risk", "1 at risk"),
        ("off_target", "1 off track"),
    ]


def test_a_kpi_that_is_shown_twice_counts_once_by_its_worst_status():
    shown = answer(kpi(1, "on_target"), kpi(1, "off_target"), kpi(1, "at_risk"))
    assert count_statuses(shown) == {"off_target": 1}


def test_the_period_is_that_of_most_kpis():
    shown = answer(
        kpi(1, "on_target", "Oct 2026"),
        kpi(2, "on_target", is_running=True),
        kpi(3, "no_target", is_running=True),
        kpi(4, "at_risk", "Sep 2026", has_value=False),
    )
    assert main_period(shown) == ("Nov 2026", True)


def test_without_kpis_the_head_says_what_was_asked_for():
    assert count_statuses(answer()) == {}
    assert main_period(answer()) == ("Latest", False)
    assert main_period({"tiles": []}) == ("", False)
