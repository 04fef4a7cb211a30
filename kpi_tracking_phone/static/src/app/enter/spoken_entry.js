import { readSpoken } from "./spoken_number";

const MOST_CHOICES = 5;
const LONG = 5; // letters of a word in which one may differ

const wordsOf = (text) =>
    text
        .toLocaleLowerCase()
        .normalize("NFD")
        .replace(/\p{M}/gu, "")
        .replace(/\u00df/g, "ss")
        .match(/[\p{L}\d]+/gu) || [];

/** Whether a word is another, up to its ending. */
function isAlike(word, other) {
    const most = Math.max(word.length, other.length);
    const isEnding = word.startsWith(other) || other.startsWith(word);
    return (
        word === other ||
        (isEnding && Math.min(word.length, other.length) >= most - 2 && most > LONG)
    );
}

/**
 * What somebody said as a value of one of the cells.
 *
 * @param {string} text “customer satisfaction eight point four”
 * @param {string} lang
 * @param {{name: string}[]} cells that can be filled, in their order
 * @returns {{cells: Object[], isPercent: boolean, value: number|null}} the cell that is named,
 *      several where that is not clear, none where nothing fits
 */
export function findSpoken(text, lang, cells) {
    const { isPercent, rest, value } = readSpoken(text, lang);
    const said = wordsOf(rest);
    const rated = cells.map((cell) => {
        const names = wordsOf(cell.name);
        const found = names.filter((name) => said.some((word) => isAlike(word, name))).length;
        return { cell, found, isWhole: found === names.length };
    });
    const whole = rated.filter(({ isWhole }) => isWhole);
    const named = whole.length ? whole : rated;
    const most = Math.max(0, ...named.map(({ found }) => found));
    const best = most ? named.filter(({ found }) => found === most) : [];
    return { cells: best.slice(0, MOST_CHOICES).map(({ cell }) => cell), isPercent, value };
}
