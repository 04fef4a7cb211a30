// Badges are drawn by code on 80 × 80: shape by rarity, color by achievement, glyph by
// condition.

const CENTER = 40;
/** Outer and inner radius of seals, by the number of their points. */
const SEALS = { rare: [6, 36, 31.2], epic: [8, 38, 31], legendary: [16, 39, 32] };
const INNER_HEXAGON = [6, 29, 25.1];

function circle(x, y, radius) {
    const wide = 2 * radius;
    return `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${wide} 0a${radius} ${radius} 0 1 0-${wide} 0`;
}

/** Lines of each glyph, on 24 × 24. */
const GLYPHS = {
    all: ["M4 12l3 3 5-6M12 15l1 1 7-8"],
    better: ["M4 18l5-5 4 3 7-9M15 7h5v5"],
    coach: ["M4 6h16v10h-9l-4 4v-4H4z"],
    comment: ["M4 5h16v11h-8l-4 4v-4H4zM8 9h8M8 12h5"],
    first: ["M4 8l4 4 4-7 4 7 4-4-2 10H6z"],
    help: ["M12 19s-7-4.5-7-9.5A3.7 3.7 0 0 1 12 7.5a3.7 3.7 0 0 1 7 2C19 14.5 12 19 12 19z"],
    pen: ["M5 19l1-4L16 5l3 3L9 18zM14 7l3 3"],
    star: ["M12 4l2.4 5 5.6.7-4 3.9 1 5.4-5-2.7-5 2.7 1-5.4-4-3.9 5.6-.7z"],
    steady: ["M3 12c2-4 4-4 6 0s4 4 6 0 4-4 6 0"],
    streak: ["M12 3c1 4 5 5.5 5 10a5 5 0 0 1-10 0c0-2 1-3 2-4 .3 1.5 1 2 1.5 2C11 8 11 5.5 12 3z"],
    stretch: ["M5 19L19 5M11 5h8v8"],
    target: [circle(12, 12, 8), circle(12, 12, 4), circle(12, 12, 0.7)],
    time: [circle(12, 12, 8), "M12 7v5l3.5 2"],
};
GLYPHS.year = GLYPHS.star;

/** @returns {string} points of a star, for a polygon that begins at the top */
export function starPoints(count, outer, inner) {
    return Array.from({ length: 2 * count }, (_, at) => {
        const radius = at % 2 ? inner : outer;
        const angle = (at * Math.PI) / count - Math.PI / 2;
        const x = CENTER + radius * Math.cos(angle);
        const y = CENTER + radius * Math.sin(angle);
        return `${x.toFixed(1)},${y.toFixed(1)}`;
    }).join(" ");
}

/**
 * @param {string} rarity common, rare, epic or legendary
 * @param {string} glyph a key of the glyphs; a star for another one
 * @returns {{ glyph: string[], inner: string, rarity: string, scale: number, seal: string }}
 *   ``seal`` and ``inner`` are points of polygons; without them both are circles
 */
export function badgeArt(rarity, glyph) {
    const seal = SEALS[rarity];
    return {
        glyph: GLYPHS[glyph] || GLYPHS.star,
        inner: rarity === "rare" ? starPoints(...INNER_HEXAGON) : "",
        rarity: seal ? rarity : "common",
        scale: seal ? 1.25 : 1.4,
        seal: seal ? starPoints(...seal) : "",
    };
}
