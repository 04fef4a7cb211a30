/**
 * A block of cells copied from a spreadsheet: rows of texts.
 *
 * Cells with tabs, line breaks or quotes stand between quotes, as spreadsheets write
 * them; the line break at the end belongs to no cell.
 *
 * @param {string} text
 * @returns {string[][]}
 */
export function parseBlock(text) {
    const rows = [[]];
    const cell = /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r\n|\n|\r|$)/gy;
    const trimmed = text.replace(/(\r\n|\n|\r)$/, "");
    for (let match; (match = cell.exec(trimmed));) {
        const [, quoted, plain, end] = match;
        rows.at(-1).push((quoted?.replaceAll('""', '"') ?? plain).trim());
        if (!end) {
            break;
        }
        if (end !== "\t") {
            rows.push([]);
        }
    }
    return rows;
}

/** Return whether a copied text is more than one cell. */
export function isBlock(text) {
    return /[\t\r\n]/.test(text.trim());
}
