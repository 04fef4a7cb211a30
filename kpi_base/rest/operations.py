"""The declared routes, as the description of the interface wants them."""

import inspect
import re
import uuid

from odoo.http import request

from ..engine.rest.declaration import Operation

ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
TYPES = {"kpi_id": int, "uuid": uuid.UUID}


def operations_below(prefix):
    """Operations of the routes of installed addons, sorted by path."""
    rules = request.env["ir.http"].routing_map().iter_rules()
    found = [
        _operation(rule.rule, rule.endpoint, prefix)
        for rule in rules
        if rule.rule.startswith(f"{prefix}/") and "declaration" in rule.endpoint.routing
    ]
    return sorted(found, key=lambda operation: (operation.path, operation.method))


def readable(path):
    """A path of Odoo as people write it: its arguments as ``{name}``."""
    return ARGUMENT.sub(r"{\2}", path)


def _operation(path, endpoint, prefix):
    declaration = endpoint.routing["declaration"]
    return Operation(
        name=endpoint.__name__,
        path=readable(path),
        method=endpoint.routing["methods"][0].lower(),
        path_types={
            name: TYPES.get(converter, str)
            for converter, name in ARGUMENT.findall(path)
        },
        tag=path.removeprefix(f"{prefix}/").split("/")[0],
        description=inspect.getdoc(endpoint) or "",
        declaration=declaration,
    )
