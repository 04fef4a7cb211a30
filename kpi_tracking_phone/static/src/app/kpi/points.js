/**
 * Which category of a chart is below a place of the screen. Its lines of the scale go from the
 * first category to the last.
 *
 * @param {SVGSVGElement} svg as the server draws it
 * @param {number} clientX
 * @param {number} count of categories
 * @returns {number} its place; -1: none
 */
export function findPoint(svg, clientX, count) {
    const spans = [...(svg?.getElementsByTagName("line") || [])]
        .map((line) => ["x1", "x2", "y1", "y2"].map((name) => Number(line.getAttribute(name))))
        .filter(([, , top, bottom]) => top === bottom)
        .sort(([left, right], [otherLeft, otherRight]) => otherRight - otherLeft - right + left);
    const matrix = svg?.getScreenCTM();
    if (!spans.length || !matrix) {
        return -1;
    }
    const [left, right] = spans[0];
    const x = (clientX - matrix.e) / matrix.a;
    const at = Math.floor(((x - left) / (right - left)) * count);
    return at >= 0 && at < count ? at : -1;
}
