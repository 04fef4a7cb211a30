import pytest

from odoo.addons.kpi_tracking.engine.formula import parse

from ...engine.translation import (
    Filter,
    Measure,
    PredecessorError,
    translate_filter,
    translate_formula,
)

ALL, COUNT = Measure("count", is_filtered=False), Measure("count")


@pytest.mark.parametrize(
    "text, measure",
    [
        ("count_a", ALL),
        (" count_b\n", COUNT),
        ("len(records)", COUNT),
        ("\u202acount_b\u202c", COUNT),  # marks of a copied text
        ("(count_b / count_a) * 100", Measure("share")),
        ("(count_b / count_a) * 100 if count_a > 0 else 0", Measure("share")),
        ("100.0 * count_b / count_a if count_a else 0.0", Measure("share")),
        (
            "sum(record.amount_total for record in records)",
            Measure("sum", "amount_total"),
        ),
        (
            "sum([r.partner_id.color for r in records])",
            Measure("sum", "partner_id.color"),
        ),
        ("sum(records.mapped('amount'))", Measure("sum", "amount")),
        ("max(records.mapped(“amount”))", Measure("max", "amount")),
        (
            "sum(records.mapped('hours')) / len(records) if len(records) > 0 else 0",
            Measure("average", "hours"),
        ),
        ("sum(r.hours for r in records) / (count_b or 1)", Measure("average", "hours")),
        (
            "sum(r.hours for r in records) / len(records) if records else 0",
            Measure("average", "hours"),
        ),
        ("count_b or 0", COUNT),
    ],
)
def test_a_formula_that_is_a_measure(text, measure):
    translation = translate_formula(text)
    assert translation.is_measure
    assert translation.measures == (measure,)


@pytest.mark.parametrize(
    "text, formula, measures",
    [
        ("count_a - count_b", "(part_0 - part_1)", (ALL, COUNT)),
        ("count_b * 2.5 + 1", "((part_0 * 2.5) + 1)", (COUNT,)),
        ("round(count_b / 3, 1)", "round((part_0 / 3), 1)", (COUNT,)),
        (
            "100 if count_b >= 5 else count_b * 20",
            "if_((part_0 >= 5), 100, (part_0 * 20))",
            (COUNT,),
        ),
        (
            "float(sum(records.mapped('a'))) / sum(records.mapped('b'))",
            "(part_0 / part_1)",
            (Measure("sum", "a"), Measure("sum", "b")),
        ),
    ],
)
def test_a_formula_over_measures(text, formula, measures):
    translation = translate_formula(text)
    assert (translation.formula, translation.measures) == (formula, measures)
    assert not translation.is_measure
    parse(formula)  # our language takes it


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "count_b +",
        "records.sudo().unlink()",
        "__import__('os').system('true')",
        "len(records.filtered(lambda r: r.state == 'open'))",
        "sum(r.amount for r in records if r.amount)",
        "sum(r.amount * r.rate for r in records)",
        "count_b and 1",
        "count_b or 5",
        "count_c",
        "'5'",
        "True",
        "(today - records[0].date).days",
        "count_b" + " + count_b" * 2000,  # deeper than Python recurses
        "-" * 5000 + "count_b",
        "(" * 5000 + "count_b" + ")" * 5000,
    ],
)
def test_what_records_do_not_say_is_refused(text):
    with pytest.raises(PredecessorError):
        translate_formula(text)


@pytest.mark.parametrize(
    "text, expected",
    [
        (None, Filter([])),
        ("[('state', '=', 'sale')]", Filter([("state", "=", "sale")])),
        (
            "['|', ('a', 'in', [1, 2]), ('b', '!=', False)]",
            Filter(["|", ("a", "in", [1, 2]), ("b", "!=", False)]),
        ),
        ("[('date', '<', today)]", Filter([("date", "<", "today")])),
        (
            "[('state', '=', 'done'), ('user_id', '=', assigned_user.id)]",
            Filter([("state", "=", "done")], "user_id"),
        ),
        (
            "['&', ('a', '=', 1), ('user_ids', 'in', [uid])]",
            Filter([("a", "=", 1)], "user_ids"),
        ),
    ],
)
def test_a_filter(text, expected):
    assert translate_filter(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[('user_id', '!=', uid)]",
        "['|', ('user_id', '=', uid), ('a', '=', 1)]",
        "[('date', '<', yesterday)]",
        "[('date', '<', datetime.now())]",
        "[('team_id', '=', user.team_id.id)]",
        "{'a': 1}",
        "[('a', '=')]",
        "[" * 5000 + "]" * 5000,
        "[('a', '=', " + "[" * 150 + "-" * 700 + "1" + "]" * 150 + ")]",
    ],
)
def test_a_filter_without_a_counterpart_is_refused(text):
    with pytest.raises(PredecessorError):
        translate_filter(text)
