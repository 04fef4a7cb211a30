/** Pixels of a benefits map, from left to right; its layout counts in layers. */

import { splitName } from "@kpi_tracking/eager/map/map_text";

export const NODE = { width: 172, height: 62 };
const STEP = { x: 248, y: 80 };
const MARGIN = { x: 16, y: 44 };
const ARROW = 8;

function placeAt([layer, across], left) {
    return {
        x: MARGIN.x + NODE.width / 2 + layer * STEP.x,
        y: MARGIN.y + (across - left) * STEP.y,
    };
}

/** A curve through points, level at each of them. */
function curveThrough(points) {
    const parts = points.slice(1).map((point, number) => {
        const before = points[number];
        const middle = (before.x + point.x) / 2;
        return `C ${middle} ${before.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    });
    return `M ${points[0].x} ${points[0].y} ${parts.join(" ")}`;
}

/** Where the bands begin, with their words; those without a box are left out. */
function placeBands(nodes, kinds) {
    return Object.keys(kinds).flatMap((kind) => {
        const own = nodes.filter((node) => node.record.kind === kind).map((node) => node.x);
        return own.length ? [{ kind, name: kinds[kind], x: Math.min(...own) }] : [];
    });
}

/**
 * Where everything is drawn.
 *
 * @param {Object} map as ``get_map`` answers
 * @returns {{width, height, nodes, links, bands}}
 */
export function placeMap(map) {
    const nodes = map.nodes.map((record) => ({
        ...placeAt(record.place, map.left),
        lines: splitName(record.name),
        record,
    }));
    const byKey = new Map(nodes.map((node) => [node.record.key, node]));
    const links = map.links.map((link) => {
        const source = byKey.get(link.source);
        const target = byKey.get(link.target);
        const points = [
            { x: source.x + NODE.width / 2, y: source.y },
            ...link.bends.map((bend) => placeAt(bend, map.left)),
            { x: target.x - NODE.width / 2 - ARROW, y: target.y },
        ];
        return { d: curveThrough(points), key: `${link.source}>${link.target}` };
    });
    return {
        width: Math.max(0, ...nodes.map((node) => node.x)) + NODE.width / 2 + MARGIN.x,
        height: MARGIN.y + Math.max(1, map.right - map.left) * STEP.y,
        nodes,
        links,
        bands: placeBands(nodes, map.kinds),
    };
}
