import pytest

from ...engine.field_paths import FieldRenaming

RENAMING = FieldRenaming(
    model="line",
    old="judged_at",
    new="rated_at",
    relations={
        ("order", "line_ids"): "line",
        ("line", "order_id"): "order",
        ("line", "judged_at"): "moment",
        ("moment", "line_id"): "line",
    },
)


@pytest.mark.parametrize(
    ("model", "text", "renamed"),
    [
        ("line", "judged_at", "rated_at"),
        ("line", "judged_at desc, id", "rated_at desc, id"),
        ("line", '["judged_at desc", "id"]', '["rated_at desc", "id"]'),
        ("line", "order_id/line_ids/judged_at", "order_id/line_ids/rated_at"),
        ("line", "judged_at/.id", "rated_at/.id"),
        ("line", "judged_at/line_id/judged_at", "rated_at/line_id/rated_at"),
        (
            "order",
            "[('line_ids.judged_at', '=', 1)]",
            "[('line_ids.rated_at', '=', 1)]",
        ),
        (
            "order",
            "['|', ('name', '=', 'ä'), ('line_ids', 'not any',\n"
            " [('judged_at', '<', today), ('order_id.judged_at', '=', 1)])]",
            "['|', ('name', '=', 'ä'), ('line_ids', 'not any',\n"
            " [('rated_at', '<', today), ('order_id.judged_at', '=', 1)])]",
        ),
        (
            "line",
            "{'group_by': ['judged_at:month', 'id', 'name'], 'measure': 'judged_at'}",
            "{'group_by': ['rated_at:month', 'id', 'name'], 'measure': 'rated_at'}",
        ),
        (
            "line",
            "[('judged_at', '=', user.judged_at)] if has_group('x') else []",
            "[('rated_at', '=', user.judged_at)] if has_group('x') else []",
        ),
        ("line", "[('judged_at', '=', ", "[('rated_at', '=', "),
        (
            "order",
            "\n    [('line_ids', 'any', [('judged_at', '=', 1)])]\n",
            "\n    [('line_ids', 'any', [('rated_at', '=', 1)])]\n",
        ),
        (
            "line",
            " [('name', '=', 'judged_at'), ('judged_at', '=', 1)]",
            " [('name', '=', 'judged_at'), ('rated_at', '=', 1)]",
        ),
    ],
)
def test_a_path_to_the_field_follows(model, text, renamed):
    assert RENAMING.rename_in_text(text, model) == renamed


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("order", "judged_at"),
        ("order", "[('judged_at', '=', 1), ('line_ids.judged_at_day', '=', 1)]"),
        ("order", "{'group_by': ['judged_at', 'line_ids.order_id.judged_at']}"),
        ("line", "[('name', 'in', ['judged_at']), ('kind', '=', 'judged_at')]"),
        ("line", "{'judged_at': 1}"),
        ("line", "[]"),
        ("line", ""),
    ],
)
def test_others_stay(model, text):
    assert RENAMING.rename_in_text(text, model) == text
