"""Layout of a graph in layers, one below the other.

After Sugiyama, Tagawa & Toda 1981: paths against the current are turned around, nodes
get layers by the longest way to them, long paths a place in every layer between, and
places are sorted by those of their neighbours, so that few paths cross.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

SWEEPS = 8
NODE, BEND = 1.0, 0.5  # width of a node, and of a path between nodes

Node = Hashable
Path = tuple[Node, Node]


@dataclass(frozen=True)
class Layout:
    """Where things are.

    :ivar nodes: node → layer, from 0, and middle, in widths of a node
    :ivar paths: path → the places that it runs through between its ends
    :ivar left, right: outmost edges
    """

    nodes: dict[Node, tuple[int, float]]
    paths: dict[Path, list[tuple[int, float]]]
    left: float
    right: float


def lay_out(
    order: Sequence[Node],
    paths: Iterable[Path],
    bands: Mapping[Node, int] | None = None,
) -> Layout:
    """Place nodes and paths.

    :param order: nodes in the order in which they usually come, the begin and the end
        among them; paths that lead to an earlier one run against the current
    :param paths: pairs of different nodes
    :param bands: node → its band, which no other shares a layer with; ``order`` goes
        through them one by one. Default: the first node, the last one, those between
    """
    rank = {node: place for place, node in enumerate(order)}
    paths = list(paths)
    forward = [(a, b) if rank[a] < rank[b] else (b, a) for a, b in paths]
    if bands is None:
        last = len(order) - 1
        bands = {node: (place > 0) + (place == last) for node, place in rank.items()}
    layer_of = _find_layers(order, forward, bands)
    chains, layers, neighbours = _connect(dict.fromkeys(paths), layer_of)
    _sort_layers(layers, neighbours)
    middle = _spread(layers, neighbours, layer_of)
    widths = [
        (middle[each] - _width(each, layer_of) / 2, middle[each] + NODE / 2)
        for row in layers
        for each in row
    ]
    return Layout(
        {node: (layer_of[node], middle[node]) for node in order},
        {
            path: [(each[1], middle[each]) for each in chain[1:-1]]
            for path, chain in chains.items()
        },
        min((left for left, _right in widths), default=0.0),
        max((right for _left, right in widths), default=0.0),
    )


def _find_layers(
    order: Sequence[Node], forward: list[Path], bands: Mapping[Node, int]
) -> dict[Node, int]:
    """The longest way to each node; each band begins below all of those before."""
    before = defaultdict(list)
    for a, b in forward:
        before[b].append(a)
    layer_of: dict[Node, int] = {}
    band, highest = None, 0
    for node in order:
        if bands[node] != band:
            band, highest = bands[node], 1 + max(layer_of.values(), default=-1)
        layer_of[node] = max([highest, *(layer_of[one] + 1 for one in before[node])])
    return layer_of


def _connect(
    paths: Iterable[Path], layer_of: Mapping[Node, int]
) -> tuple[dict[Path, list], list[list], dict[Hashable, list]]:
    """Path → its ends and between them its place in each layer; what is in each layer;
    and what is next to what."""
    layers: list[list] = [
        [] for _layer in range(max(layer_of.values(), default=-1) + 1)
    ]
    for node, layer in layer_of.items():
        layers[layer].append(node)
    chains, neighbours = {}, defaultdict(list)
    for number, path in enumerate(paths):
        start, stop = (layer_of[end] for end in path)
        step = 1 if start < stop else -1
        bends = [(number, layer) for layer in range(start + step, stop, step)]
        for bend in bends:
            layers[bend[1]].append(bend)
        chains[path] = [path[0], *bends, path[1]]
        for a, b in pairwise(chains[path]):
            neighbours[a].append(b)
            neighbours[b].append(a)
    return chains, layers, neighbours


def _sort_layers(layers: list[list], neighbours: Mapping[Hashable, list]) -> None:
    """Sort each layer by the mean place of its neighbours, down and up again."""
    place = {}
    for row in layers:
        place |= {each: number for number, each in enumerate(row)}
    for sweep in range(SWEEPS):
        for row in layers if sweep % 2 == 0 else reversed(layers):
            wanted = {
                each: _mean([place[one] for one in neighbours[each]], place[each])
                for each in row
            }
            row.sort(key=wanted.__getitem__)
            place |= {each: number for number, each in enumerate(row)}


def _spread(
    layers: list[list],
    neighbours: Mapping[Hashable, list],
    layer_of: Mapping[Node, int],
) -> dict[Hashable, float]:
    """Middle of everything: near its neighbours, in order, without overlaps."""
    middle: dict[Hashable, float] = {}
    for row in layers:
        gaps = _gaps(row, layer_of)
        middle |= {
            each: gap - gaps[-1] / 2 for each, gap in zip(row, gaps, strict=True)
        }
    for sweep in range(SWEEPS):
        for row in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [
                _mean([middle[one] for one in neighbours[each]], middle[each])
                for each in row
            ]
            middle |= zip(row, _separate(wanted, _gaps(row, layer_of)), strict=True)
    return middle


def _gaps(row: list, layer_of: Mapping[Node, int]) -> list[float]:
    """Least distance of each from the first one."""
    widths = [_width(each, layer_of) for each in row]
    steps = ((a + b) / 2 for a, b in pairwise(widths))
    return list(accumulate(steps, initial=0.0))[: len(row)]


def _width(each: Hashable, layer_of: Mapping[Node, int]) -> float:
    return NODE if each in layer_of else BEND


def _separate(wanted: list[float], gaps: list[float]) -> list[float]:
    """The places nearest to ``wanted`` that keep their distance.

    Least squares by pooling adjacent violators (Ayer et al. 1955).
    """
    blocks: list[tuple[float, int]] = []  # mean and number of those that are pooled
    for want, gap in zip(wanted, gaps, strict=True):
        mean, count = want - gap, 1
        while blocks and blocks[-1][0] >= mean:
            other, size = blocks.pop()
            mean = (mean * count + other * size) / (count + size)
            count += size
        blocks.append((mean, count))
    shifts = [mean for mean, count in blocks for _each in range(count)]
    return [shift + gap for shift, gap in zip(shifts, gaps, strict=True)]


def _mean(numbers: list[float], default: float) -> float:
    return sum(numbers) / len(numbers) if numbers else default
