/** Texts in the boxes of maps. */

const LONGEST_LINE = 22; // letters

/** Words of a name in at most two lines. */
export function splitName(name) {
    const lines = [""];
    for (const word of name.split(/\s+/)) {
        const longer = `${lines.at(-1)} ${word}`.trim();
        if (longer.length <= LONGEST_LINE || !lines.at(-1)) {
            lines[lines.length - 1] = longer;
        } else {
            lines.push(word);
        }
    }
    const [first, ...rest] = lines;
    return [first, rest.join(" ")].filter(Boolean).map(cutLine);
}

function cutLine(line) {
    return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line;
}
