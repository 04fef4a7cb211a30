"""Product English: words that terms, pages and descriptions do not use.

``OUR_WORDS`` holds a name, a pattern and what to write instead; case counts only in
``(?-i:…)``. Odoo's own base, web, mail, crm, sale, project, account, hr, stock and
purchase never use them, or hardly ever. ``words_allowed.txt`` lists the texts that are
right anyway.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

OUR_WORDS = (
    ("fires", r"\bfir(es|ed|ing)\b", "open, start, trigger"),
    ("kept", r"\bkept\b", "stored, unchanged"),
    ("sight", r"\bsight\b", "access, visible"),
    ("say", r"\b(says?|said|saying)\b", "define, enter, show, mean"),
    ("told", r"\btold\b", "notified, shown"),
    ("tell", r"\b(tells?|telling)\b", "notify, show, explain, indicate"),
    (
        "whoever",
        r"\b(whoever|wherever|whichever)\b|\bwhatever (?!the|their|its)"
        r"|\bwhenever (they|it) (was|were)\b",
        "the role: approver, owner, submitter; any; regardless of",
    ),
    (
        "who-subject",
        r"\b(only|of|than|by) who (?!(is|are|can)\b)[a-z]+s\b"
        r"|\bof who (was|is|were)\b"
        r"|(?-i:(^|[.;:!?] )Who (?!(is|are|was|can|may|has|have|sees|gets|to|approves"
        r"|decides|owns|did|does|will|else)\b)[a-z]+s?\b)",
        "the role, or “people who …”",
    ),
    ("anew", r"\banew\b", "again, re-: recalculate, resubmit, reload"),
    ("goes-on", r"\b(go(es|ing)?|went|gone) on\b(?! \w+ing\b)", "continue, stay open"),
    ("meanwhile", r"\bmeanwhile\b", "has already been, since then"),
    ("comes-of", r"\b(comes?|came|become|became) of\b", "result, outcome"),
    ("answer-for", r"\banswer(s|ed|ing)? for\b", "be responsible for, own"),
    ("so-long", r"\b(for|as) so long\b|\bso long as\b", "for this long; while"),
    ("besides", r"\bbesides?\b", "also, next to, in addition to, compared with"),
    ("all-the-same", r"\b(all|just) the same\b", "anyway"),
    ("by-now", r"\bby now\b|\bof now\b", "now, already, so far"),
    ("of-its-own", r"\bof (its|his|her|their|your|our) own\b(?! \w)", "own; separate"),
    ("nobody", r"\bnobody\b", "no one; unassigned; not … yet"),
    ("somebody", r"\bsomebody\b", "someone; the role"),
    ("anybody", r"\banybody\b", "anyone"),
    (
        "nothing-subject",
        r"(?-i:(^|[.;:] )Nothing (is|was|has|can|will|of|that)\b)",
        "No … yet",
    ),
    (
        "what-is",
        r"\b(what|which) (is|was|are|were) (to be|due|left|good|entered|counted"
        r"|expected|owed|there)\b",
        "a noun: remaining, due, expected values",
    ),
    ("part-of-it", r"\bthe part of (it|them)\b", "share; included in"),
    (
        "is-to",
        r"\b(is|are|was|were) to (be|bring|have|get|see|know|do)\b",
        "should, must, planned",
    ),
    (
        "thereof",
        r"\b(thereof|therein|thereby|thereupon|hereby|wherein|whereby)\b",
        "of it; by this",
    ),
    (
        "stands",
        r"\bstands? (in|on|at|there|twice|still|above|below|beside|behind)\b"
        r"|\bstands for\b",
        "is, appears, represents; stalled",
    ),
    ("let-be", r"\blets? (it )?be\b|\bleft be\b|\blets? [a-z]+ in\b", "allow, skip"),
    ("take-on", r"\b(take|takes|took|taken) on\b", "accept, transfer"),
    ("falls", r"\b(falls?|fell|fallen) (due|of|on|under)\b", "due; dropped"),
    (
        "up-to-what",
        r"\bup to (and|which|what)\b|\buntil when\b|\b(by|to|of|for) whom\b",
        "who, due date",
    ),
    ("no-part", r"\bhave (no|none) part\b", "is not involved"),
    (
        "hand",
        r"\bat hand\b|\bhand(s|ed)? (in|over|out)\b",
        "current; submit; transfer; issue",
    ),
    (
        "once-more",
        r"\bonce more\b|\bno (more|longer) than once\b|\bany more\b",
        "again; no longer",
    ),
    ("the-one-who", r"\bthe ones? who\b", "repeat the noun"),
    ("may-not", r"\bmay not (?!be\b|have\b)", "cannot; is not allowed to"),
    ("judge", r"\b(judge[sd]?|judging)\b", "rate, rating, status"),
    (
        "vouch",
        r"\bvouch\w*|\bpresumably\b|\bforthwith\b|\bhenceforth\b|\bupon\b|\bamongst\b",
        "a plain word",
    ),
    (
        "as-it-is",
        r"(?-i:^As (it|they) (was|were|is|are)\b)"
        r"|\b(left|published|taken|everything) as (it|they) (was|were|is|are)\b",
        "current; at the time; unchanged",
    ),
    ("shall", r"\b(shall|ought)\b", "must, should, will"),
    (
        "in-place-of",
        r"\bin place of\b|\binstead of it\b|\bin its place\b",
        "instead of, on behalf of",
    ),
    (
        "question-title",
        r"(?-i:^(What|Which|Who|Where|How|Will|Does|Is|Are|May|Can)( [A-Z][^ ?]*)+\?$)",
        "a noun or verb: Suggestions, Outlook, Explain",
    ),
    (
        "percent-space",
        r"[\d§]\s%(?![A-Za-z])",
        "12%: the space comes from the language",
    ),
    (
        "else",
        r"; else\b|[.,] else (?!if)|\bthan the other(?! \w)|\bno such kind\b",
        "otherwise, if not",
    ),
    (
        "empty-now",
        r"(?-i:\b(Empty|empty)( where|: | =))|; 0 = |[.] 0 = |^0 = "
        r"|= as (many|much|before)",
        "Leave empty to …; 0 means no limit",
    ),
    (
        "cannot-tell",
        r"\bdata do(es)? not tell\b|\bcannot tell\b",
        "not enough data",
    ),
    (
        "on-the-past",
        r"\b(on|of) the past\b(?! \w)|\bpast their (?!due|deadline|expir|expected)",
        "on past data; earlier",
    ),
    (
        "after-which",
        r"\b(hours|days?|number|time|minutes|amount) (after|until|up to|from|by)"
        r" which\b",
        "After (hours), Until, Escalate after (hours)",
    ),
    (
        "british",
        r"\b(colour|behaviour|favour|centre|grey|cancelled|labelled|travelled|modelled"
        r"|programmes?\b|catalogue|licence|judgement|fulfil(?!l)|enrol(?!l))\w*\b"
        r"|\b(real|organ|util|optim|summar|recogn|normal|author|custom|minim|maxim"
        r"|priorit|visual|final|categor)is(e|es|ed|ing|ation|ations)\b"
        r"|\banalys(e|ed|ing)\b",
        "American spelling: color, canceled, realize, analyze",
    ),
    (
        "of-today",
        r"\bwith reasons\b|\bof the past\b(?! \w)|\bof today\b(?!['’])",
        "past forecasts; today's",
    ),
)  # fmt: skip

MAX_WORDS = 30  # of one term
ALLOWED = Path(__file__).with_name("words_allowed.txt")
# tags with what is in them, variables, code, addresses
_LEFT_OUT = re.compile(
    r"<[^>]+>|%\(\w+\)[sdf]|%[sd]|\$?\{[^{}]*\}|`[^`]*`|https?://\S+|&\w+;"
)
_FLAGS = re.MULTILINE | re.IGNORECASE
_PATTERNS = [
    (name, re.compile(pattern, _FLAGS), instead) for name, pattern, instead in OUR_WORDS
]
_ANY = re.compile("|".join(f"(?:{p})" for _name, p, _instead in OUR_WORDS), _FLAGS)
_LETTER = re.compile(r"[^\W\d_]|§")


def clean(text: str) -> str:
    """The text with § for tags, variables, code and addresses."""
    return _LEFT_OUT.sub("§", text)


def find_words(text: str) -> Iterator[tuple[str, str, str]]:
    """Name, what is found in a text, and what to write instead.

    :param text: as in a template or page, with tags and variables
    """
    cleaned = clean(text)
    if not _ANY.search(cleaned):
        return
    for name, pattern, instead in _PATTERNS:
        if match := pattern.search(cleaned):
            yield name, match[0].strip(" .;:,"), instead


def count_words(text: str) -> int:
    """Words that a person reads; a variable is one."""
    plain = re.sub(r"<[^>]+>", " ", text)
    return sum(1 for word in clean(plain).split() if _LETTER.search(word))


def is_allowed(text: str) -> bool:
    """Whether the text is among the exceptions."""
    return " ".join(text.split()) in allowed_texts()


@cache
def allowed_texts() -> frozenset[str]:
    """The exceptions.

    :raises ValueError: one has no reason above it
    """
    found, has_reason = set(), False
    for line in ALLOWED.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            has_reason = False
        elif line.startswith("# "):
            has_reason = True
        elif has_reason:
            found.add(" ".join(line.split()))
        else:
            raise ValueError(f"{ALLOWED.name}: no reason above {line!r}")
    return frozenset(found)
