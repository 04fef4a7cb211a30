"""What is read as a formula, and what is refused, where."""

import sys
import time

import pytest

from ...engine.formula import RESERVED_NAMES, FormulaError, check_codes, parse


def constants_of(formula):
    """Numbers that are used, in order; ``2 * 3`` is one number, 6."""
    return [node.value for node in formula.nodes if node.name == "constant"]


REFUSED = [
    # text, line, column of the first thing that is wrong, part of the message
    ("", 1, 1, "empty"),
    (" \n ", 1, 1, "empty"),
    ("a.b", 1, 2, "use the KPI code without fields"),
    ("won.__class__", 1, 4, "use the KPI code without fields"),
    ("__import__(a)", 1, 1, "__import__"),
    ("__import__('os')", 1, 1, "__import__"),
    ("'{0.__globals__}'", 1, 1, "without quotes"),
    ("a + f'{a}'", 1, 6, "without quotes"),
    ("[a for a in b]", 1, 1, "round brackets"),
    ("sum(a for a in b)", 1, 7, "for"),
    ("lambda: a", 1, 1, "lambda"),
    ("a if b else lambda", 1, 13, "lambda"),
    ("(a := 1)", 1, 4, ":"),
    ("a; b", 1, 2, "comma"),
    ("a\x00b", 1, 2, "U+0000"),
    ("a + \ud800", 1, 5, "U+D800"),
    ("a @ b", 1, 3, "@"),
    ("9**9**9", 1, 4, "between −64 and 64"),  # 9 ** (9 ** 9)
    ("a ** 65", 1, 6, "between −64 and 64"),
    ("1e400", 1, 1, "too large"),
    ("a + " + "9" * 400, 1, 5, "too large"),
    ("1e308 * 10 + a", 1, 1, "too large or undefined"),
    ("nan", 1, 1, "nan"),
    ("a + NaN", 1, 5, "NaN"),
    ("a * Infinity", 1, 5, "Infinity"),
    ("-inf", 1, 2, "inf"),
    ("1j", 1, 2, "between 1 and j"),
    ("0x10", 1, 2, "between 0 and x"),
    ("1_000", 1, 2, "between 1 and _"),
    ("1or a", 1, 2, "between 1 and o"),
    ("007", 1, 1, "zeros"),
    ("1.2.3", 1, 4, "Missing operator"),
    ("1,5 * a", 1, 2, "point"),
    ("(a, b)", 1, 3, "comma"),
    ("()", 1, 1, "These brackets are empty"),
    ("a b", 1, 3, "Missing operator"),
    ("2(a)", 1, 2, "Missing operator"),
    ("(a)(b)", 1, 4, "Missing operator"),
    ("abs(a)(b)", 1, 7, "Missing operator"),
    ("a +", 1, 4, "Missing value after +"),
    ("a * / b", 1, 5, "Missing value before /"),
    ("50%", 1, 4, "0.5"),
    ("(a + b", 1, 1, "This bracket is not closed"),
    ("a + b)", 1, 6, "has no opening bracket"),
    (")a(", 1, 1, "has no opening bracket"),
    ("1) + (2", 1, 2, "has no opening bracket"),
    ("a if b", 1, 3, "a if condition else b"),
    ("a else b", 1, 3, "a if condition else b"),
    ("a = b", 1, 3, "=="),
    ("a + not b", 1, 5, "brackets around “not”"),
    ("a is b", 1, 3, "is"),
    ("a not in b", 1, 7, "in"),
    ("None", 1, 1, "None"),
    ("a\n  + é", 2, 5, "é"),
    ("w\u043en + 1", 1, 2, "\u043e (U+043E) is not allowed"),  # Cyrillic
    ("w\u043en + 1", 1, 2, "codes only use the letters a to z"),
    ("a \uff0b 1", 1, 3, "write +"),  # full width
    ("a * \u0663", 1, 5, "write 3"),  # Arabic-Indic
    ("a\u00a0+ 1", 1, 2, "U+00A0 is not allowed: delete this invisible"),
    ("a\u200b + 1", 1, 2, "delete this invisible character"),
    ("a # rest", 1, 3, "comments"),
    ("a × b", 1, 3, "write *"),
    ("a ≤ b", 1, 3, "<="),
    ("a ^ 2", 1, 3, "**"),
    ("open(a)", 1, 1, "Unknown function open"),
    ("roling(a, 3)", 1, 1, "Did you mean rolling?"),
    ("sum", 1, 1, "is a function"),
    ("1 + sum(a)", 1, 5, "rolling"),
    ("abs(a, b)", 1, 1, "abs(x)"),
    ("if_(a, b)", 1, 1, "if_(condition, then, otherwise)"),
    ("abs()", 1, 1, "abs(x)"),
    ("abs(a,)", 1, 7, "Missing value before )"),
    ("abs(*a)", 1, 5, "Missing value before *"),
    ("abs(**a)", 1, 5, "Missing value before **"),
    ("abs(x=a)", 1, 6, "=="),
    ("rolling(a)", 1, 1, "rolling(x, periods)"),
    ("rolling(a, b)", 1, 12, "whole number from 1 to 400"),
    ("rolling(a, 0)", 1, 12, "whole number from 1 to 400"),
    ("prev(a, -1)", 1, 9, "whole number from 1 to 400"),  # never into the future
    ("prev(a, 401)", 1, 9, "whole number from 1 to 400"),
    ("prev(7)", 1, 6, "no earlier periods"),
    ("prev(prev(prev(prev(a, 400), 400), 400), 1)", 1, 1, "1200"),
    ("round(a, 0.5)", 1, 10, "whole number"),
    ("target(a + b)", 1, 8, "target(code)"),
    ("target(abs)", 1, 8, "is a function"),
    ("1 / 0", 1, 5, "zero"),
    ("a % (1 - 1)", 1, 6, "zero"),
    ("0 ** -1", 1, 1, "too large or undefined"),
    ("(-8) ** 0.5", 1, 1, "too large or undefined"),
]

FAMILIES = {
    "brackets": lambda n: "(" * n + "a" + ")" * n,
    "open brackets": lambda n: "(" * n,
    "closing brackets": lambda n: ")" * n,
    "calls": lambda n: "abs(" * n + "a" + ")" * n,
    "minuses": lambda n: "-" * n + "a",
    "nots": lambda n: "not " * n + "a",
    "powers": lambda n: "a ** " * n + "a",
    "powers of nines": lambda n: "**".join("9" * n),
    "choices": lambda n: "a if a else " * n + "a",
    "comparisons": lambda n: "a < (" * n + "a" + ") < a" * n,
    "sums": lambda n: "a+" * 4 * n + "a",
    "lists": lambda n: "[" * n + "]" * n,
    "tuples": lambda n: "(a," * n + ")" * n,
    "texts": lambda n: "'" + "x" * n + "'",
    "formats": lambda n: "'%" + "9" * n + "d'",
    "attributes": lambda n: "a" + ".b" * n,
    "subscripts": lambda n: "a" + "[0]" * n,
    "lambdas": lambda n: "lambda: " * n + "a",
    "comprehensions": lambda n: "[0" + " for x in y" * n + "]",
    "imports": lambda n: "__import__(" * n + "a" + ")" * n,
    "digits": lambda n: "9" * n * 10,
    "exponents": lambda n: "1e" + "9" * n,
    "nulls": lambda n: "a" + "\x00" * n,
    "commas": lambda n: "max(" + "a," * n + ")",
    "backslashes": lambda n: "a" + "\\\n" * n,
    "surrogates": lambda n: "\ud800" * n,
}
HOSTILE = [
    pytest.param(make(size), id=f"{size} {name}")
    for name, make in FAMILIES.items()
    for size in (61, 70, 100, 150, 330, 999, 10_000, 200_000)
]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    REFUSED,
    ids=[repr(c[0][:30]) for c in REFUSED],
)
def test_refusal_names_its_place(text, line, column, message):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert message in caught.value.message
    assert str(caught.value).startswith(
        f"Column {column}: " if line == 1 else f"Line {line}, column {column}: "
    )


def test_hostile_formulas_are_at_least_two_hundred():
    assert len(HOSTILE) >= 200


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_formula_is_refused_at_once(text):
    started = time.process_time()
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert time.process_time() - started < 1
    assert 1 <= caught.value.column <= len(text) + 1
    assert len(str(caught.value)) < 300  # shown beside a field


def test_refusal_leaves_room_when_the_stack_is_nearly_full():
    def descend(depth):
        return parse("-(" * 29 + "z" + ")" * 29) if depth == 0 else descend(depth - 1)

    frame, used = sys._getframe(), 0
    while frame:
        frame, used = frame.f_back, used + 1
    with pytest.raises(FormulaError, match="too deeply"):
        descend(sys.getrecursionlimit() - used - 45)


def test_constant_comparisons_do_not_double_the_work_at_each_level():
    started = time.process_time()
    assert constants_of(parse("1<(" * 50 + "1" + ")<1" * 50)) == [0.0]
    assert time.process_time() - started < 1


def test_long_sum_is_not_deep():
    formula = parse(" + ".join(f"k{n}" for n in range(120)))
    assert len(formula.codes) == 120


@pytest.mark.parametrize(
    ("text", "constants"),
    [
        ("2 + 3 * 4", (14,)),
        ("2 ** 3 ** 2", (512,)),  # right first: 2 ** 9
        ("-2 ** 2", (-4,)),
        ("(2 + 3) * 4", (20,)),
        ("7 // 2 + -7 // 2", (-1,)),  # 3 + (-4)
        ("-7% 3", (2,)),  # the sign of the divisor, as in Python
        ("1 < 2 < 3", (1,)),
        ("1 < 3 < 2", (0,)),
        ("not 1 or 1 and 0", (0,)),
        ("1 if 0 else 2 if 1 else 3", (2,)),
        ("max(1, 2) * round(1.005, 2)", (2.02,)),  # 1.005 * 100 is 100.49999999999999
        ("round(1250, -2)", (1300,)),
        ("True + True", (2,)),
        (" 1\n+ 1", (2,)),
        (".5 + 1.", (1.5,)),
    ],
)
def test_constants_are_worked_out_with_the_precedence_of_python(text, constants):
    assert constants_of(parse(text)) == pytest.approx(list(constants))


def test_formula_says_what_it_uses():
    formula = parse("if_(won > 3, target(won), baseline(lost)) + prev(Won_2, 2) * 4")
    assert formula.codes == {"won", "Won_2"}
    assert formula.target_codes == {"won"}
    assert formula.baseline_codes == {"lost"}
    assert formula.functions == {"if_", "target", "baseline", "prev"}
    assert constants_of(formula) == [3, 4]


def test_same_text_is_read_once():
    assert parse("a + b") is parse("a + b")


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("won / (won + lsot)", 14, "lsot. Did you mean lost?"),
        ("100 * WON", 7, "WON. Did you mean won?"),
        ("target(zzz) + qqq", 1, "zzz. Also unknown: qqq."),
        (
            "z1+z2+z3+z4+z5+z6+z7",
            1,
            "z1. Also unknown: z2, z3, z4, z5, z6 and others",
        ),
        ("z" * 900, 1, "z" * 37 + "…."),
        ("won + zzz + zzz", 7, "No KPI has the code zzz."),
    ],
)
def test_unknown_code_is_named_with_the_nearest(text, column, message):
    with pytest.raises(FormulaError) as caught:
        check_codes(parse(text), {"won", "lost", "open_deals"})
    assert caught.value.column == column
    assert message in str(caught.value)


def test_known_codes_pass():
    check_codes(parse("won / target(lost)"), ["won", "lost"])


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_reserved_name_is_never_read_as_a_code(name):
    try:
        codes = parse(name).codes
    except FormulaError:
        return
    assert not codes  # True, False, days_in_period
