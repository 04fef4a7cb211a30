"""Membership of people in teams and departments, and of departments in others."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from . import rollup

Scope = tuple[str, int, int]  # scope type, scope id, company id
# user id, company id, scope type, scope id, from, to
Membership = tuple[int, int, str, int, date, date]
Link = tuple[int, int, str, int]  # a membership on one day


@dataclass(frozen=True)
class ScopeTree:
    """Memberships of people, and the department above each department.

    :param memberships: of [from, to)
    :param parents_of: id of a department → id of the one above; None = at the top
    """

    memberships: Sequence[Membership]
    parents_of: Mapping[int, int | None]

    def find_links(self, users: Collection[int], stop: date) -> set[Link]:
        """Memberships of ``users`` on the day before ``stop``."""
        return {
            row[:4]
            for row in self.memberships
            if row[0] in users and row[4] < stop <= row[5]
        }

    def find_parts(
        self, rows: Mapping[Scope, int], scopes: Sequence[Scope], stop: date
    ) -> np.ndarray:
        """Find the parts of each scope: the finest scopes tracked below it.

        People in a team; in a company or department the deepest tracked scope of each
        branch, never one with another that counts already.

        :param rows: what is tracked → its row
        :param scopes: to be made up
        :param stop: memberships of the day before it count
        :return: pairs (index in ``scopes``, row of the part), sorted: shape (pairs, 2)
        """
        links = self.find_links(find_users(rows), stop)
        pairs = []
        for company in {scope[2] for scope in scopes}:
            pairs += _find_team_parts(rows, scopes, links, company)
            pairs += self._find_branch_parts(rows, scopes, links, company)
        return np.array(sorted(pairs), int).reshape(-1, 2)

    def _find_branch_parts(self, rows, scopes, links, company) -> list[tuple[int, int]]:
        """Parts of the company and its departments."""
        wanted = {
            scope: index
            for index, scope in enumerate(scopes)
            if scope[2] == company and scope[0] in ("company", "department")
        }
        if not wanted:
            return []
        departments = list(self.parents_of)
        users = [
            scope[1] for scope in rows if scope[0] == "user" and scope[2] == company
        ]
        nodes = [("company", company, company)]
        nodes += [("department", department, company) for department in departments]
        nodes += [("user", user, company) for user in users]
        index = {node: number for number, node in enumerate(nodes)}
        own_department = self._find_own_departments(links, company)
        above = [self.parents_of[department] for department in departments]
        above += [own_department.get(user) for user in users]
        # Who is in no department is right below the company.
        parents = [rollup.NO_PARENT]
        parents += [index.get(("department", each, company), 0) for each in above]
        scope_of, part_of = rollup.finest_tracked(
            parents, [node in rows for node in nodes]
        )
        return [
            (wanted[nodes[scope]], rows[nodes[part]])
            for scope, part in zip(scope_of, part_of, strict=True)
            if nodes[scope] in wanted
        ]

    def _find_own_departments(self, links, company) -> dict[int, int]:
        """The deepest of each user's departments: it is no parent of the others."""
        found = {}
        for user, user_company, kind, department in links:
            if kind == "department" and user_company == company:
                found.setdefault(user, set()).add(department)
        return {
            user: next(
                each
                for each in departments
                if each not in {self.parents_of.get(other) for other in departments}
            )
            for user, departments in found.items()
        }


def find_users(scopes: Iterable[Scope]) -> set[int]:
    return {scope_id for kind, scope_id, _company in scopes if kind == "user"}


def _find_team_parts(rows, scopes, links, company) -> list[tuple[int, int]]:
    indexes = {scope[1]: n for n, scope in enumerate(scopes) if scope[0] == "team"}
    return [
        (indexes[team], rows["user", user, company])
        for user, user_company, kind, team in links
        if kind == "team"
        and team in indexes
        and user_company == company
        and ("user", user, company) in rows
    ]
