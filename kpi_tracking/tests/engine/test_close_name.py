import pytest

from ...engine.typed_number import find_close_name

KNOWN = ["customer complaints", "machine downtime", "sales region 1"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cust complaints", "customer complaints"),
        ("machine down time", "machine downtime"),
        ("sales regoin 1", "sales region 1"),
        ("sales region 2", None),  # another region
        ("complaints", None),
        ("", None),
    ],
)
def test_a_name_stands_for_the_one_it_is_close_to(name, expected):
    assert find_close_name(name, KNOWN) == expected
