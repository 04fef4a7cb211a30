import { mergedPlaces } from "./tile_merge";

export const COLUMNS = 12;
export const ROWS = 4;

/** Order and size of tiles while somebody arranges them; the dashboard keeps its own until saved. */
export class TileLayout {
    /** @param {{id: number, span: number, height: number}[]} tiles in their order */
    constructor(tiles) {
        this.kept = placesOf(tiles);
        this.places = placesOf(tiles);
        this.contested = []; // what somebody else arranged as well, see `mergedPlaces`
        this.drafts = new Map(); // id below 0 → what it shows, and its values
    }

    get isChanged() {
        return JSON.stringify(this.places) !== JSON.stringify(this.kept);
    }

    /** What the server keeps. */
    get rows() {
        return this.placed.filter(({ id }) => !this.drafts.has(id));
    }

    /** Values of the tiles that the server is to make. */
    get added() {
        return this.placed
            .filter(({ id }) => this.drafts.has(id))
            .map(({ id, ...place }) => ({ ...this.drafts.get(id).values, ...place }));
    }

    get placed() {
        return this.places.map((place, at) => ({ ...place, sequence: 10 * (at + 1) }));
    }

    isDraft(id) {
        return this.drafts.has(id);
    }

    /**
     * Add a tile that is stored with the others, or put another one in its place.
     *
     * @param {{tile: Object, values: Object}} draft
     * @param {number} [id] of the draft that it replaces
     */
    draft({ tile, values }, id = Math.min(0, ...this.drafts.keys()) - 1) {
        const { height, span } = tile;
        this.drafts = new Map(this.drafts).set(id, { tile: { ...tile, id }, values });
        if (this.placeOf(id)) {
            Object.assign(this.placeOf(id), { height, span });
        } else {
            this.places.push({ id, span, height });
        }
    }

    dropDraft(id) {
        this.drafts = new Map([...this.drafts].filter(([each]) => each !== id));
        this.places = this.places.filter((place) => place.id !== id);
    }

    placeOf(id) {
        return this.places.find((place) => place.id === id);
    }

    indexOf(id) {
        return this.places.findIndex((place) => place.id === id);
    }

    /** Put a tile `steps` places further on; it stops at both ends. */
    move(id, steps) {
        this.moveTo(id, this.indexOf(id) + steps);
    }

    /** Put a tile behind another one; before all where there is no other. */
    moveBehind(id, otherId) {
        const from = this.indexOf(id);
        const other = otherId ? this.indexOf(otherId) : -1;
        this.moveTo(id, other < from ? other + 1 : other);
    }

    moveTo(id, index) {
        const [place] = this.places.splice(this.indexOf(id), 1);
        const last = this.places.length;
        this.places.splice(Math.min(Math.max(index, 0), last), 0, place);
    }

    widen(id, columns) {
        const place = this.placeOf(id);
        place.span = Math.min(Math.max(place.span + columns, 1), COLUMNS);
    }

    heighten(id, rows) {
        const place = this.placeOf(id);
        place.height = Math.min(Math.max(place.height + rows, 1), ROWS);
    }

    /** Tiles in the order and size that are shown now; those added meanwhile come last. */
    arranged(tiles) {
        const drafts = [...this.drafts.values()].map(({ tile }) => tile);
        const known = new Map([...tiles, ...drafts].map((tile) => [tile.id, tile]));
        const shown = this.places.filter(({ id }) => known.has(id));
        const placed = new Set(shown.map(({ id }) => id));
        return [
            ...shown.map((place) => ({ ...known.get(place.id), ...place })),
            ...tiles.filter(({ id }) => !placed.has(id)),
        ];
    }

    /** What I changed, over what is stored by now. */
    rebased(tiles) {
        const layout = new TileLayout(tiles);
        const { contested, places } = mergedPlaces(this.kept, layout.kept, this.places);
        layout.places = places;
        layout.drafts = this.drafts;
        for (const id of this.drafts.keys()) {
            const before = this.places[this.indexOf(id) - 1]?.id;
            layout.places.push({ ...this.placeOf(id) });
            layout.moveBehind(id, layout.placeOf(before) && before);
        }
        layout.contested = [
            ...this.contested.filter((each) => layout.placeOf(each.id) && !has(contested, each)),
            ...contested,
        ];
        return layout;
    }

    /** What somebody else arranged as well is as they stored it. */
    giveWay() {
        for (const { id, part } of this.contested) {
            const at = this.kept.findIndex((place) => place.id === id);
            if (part === "size") {
                Object.assign(this.placeOf(id), this.kept[at]);
            } else {
                this.moveBehind(id, this.kept[at - 1]?.id);
            }
        }
        this.contested = [];
    }
}

function placesOf(tiles) {
    return tiles.map(({ id, span, height }) => ({ id, span, height }));
}

function has(contested, { id, part }) {
    return contested.some((each) => each.id === id && each.part === part);
}
