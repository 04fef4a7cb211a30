/** Pixels of a process map, whose layout counts in layers and widths of a node. */

import { splitName } from "@kpi_tracking/eager/map/map_text";

export const NODE = { width: 168, height: 58 };
const STEP = { x: 216, y: 118 };
const MARGIN = 44;
const BESIDE = 14; // paths up leave a node right of its middle, paths down left of it
const RADIUS = 13; // of begin and end
const LOOP = 32;
const THICKEST = 6;

/** Middle of what stands in a layer. */
function placeAt([layer, x], left) {
    return { x: MARGIN + (x - left) * STEP.x, y: MARGIN + layer * STEP.y };
}

/** A curve through points, upright at each of them. */
function curveThrough(points) {
    const parts = points.slice(1).map((point, number) => {
        const before = points[number];
        const middle = (before.y + point.y) / 2;
        return `C ${before.x} ${middle} ${point.x} ${middle} ${point.x} ${point.y}`;
    });
    return `M ${points[0].x} ${points[0].y} ${parts.join(" ")}`;
}

function loopAt({ x, y }) {
    const side = x + NODE.width / 2;
    return {
        d: `M ${side} ${y - 12} C ${side + LOOP} ${y - 30} ${side + LOOP} ${y + 30} ${side} ${y + 12}`,
        label: { x: side + LOOP - 4, y },
    };
}

/** A place on the curve between two points, from 0 to 1 of the way. */
function placeOn(before, after, way) {
    const rest = 1 - way;
    const share = way * way * (3 - 2 * way);
    const middle = (before.y + after.y) / 2;
    return {
        x: before.x + (after.x - before.x) * share,
        y: rest ** 3 * before.y + 3 * rest * way * middle + way ** 3 * after.y,
    };
}

/** Where the number of a path stands; of those up lower than of those down. */
function placeLabel(points, isDown) {
    if (points.length === 2) {
        return placeOn(points[0], points[1], isDown ? 0.5 : 0.25);
    }
    const half = Math.floor((points.length - 1) / 2);
    return points[half];
}

/** Line and label of a path between two places. */
function pathBetween(source, target, bends) {
    const isDown = source.y < target.y;
    const side = isDown ? -BESIDE : BESIDE;
    const way = isDown ? 1 : -1;
    const points = [
        { x: source.x + (source.isEnd ? 0 : side), y: source.y + way * source.reach },
        ...bends,
        { x: target.x + (target.isEnd ? 0 : side), y: target.y - way * (target.reach + 8) },
    ];
    return { d: curveThrough(points), label: placeLabel(points, isDown) };
}

/**
 * Where everything is drawn.
 *
 * @param {Object} map as ``get_map`` answers
 * @returns {{width, height, nodes, paths, ends}}
 */
export function placeMap(map) {
    const place = (spot) => placeAt(spot, map.left);
    const most = Math.max(1, ...map.activities.map((one) => one.count));
    const nodes = map.activities.map((one) => ({
        ...place(one.place),
        activity: one,
        lines: splitName(one.name),
        reach: NODE.height / 2,
        share: one.count / most,
    }));
    const end = (name) => ({ ...place(map.ends[name]), isEnd: true, reach: RADIUS });
    const ends = { begin: end("begin"), end: end("end") };
    const byNumber = new Map(nodes.map((node) => [node.activity.number, node]));
    const widest = Math.max(1, ...map.paths.map((one) => one.count));
    const paths = map.paths.map((path) => {
        const source = byNumber.get(path.source) || ends.begin;
        const target = byNumber.get(path.target) || ends.end;
        return {
            ...(source === target
                ? loopAt(source)
                : pathBetween(source, target, path.bends.map(place))),
            path,
            source,
            target,
            width: 1 + (THICKEST - 1) * Math.sqrt(path.count / widest),
        };
    });
    return {
        width: 2 * MARGIN + Math.max(1, map.right - map.left) * STEP.x,
        height: 2 * MARGIN + map.ends.end[0] * STEP.y,
        nodes,
        paths,
        ends,
    };
}

/** Whether a path mostly leads to what its case had done before. */
export function isReturn(path) {
    return path.return_count * 2 > path.count;
}
