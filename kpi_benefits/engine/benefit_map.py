"""Map of benefits: enablers, changes, benefits, objectives, each in its own band."""

from collections.abc import Collection, Hashable, Mapping

from odoo.addons.kpi_base.engine.map_layout import Layout, lay_out

KINDS = ("enabler", "change", "benefit", "objective")
RANK = {kind: rank for rank, kind in enumerate(KINDS)}


def may_lead_to(source: str, target: str) -> bool:
    """Whether what is of one kind may bring what is of another.

    Links lead from enablers over changes to benefits and objectives, or to more of the
    same kind; only benefits bring an objective nearer.
    """
    if target == "objective":
        return source in ("benefit", "objective")
    return RANK[source] <= RANK[target]


def place_map(
    kinds: Mapping[Hashable, str], links: Collection[tuple[Hashable, Hashable]]
) -> Layout:
    """Place what a map shows.

    :param kinds: node → its kind, in the order in which equal ones are wanted
    :param links: pairs of nodes, without circles
    """
    # Number of links on the longest way to each node.
    depth = dict.fromkeys(kinds, 0)
    for _round in depth:
        late = [(a, b) for a, b in links if depth[b] <= depth[a]]
        if not late:
            break
        for a, b in late:
            depth[b] = depth[a] + 1
    order = sorted(kinds, key=lambda node: (RANK[kinds[node]], depth[node]))
    return lay_out(order, links, {node: RANK[kind] for node, kind in kinds.items()})
