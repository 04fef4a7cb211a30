"""Title Case and sentence case, as Odoo writes them.

Labels are in Title Case: menus, actions, fields, columns, buttons, tabs, groups,
filters, selection values, names. Sentences are in sentence case: help, messages, and
what JavaScript draws, except buttons and titles of dialogs.
"""

import re

TITLE, SENTENCE = "Title Case", "sentence case"
STATUSES = ("On track", "At risk", "Off track")
# lower case inside a title
ALWAYS_SMALL = frozenset("a an and for from nor of or per the via vs".split())
# upper case as parts of verbs: Sign In Again, Turned On By
SMALL = ALWAYS_SMALL | frozenset(
    "about above after against among as at before below beside between but by during if"
    " in into off on onto out over since than through to under until up with within"
    " without".split()
)
# written in one way: names of products and methods, days, units
NAMES = frozenset(
    "Android BigQuery Bonferroni Brier Chrome Claude Croston Discord DuckDB Edge Excel"
    " Firefox Google Grafana Holt Kaplan Looker Markov Mattermost Meier Meta Microsoft"
    " Odoo Outlook Parquet Poisson Postgres Power Prophet Python Redshift Safari"
    " Salesforce Shapley Shapiro Slack Snowflake Stripe Studio Tableau Teams Telegram"
    " Theta Webhooks Wilson Windows Winters Zapier Zulip Pareto Jira Asana English I"
    " January February March April May June July August September October November"
    " December Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
    " iCal h min ms px".split()
)
# pass in parentheses: Delay (days)
UNITS = frozenset("seconds minutes hours days weeks months years working".split())
_STATUS = re.compile("|".join(STATUSES), re.I)
_ONLY_STATUS = re.compile(rf"[\W\d]*(?:{_STATUS.pattern})[\W\d]*", re.I)
# tags, variables, code, quotations, addresses
_LEFT_OUT = re.compile(
    r"<[^>]+>|%\(\w+\)[sdf]|%[sd%]|\$?\{[^{}]*\}|`[^`]*`|“[^”]*”|‘[^’]*’|\"[^\"]*\""
    r"|\be\.g\. .*|https?://\S+|&\w+;"
)
_WORD = re.compile(r"[^\s/→·|,;+×÷=()\[\]–—]+")
# what a part of a text begins and ends with
_BEGINS = re.compile(r"(^|[:(\[/→·|–—•.?!])\s*$")
_ENDS = re.compile(r"\s*($|[:)(\]\[/→·|–—•.?!,;])")


def wrong_case(text: str, case: str) -> str | None:
    """What to write instead of a text in the wrong case; None where it is right.

    :param case: TITLE or SENTENCE
    """
    plain = _LEFT_OUT.sub(lambda match: "§" * len(match[0]), text)
    right = text
    if _ONLY_STATUS.fullmatch(plain):
        plain = _STATUS.sub(lambda match: "§" * len(match[0]), plain)
        right = _STATUS.sub(_status, text)
    for status in STATUSES:
        plain = plain.replace(status, "§" * len(status))
    change = _in_title if case == TITLE else _in_sentence
    for start, word in change(plain):
        right = right[:start] + word + right[start + len(word) :]
    return None if right == text else right


def _status(match: re.Match) -> str:
    """Upper case in front, unless all of it is lower case, as in a sentence."""
    return match[0] if match[0].islower() else match[0].capitalize()


def _in_title(text: str) -> list[tuple[int, str]]:
    changes = []
    for match in _WORD.finditer(text):
        word, begins, ends = _describe(match, text)
        is_unit = word in UNITS and text.rfind("(", 0, match.start()) > -1
        if is_unit or _is_fixed(word):
            continue
        if word[0].islower() and (begins or word not in SMALL):
            changes.append((match.start() + match[0].index(word), _capital(word)))
        elif word.lower() in ALWAYS_SMALL and not word.islower():
            if not begins and not ends:
                changes.append((match.start() + match[0].index(word), word.lower()))
    return changes


def _in_sentence(text: str) -> list[tuple[int, str]]:
    """Changes of a label in Title Case: all its words begin in upper case."""
    if text.endswith("."):
        return []
    changes = []
    for match in _WORD.finditer(text):
        word, begins, _ends = _describe(match, text)
        if begins or _is_fixed(word) or word in SMALL:
            continue
        if word[0].islower():
            return []
        changes.append((match.start() + match[0].index(word), word.lower()))
    return changes


def _describe(match: re.Match, text: str) -> tuple[str, bool, bool]:
    """A word without marks, and whether it begins and ends a part of the text."""
    word = match[0].strip("'’\".?!:*…&")
    begins = bool(_BEGINS.search(text, 0, match.start()))
    return word, begins, bool(_ENDS.match(text, match.end()))


def _is_fixed(word: str) -> bool:
    """Names, units, acronyms, codes, numbers and variables pass in any case."""
    return (
        not word
        or not word[0].isalpha()
        or len(word) == 1
        or word in NAMES
        or any(
            letter.isdigit() or letter.isupper() or letter in "_.@§%"
            for letter in word[1:]
        )
    )


def _capital(word: str) -> str:
    return word[0].upper() + word[1:]
