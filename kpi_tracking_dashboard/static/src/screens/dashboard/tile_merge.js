/**
 * One arrangement out of two that began as the same one.
 *
 * What only one of both changed of a tile (its place, its size) is as that one wants it; what
 * both changed in different ways is as in `mine`, and told. Tiles that were added to `theirs`
 * stay where they are there; those removed from it are gone.
 *
 * @typedef {{id: number, span: number, height: number}} Place
 * @param {Place[]} base what both began with, in its order
 * @param {Place[]} theirs what is stored by now
 * @param {Place[]} mine the tiles of `base`, arranged
 * @returns {{places: Place[], contested: {id: number, part: "place"|"size"}[]}}
 */
export function mergedPlaces(base, theirs, mine) {
    const sizes = mergedSizes(base, theirs, mine);
    const order = mergedOrder(idsOf(base), idsOf(theirs), idsOf(mine));
    return {
        places: order.ids.map((id) => sizes.of.get(id)),
        contested: [
            ...order.contested.map((id) => ({ id, part: "place" })),
            ...sizes.contested.map((id) => ({ id, part: "size" })),
        ],
    };
}

function idsOf(places) {
    return places.map(({ id }) => id);
}

function mergedSizes(base, theirs, mine) {
    const before = new Map(base.map((place) => [place.id, place]));
    const wanted = new Map(mine.map((place) => [place.id, place]));
    const sizes = new Map();
    const contested = [];
    for (const place of theirs) {
        const [was, is] = [before.get(place.id), wanted.get(place.id)];
        const isMine = Boolean(is) && !isAlike(is, was);
        sizes.set(place.id, { ...(isMine ? is : place) });
        if (isMine && !isAlike(place, was) && !isAlike(place, is)) {
            contested.push(place.id);
        }
    }
    return { of: sizes, contested };
}

function isAlike(one, other) {
    return one.span === other.span && one.height === other.height;
}

function mergedOrder(base, theirs, mine) {
    const left = new Set(theirs);
    const wanted = mine.filter((id) => left.has(id));
    const stored = theirs.filter((id) => wanted.includes(id));
    const movedByMe = movedIds(base, mine).filter((id) => left.has(id));
    const movedByThem = movedIds(base, stored);
    const before = (ids, id) => ids[ids.indexOf(id) - 1];
    const contested = movedByMe.filter(
        (id) => movedByThem.includes(id) && before(wanted, id) !== before(stored, id),
    );
    const ids = theirs.filter((id) => !movedByMe.includes(id));
    for (const id of movedByMe) {
        ids.splice(ids.indexOf(before(wanted, id)) + 1, 0, id); // the first one: at the front
    }
    return { ids, contested };
}

/** The fewest tiles to move for `before` to become `after`, in the order of `after`. */
function movedIds(before, after) {
    const placeOf = new Map(before.map((id, place) => [id, place]));
    const known = after.filter((id) => placeOf.has(id));
    // The longest run of tiles that still follow each other; `runs[n]` ends with `known[n]`.
    const runs = [];
    for (const id of known) {
        const earlier = runs.filter((run) => placeOf.get(run.at(-1)) < placeOf.get(id));
        runs.push([...longest(earlier), id]);
    }
    const stayed = new Set(longest(runs));
    return known.filter((id) => !stayed.has(id));
}

function longest(runs) {
    return runs.reduce((best, run) => (run.length > best.length ? run : best), []);
}
