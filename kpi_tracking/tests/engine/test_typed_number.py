import pytest

from ...engine.typed_number import parse_number

CASES = (  # text, with a decimal point, with a decimal comma
    ("12.5", 12.5, 12.5),
    ("12,5", 12.5, 12.5),
    ("1,500", 1500.0, 1.5),
    ("1.500", 1.5, 1500.0),
    ("0,500", 0.5, 0.5),  # no thousands begin with 0
    ("1,234.5", 1234.5, 1234.5),
    ("1.234,5", 1234.5, 1234.5),
    ("1.234.567", 1234567.0, 1234567.0),
    ("1 234,5", 1234.5, 1234.5),
    ("1\u202f234,5", 1234.5, 1234.5),  # the narrow space of French
    ("1’234.5", 1234.5, 1234.5),  # Swiss
    ("\N{MINUS SIGN}3", -3.0, -3.0),
    (".5", 0.5, 0.5),
    ("12,5.3", None, None),
    ("1,234,5", None, None),
    ("1e3", None, None),
    ("nan", None, None),
    ("", None, None),
    ("9" * 400, None, None),  # would be infinite
)


@pytest.mark.parametrize(("text", "with_point", "with_comma"), CASES)
def test_numbers_as_people_write_them(text, with_point, with_comma):
    assert parse_number(text, ".") == with_point
    assert parse_number(text, ",") == with_comma
