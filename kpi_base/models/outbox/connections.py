MOST_CONNECTIONS = 4  # each may hold a connection to the database as well


class Connections:
    """Connections of a run to far servers; what was not used for longest gives way.

    An adapter opens what it needs::

        connection = self.env.context["kpi_connections"].get(key, lambda: open_it(...))

    A connection has ``is_usable()`` and ``close()``.
    """

    def __init__(self):
        self._open = {}
        self._known = {}

    def get(self, key, connect):
        """The connection of ``key``, which ``connect`` opens where there is none."""
        connection = self._open.pop(key, None)
        if connection is None or not connection.is_usable():
            connection = connect()
        self._open[key] = connection
        if len(self._open) > MOST_CONNECTIONS:
            self._open.pop(next(iter(self._open))).close()
        return connection

    def remember(self, key, find):
        """What ``find`` gives for ``key``: it is asked once in a run."""
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        for connection in self._open.values():
            connection.close()
