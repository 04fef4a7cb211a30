"""Parts that make a whole: nothing is counted twice, nothing is left out."""

from collections import defaultdict


def nearest_within(paths):
    """Which departments lie in which, of those that are shown.

    :param paths: key → ``parent_path`` of a department; empty = not nested
    :return: key → keys of those right below it, none in between being shown
    """
    key_of = {path: key for key, path in paths.items() if path}
    within = defaultdict(list)
    for path, key in key_of.items():
        above = path
        while above := above[: above.rfind("/", 0, -1) + 1]:
            if above in key_of:
                within[key_of[above]].append(key)
                break
    return within


def own_share(value, parts):
    """What is left of a value beside its parts; None where that is nothing."""
    if value is None:
        return None
    known = [part for part in parts if part is not None]
    rest = value - sum(known)
    is_some = abs(rest) > 1e-9 * max(1.0, abs(value), *map(abs, known))
    return rest if is_some or not known else None


def at_most(rows, most, other):
    """The first rows, the others in a last one.

    :param rows: as of ``part``, the largest first
    :param other: makes the row of what is left from its value
    """
    if len(rows) <= most:
        return rows
    kept, rest = rows[: most - 1], rows[most - 1 :]
    return [*kept, other(sum(row["value"] for row in rest))]
