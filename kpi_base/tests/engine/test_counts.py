"""One of something is said as one."""

from ...engine.counts import list_counts, say_count


def test_one_is_no_plural():
    for count, text in ((0, "0 KPIs"), (1, "1 KPI"), (2, "2 KPIs")):
        assert say_count(count, "1 KPI", "%s KPIs") == text
    assert say_count(1200, "1 KPI", "%s KPIs", "1,200") == "1,200 KPIs"


def test_only_what_there_is_any_of_is_listed():
    days, hours = ("1 day", "%s days"), ("1 hour", "%s hours")
    assert list_counts((1, *days), (2, *hours)) == "1 day, 2 hours"
    assert list_counts((0, *days), (1, *hours)) == "1 hour"
    assert list_counts((0, *days)) == ""
