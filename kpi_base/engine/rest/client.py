"""A typed client for Python in one file, made from the description of an interface.

It needs nothing but Python: typed dictionaries for what goes out and comes in, and a
method per operation.
"""

import keyword
import re
from typing import Any

PREAMBLE = '''"""{title}: a client made from its description, not by hand."""

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Literal, TypedDict


class ApiError(Exception):
    """An answer that is no success.

    :ivar status: status code
    :ivar problem: what the server says of it: type, title, detail, errors
    :ivar retry_after: seconds to wait before the same request, None if it is no use
    """

    def __init__(self, error: urllib.error.HTTPError):
        try:
            self.problem = json.loads(error.read())
        except ValueError:
            self.problem = {{"title": error.reason}}
        super().__init__(self.problem.get("detail") or self.problem.get("title"))
        seconds = error.headers.get("Retry-After")
        self.status, self.retry_after = error.code, int(seconds) if seconds else None


'''
CLIENT = '''class Client:
    """The operations of {title}.

    :param url: address of the server
    :param key: an API key or a token made from one
    :param timeout: seconds to wait for an answer
    """

    def __init__(self, url: str, key: str, timeout: float = 60):
        self.url, self.key, self.timeout = url.rstrip("/"), key, timeout

    def _call(
        self,
        method: str,
        path: str,
        query: dict[str, Any],
        body: Any = None,
        idempotency_key: str | None = None,
    ) -> Any:
        given = {{
            # True and False as JSON writes them
            name: json.dumps(value) if isinstance(value, bool) else value
            for name, value in query.items()
            if value is not None
        }}
        url = self.url + path
        if given:
            url += "?" + urllib.parse.urlencode(given)
        headers = {{"Authorization": f"Bearer {{self.key}}"}}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, allow_nan=False).encode()
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        request = urllib.request.Request(url, content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise ApiError(error) from None
        return json.loads(text) if text else None
'''
PLAIN = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, Any]",
}


def python_client(document: dict[str, Any]) -> str:
    """Source of a module with ``Client`` and the types it takes and gives."""
    title = document["info"]["title"]
    types = "\n\n".join(
        _typed_dict(name, schema)
        for name, schema in document["components"]["schemas"].items()
    )
    methods = "\n".join(
        _method(path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    )
    client = CLIENT.format(title=title)
    return f"{PREAMBLE.format(title=title)}{types}\n\n{client}\n{methods}"


def _typed_dict(name: str, schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        return f"{_identifier(name)} = {_type(schema)}\n"
    properties = schema["properties"]
    types = {key: _type(prop).replace('"', '\\"') for key, prop in properties.items()}
    body = "\n".join(f'    "{key}": "{kind}",' for key, kind in types.items())
    name = _identifier(name)
    is_total = properties.keys() <= set(schema.get("required", ()))
    return f'{name} = TypedDict("{name}", {{\n{body}\n}}, total={is_total})\n'


def _method(path: str, method: str, operation: dict[str, Any]) -> str:
    parameters = operation.get("parameters", [])
    in_query = [p for p in parameters if p["in"] == "query"]
    arguments = [
        f"{p['name']}: {_type(p['schema'])}" for p in parameters if p["in"] == "path"
    ]
    quoted = re.sub(r"{(\w+)}", r"{urllib.parse.quote(str(\1), safe='')}", path)
    call = [f'"{method.upper()}"', (f'f"{quoted}"' if quoted != path else f'"{path}"')]
    call.append("{" + ", ".join(f'"{p["name"]}": {_name(p)}' for p in in_query) + "}")
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        arguments.append(f"body: {_type(content['application/json']['schema'])}")
        call.append("body=body")
    keyed = any(p["in"] == "header" for p in parameters)
    optional = [f"{_name(p)}: {_type(p['schema'])} | None = None" for p in in_query]
    if keyed:
        optional.append("idempotency_key: str | None = None")
        call.append("idempotency_key=idempotency_key")
    arguments += ["*", *optional] if optional else []
    signature = ", ".join(["self", *arguments])
    return (
        f"    def {operation['operationId']}({signature}) -> {_answer(operation)}:\n"
        f'        """{operation["summary"]}"""\n'
        f"        return self._call({', '.join(call)})\n"
    )


def _answer(operation: dict[str, Any]) -> str:
    for status, response in operation["responses"].items():
        if status not in ("default", "202") and "content" in response:
            return _type(response["content"]["application/json"]["schema"])
    return "None"


def _type(schema: dict[str, Any]) -> str:
    """The type of Python that a JSON schema describes."""
    if "$ref" in schema:
        return _identifier(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if schema.get("type") == "array":
        return f"list[{_type(schema.get('items', {}))}]"
    return PLAIN.get(schema.get("type"), "Any")


def _name(parameter: dict[str, Any]) -> str:
    name = parameter["name"]
    return f"{name}_" if keyword.iskeyword(name) else name


def _identifier(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_")
