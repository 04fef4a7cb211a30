import pytest

from ...engine.typed_number import read_unit


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"unit": "number"}),
        (" # ", {"unit": "number"}),
        ("Percentage", {"unit": "percent", "decimals": 1}),
        ("Yes/No", {"unit": "boolean"}),
        ("SCORE", {"unit": "score"}),
        (" kWh ", {"unit": "custom", "unit_symbol": "kWh"}),  # its case stays
    ],
)
def test_a_unit_is_read_as_people_write_it(text, expected):
    assert read_unit(text) == expected
