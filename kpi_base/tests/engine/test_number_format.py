"""Numbers as spreadsheets show them; worked out by ECMA-376 Part 1, §18.8.31."""

import pytest

from ...engine.number_format import read_as_shown


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        # no percent sign
        ("General", 0.825, 0.825),
        ("0", 82.5, 82.5),
        ("#,##0.00", 1234.5, 1234.5),
        ("0.00E+00", 82.5, 82.5),
        ("# ?/?", 0.5, 0.5),
        ("@", 82.5, 82.5),
        ("", 82.5, 82.5),
        # one that multiplies
        ("0%", 0.825, 82.5),
        ("0.0%", 0.07, 7),  # 0.07 * 100 is 7.000000000000001 in binary numbers
        ("0.00%", -0.125, -12.5),
        ("%0", 0.825, 82.5),
        ("#,##0.0%", 12.5, 1250),
        ("0.00E+00%", 0.825, 82.5),
        ("0.0 %", 0.825, 82.5),
        ('0.0" "%', 0.825, 82.5),
        ("0.0\\ %", 0.825, 82.5),
        ("0.0\N{NO-BREAK SPACE}%", 0.825, 82.5),
        ("0.0%_)", 0.825, 82.5),
        ("_-* 0.0%_-", 0.825, 82.5),
        ('0.0%" of plan"', 0.825, 82.5),
        ("General%", 0.825, 82.5),
        ("# ?/?%", 0.825, 82.5),
        ("0%%", 0.825, 8250),  # each of two multiplies
        ("0.0%", 1, 100),
        ("0.0%", 0, 0),
        # text
        ('0.0"%"', 82.5, 82.5),
        ('0.0" %"', 82.5, 82.5),
        ('#,##0.0" % of plan"', 79, 79),
        ('"% "0.0', 82.5, 82.5),
        ("0.0\\%", 83, 83),
        ("0.0\\ \\%", 83, 83),
        ('"a\\"0%', 0.5, 50),  # no character is escaped within quotation marks
        ('\\"0%', 0.5, 50),  # nor does an escaped mark begin a text
        ('0"%', 82.5, 82.5),  # not closed: text to its end
        ("0_%", 82.5, 82.5),  # a blank as wide as a percent sign
        ("*%0", 82.5, 82.5),  # filled up with percent signs
        ("0_*%", 0.5, 50),  # a blank as wide as an asterisk, then a percent sign
        ('0"%"%', 0.825, 82.5),
        ("[$%-409]0.0", 82.5, 82.5),  # the sign of a currency
        ("[$€-407] 0.0%", 0.825, 82.5),
        # sections by sign
        ("0%;0", 0.5, 50),
        ("0%;0", -50, -50),
        ("0%;0", 0, 0),
        ("0;-0%", -0.5, -50),
        ("0;-0%", 50, 50),
        ("0;0;0%", 50, 50),
        ("0.0%;-0.0%;–", -0.5, -50),
        ("0.0;0.0;0.0;@%", 50, 50),
        ("0%;@", -0.5, -50),  # the section of texts shows no number
        ("0%;@", 0.5, 50),
        ('0";"%;0', 0.5, 50),  # a semicolon as text
        ("0\\;%;0", 0.5, 50),
        (";0%", 50, 50),  # shown as nothing
        # colours and other words in brackets
        ("[Red]0.0%", 0.825, 82.5),
        ("[Color 12]0.0%", 0.825, 82.5),
        ("[$-409]0.0%", 0.825, 82.5),
        ("[DBNum1]0%", 0.825, 82.5),
        # conditions
        ("[Red][<80]0.0;0.0%", 78, 78),
        ("[Red][<80]0.0;0.0%", 120, 12000),
        ("[<80][Red]0.0;0.0%", 78, 78),
        ("[<=1]0.0%;0.0", 1, 100),
        ("[<=1]0.0%;0.0", 82.5, 82.5),
        ("[>1]0.0;0.0%", 0.825, 82.5),
        ("[>=1.5]0.0;0.0%", 1.5, 1.5),
        ("[=1]0%;0", 1, 100),
        ("[=1]0%;0", 2, 2),
        ("[<>1]0%;0", 0.5, 50),
        ("[<>1]0%;0", 1, 1),
        ("[<-1]0;0%", -0.5, -50),
        ("[<-1]0;0%", -2, -2),
        ("[>1E1]0;0%", 9, 900),
        ("[<1]0%;[<100]0;0%", 0.5, 50),
        ("[<1]0%;[<100]0;0%", 82.5, 82.5),
        ("[<1]0%;[<100]0;0%", 100, 10000),
        ("[<80]0.0%", 82.5, 82.5),  # none applies: shown as it is
        ("[<1]0%;[>5]0%", 3, 3),
    ],
)
def test_only_a_percent_sign_that_applies_multiplies(code, number, shown):
    assert read_as_shown(number, code)[0] == shown


@pytest.mark.parametrize("percent", [40.71, 0.1, 33.3333333333333, 99.99, -12.5, 1e6])
def test_a_percentage_that_was_made_a_fraction_is_read_again(percent):
    assert read_as_shown(percent / 100, "0.0%")[0] == percent


@pytest.mark.parametrize(
    ("code", "number", "units"),
    [
        ("General", 12, ()),
        ("#,##0.00", 12, ()),
        ("0.00E+00", 12, ()),
        ("_(* #,##0_);_(* (#,##0);_(* - ??_)", 12, ()),
        ("[Red][<80]0;[Color 12]0", 12, ()),
        ("[DBNum1][$-409]0", 12, ()),
        ('0.0" Mio"', 12, ("Mio",)),
        ('#,##0 "h"', 12, ("h",)),
        ("0\\ \\h\\r\\s", 12, ("hrs",)),
        ('General" pcs."', 12, ("pcs",)),
        ("[$CHF] #,##0", 12, ("CHF",)),
        ("[$CHF-807] #,##0", 12, ("CHF",)),
        ("[$€-2] #,##0.00", 12, ("€",)),
        ("$#,##0", 12, ("$",)),
        ('_("$"* #,##0_)', 12, ("$",)),
        ('#,##0 "Mio. €"', 12, ("Mio", "€")),
        ('"EUR" 0 "EUR"', 12, ("EUR",)),
        ("0%", 0.5, ("%",)),
        ('0"%"', 50, ("%",)),
        ('0.0%" of plan"', 0.5, ("%", "of", "plan")),
        ('0"‰"', 12, ("‰",)),
        # divided where it is shown: what is stored is in full
        ('0.0,," Mio"', 12e6, ()),
        ('#,##0,"k"', 12e3, ()),
        ('#,##0, "T€"', 12e3, ("€",)),
        ('0.0,,," Mrd" [$CHF]', 12e9, ("CHF",)),
        ('#,##0,.0" Tsd"', 12e3, ()),
        ('0.0," Mio"', 12e3, ("Mio",)),
        ('#,##0" Tsd"', 12, ("Tsd",)),
        ('0,,"h"', 12e6, ("h",)),
        # by section
        ('0 "a";-0 "b";0 "c"', 12, ("a",)),
        ('0 "a";-0 "b";0 "c"', -12, ("b",)),
        ('0 "a";-0 "b";0 "c"', 0, ("c",)),
        ('0;-0;"n/a"', 0, ()),  # a text instead of the number
        ('0;@" h"', 12, ()),
        ('[<60]0 "min";0 "h"', 30, ("min",)),
        ('[<60]0 "min";0 "h"', 90, ("h",)),
    ],
)
def test_words_and_signs_are_units(code, number, units):
    assert read_as_shown(number, code)[1] == units
