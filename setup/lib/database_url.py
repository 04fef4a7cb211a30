"""Print DATABASE_URL as the assignments of PGHOST, PGPORT, PGUSER, PGPASSWORD."""

import shlex
import sys
from urllib.parse import unquote, urlsplit


def libpq_variables(url: str) -> dict[str, str]:
    """The libpq variables of a URL ``postgresql://user:password@host:port/``.

    :raises ValueError: another scheme, no host, or a port that is no number
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.hostname:
        raise ValueError(url)
    values = {
        "PGHOST": unquote(parts.hostname),
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
    }
    return {name: value for name, value in values.items() if value}


if __name__ == "__main__":
    try:
        variables = libpq_variables(sys.argv[1])
    except ValueError:
        sys.exit(1)
    for name, value in variables.items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
