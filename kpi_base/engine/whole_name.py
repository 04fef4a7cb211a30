"""Names that records are shown with where several fields make them."""

# longer than any name; each place between two words is a condition of its own
MAX_LENGTH = 500
CONTAINED = {"ilike", "like"}
EQUAL = {"=", "in"}
CUT = "…"  # ends a text that was too long for a name


def split_name(text):
    """Return what a field may end with and what one may begin with, in a whole name.

    Wherever the name was put together, one of its fields ends just before, and one
    begins just after, a character that is no part of a word.

    >>> split_name("Quay 7, Anna")
    (['Quay', 'Quay 7', 'Quay 7,'], ['7, Anna', ' Anna', 'Anna'])
    """
    gaps = [place for place, letter in enumerate(text) if not letter.isalnum()]
    heads = [text[:place] for place in gaps]
    tails = [text[place + 1 :] for place in gaps]
    return [*filter(str.strip, heads)], [*filter(str.strip, tails)]


def list_patterns(text):
    """Return patterns of SQL of which a field that is part of a whole name fits one."""
    heads, tails = split_name(text)
    patterns = [f"%{head}" for head in heads] + [f"{tail}%" for tail in tails]
    words = text.removesuffix(CUT).split()
    if len(words) > 1 or text.endswith(CUT):
        # names are one line, and end where there is no more room
        patterns.append("%".join(words) + "%" * text.endswith(CUT))
    return [pattern.replace("\\", r"\\") for pattern in patterns]


def is_part(text, word):
    """Check whether ``word`` and a whole name share what a field says."""
    heads, tails = split_name(text)
    return (
        word in text
        or text in word
        or any(map(word.endswith, heads))
        or any(map(word.startswith, tails))
    )


def has_name(operator, text, name):
    """Check whether a name fits, as Odoo's operators have it."""
    if operator in EQUAL:
        return name == text
    if operator == "ilike":
        return text.lower() in name.lower()
    return text in name
