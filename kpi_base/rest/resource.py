"""Records as resources: declared once; list, read, create, change and delete follow."""

import re
from functools import partial, wraps

from odoo.fields import Domain
from odoo.http import Response, request

from ..schemas.approval import ChangeOut
from ..schemas.base import Page, query_of
from .body import adapter
from .problem import Problem
from .route import route
from .rows import etag, find_record, read_page, row
from .types import RowsQuery

ONE = re.compile(r"(.*?)(?:/<\w+:(\w+)>)?")


class Operation:
    """A route of a resource: an attribute of a controller, or above its method.

    :param serve: gets the method, and what the route takes by name
    """

    def __init__(self, path, serve, declared):
        self.path, self.serve, self.declared = path, serve, declared

    def __call__(self, method):
        @wraps(method)
        def endpoint(controller, **given):
            return self.serve(partial(method, controller), **given)

        del endpoint.__wrapped__  # Odoo passes what the innermost signature takes
        return route(self.path, **self.declared)(endpoint)

    def __set_name__(self, owner, name):
        def method(controller, **given):
            return None

        method.__name__ = name
        setattr(owner, name, self(method))


class Resource:
    """Records that programs find at a path, and what they may do with them::

        TEAMS = Resource("/api/kpi/teams/<kpi_id:team_id>", TeamOut)


        class TeamApi(http.Controller):
            list_teams = TEAMS.list("Teams", "active leader_id", sortable="name")
            get_team = TEAMS.get("One team")

            @TEAMS.change("Change a team", TeamChange, example={"name": "North"})
            def change_team(self, team, body):
                team.write(read_values(body, team))

    :param path: of a record, by id or by UUID; or only that of the list
    :param row: schema of a record in answers
    :param scope: family of scopes, such as “deals” for deals.read and deals.write
    :param changed_by: method of changes
    :param find: record of a key; default: any that the key's user sees
    :param describe: answer about one record, where that is more than its row
    :param whole: schema of that answer
    :param is_confidential: answers are stored nowhere, and the access log names no
        record
    :param within: (resource, field) of what the records belong to, where their path
        begins with its own: one that belongs to another is not found
    """

    def __init__(
        self,
        path,
        row,
        *,
        scope="kpi",
        changed_by="PATCH",
        find=None,
        describe=None,
        whole=None,
        is_confidential=False,
        within=None,
    ):
        self.model, self.one, self.row = row.of.model, path, row
        self.path, self.key = ONE.fullmatch(path).groups()
        self.scope, self.changed_by = scope, changed_by
        self.query, self.whole = query_of(row), whole or row
        self._find, self._describe, self.within = find, describe, within
        self.declared = {}
        if is_confidential:
            self.declared = {"is_confidential": True, "is_stored": False}

    def find(self, key):
        """The record that ``key`` names.

        :raises Problem: there is none
        """
        if self._find:
            return self._find(key)
        if isinstance(key, int):
            return find_record(self.model, key)
        return find_record(self.model, str(key), "uuid")

    def describe(self, record):
        """All that an answer says of a record."""
        return self._describe(record) if self._describe else row(record, self.query())

    def verify_unchanged(self, record):
        """Check that the record is as the client has read it.

        ``If-Match`` holds the ETag of the full answer; without it any one is meant.

        :raises Problem: it has another ETag
        """
        wanted = request.httprequest.if_match
        # A proxy that compresses answers makes their ETags weak ones.
        if wanted and not wanted.contains_weak(etag(self.describe(record))):
            raise Problem("precondition-failed")

    def list(self, summary, names="", *, sortable="", path=None, **others):
        """A list; the method says further conditions, if any.

        :param names: fields by which it may be filtered
        :param sortable, others: as ``list_of`` takes them
        """

        def serve(method, query, **given):
            domain = Domain.TRUE
            if self.within:
                domain = Domain(self.within[1], "=", self._find_owner(given).id)
            domain &= Domain(method(query=query, **given) or ())
            return read_page(self.model, query, domain)

        declared = {
            "query": RowsQuery(self.row, names, sortable, others),
            "response": Page[self.row],
        }
        return self._operation("GET", path or self.path, serve, summary, **declared)

    def get(self, summary):
        """One record, or some of its fields; the method is not asked."""

        def serve(_method, query, **given):
            return row(self._find_given(given, False), query)

        declared = {"query": self.query, "response": self.row}
        return self._operation("GET", self.one, serve, summary, **declared)

    def part(self, name, summary, *, method="GET", is_verified=False, **declared):
        """What belongs to a record: the method gets it, and returns the answer.

        :param name: last part of the path; empty: the record itself
        :param is_verified: only if the record is as the client has read it
        """

        def serve(action, **given):
            return action(self._find_given(given, is_verified), **given)

        path = f"{self.one}/{name}".removesuffix("/")
        return self._operation(method, path, serve, summary, **declared)

    def remove(self, summary, **declared):
        """A deletion by the method, if the record is as the client has read it."""
        return self.part("", summary, method="DELETE", is_verified=True, **declared)

    def post(self, summary, body, *, path=None, **declared):
        """A new record: the method gets none of the model, and returns it.

        With ``within`` it also gets the record that the new one will belong to.
        """

        def serve(method, **given):
            owner = [self._find_owner(given)] if self.within else []
            return self._answer(method(request.env[self.model], *owner, **given))

        declared = {"response": self.whole, "status": 201, "body": body, **declared}
        return self._operation("POST", path or self.path, serve, summary, **declared)

    def change(self, summary, body, **declared):
        """A change by the method, if the record is as the client has read it."""
        return self.act("", summary, body, method=self.changed_by, **declared)

    def act(
        self, name, summary, body=None, *, method="POST", is_verified=True, **declared
    ):
        """What becomes of a record by the method: see ``part``.

        The answer is the record, or the response that the method returns.
        """

        def serve(action, **given):
            record = self._find_given(given, is_verified)
            return self._answer(action(record, **given) or record)

        path = f"{self.one}/{name}".removesuffix("/")
        declared = {"response": self.whole, "body": body, **declared}
        return self._operation(method, path, serve, summary, **declared)

    def _operation(self, method, path, serve, summary, **declared):
        scope = f"{self.scope}.{'read' if method == 'GET' else 'write'}"
        declared = {
            "methods": [method],
            "scope": scope,
            "summary": summary,
            **self.declared,
            **declared,
        }
        return Operation(path, serve, declared)

    def _find_owner(self, given):
        """What the records belong to, by its key, which it takes out of ``given``."""
        owners, _field = self.within
        return owners.find(given.pop(owners.key))

    def _find_given(self, given, is_verified):
        owner = self._find_owner(given) if self.within else None
        record = self.find(given.pop(self.key))
        if self.within and record[self.within[1]] != owner:
            raise Problem("not-found")
        if is_verified:
            self.verify_unchanged(record)
        return record

    def _answer(self, result):
        return result if isinstance(result, Response) else self.describe(result)


def answer_waiting(change):
    """The answer 202 with the address of a proposal; None if it does not wait.

    :param change: what ``_write_or_propose`` and the like return
    """
    if change.approval_state != "pending":
        return None
    answer = row(change, query_of(ChangeOut)())
    headers = {
        "Cache-Control": "no-store",
        "Content-Type": "application/json",
        "Location": f"/api/kpi/changes/{change.id}",
        "X-Content-Type-Options": "nosniff",
    }
    text = adapter(ChangeOut).dump_json(answer, exclude_unset=True)
    return Response(text, status=202, headers=headers)
