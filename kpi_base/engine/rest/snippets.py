"""Examples of a request in curl, Python and JavaScript."""

import json
from typing import Any

from .declaration import Operation

HOST = "https://odoo.example.com"


def snippets(operation: Operation) -> dict[str, str]:
    """Language → a request, ready to be copied."""
    body = operation.declaration.example if operation.declaration.body else None
    path = operation.path
    for name, kind in operation.path_types.items():
        path = path.replace(f"{{{name}}}", "1" if kind is int else name)
    method = operation.method.upper()
    lines = [f"curl -X {method} {HOST}{path}", '-H "Authorization: Bearer $KPI_KEY"']
    if body is not None:
        lines.append("-H 'Content-Type: application/json'")
        text = json.dumps(body).replace("'", "'\\''")
        lines.append(f"-d '{text}'")
    return {
        "Shell": " \\\n  ".join(lines),
        "Python": _python(method, path, body),
        "JavaScript": _javascript(method, path, body),
    }


def _python(method: str, path: str, body: Any) -> str:
    given = f",\n    json={body!r}" if body is not None else ""
    return (
        "import os, requests\n\n"
        f"answer = requests.{method.lower()}(\n"
        f'    "{HOST}{path}",\n'
        '    headers={"Authorization": "Bearer " + os.environ["KPI_KEY"]}'
        f"{given},\n)\n"
        "answer.raise_for_status()"
    )


def _javascript(method: str, path: str, body: Any) -> str:
    lines = [
        f'const answer = await fetch("{HOST}{path}", {{',
        f'    method: "{method}",',
        "    headers: {",
        '        "Authorization": `Bearer ${process.env.KPI_KEY}`,',
    ]
    if body is not None:
        lines.append('        "Content-Type": "application/json",')
    lines.append("    },")
    if body is not None:
        lines.append(f"    body: JSON.stringify({json.dumps(body)}),")
    lines.append("});")
    return "\n".join(lines)
