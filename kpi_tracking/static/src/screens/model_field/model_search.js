import { normalize } from "@web/core/l10n/utils";

const NO_MATCH = 4;

/**
 * Models whose name answers what somebody types, the likeliest first: “sale or” finds
 * Sales Order before Sales Order Line, and both before what only sounds like it.
 *
 * @template {{label: string, data: {technical: string}}} T
 * @param {T[]} models
 * @param {string} request as typed; empty finds all, by name
 * @returns {T[]}
 */
export function findModels(models, request) {
    const asked = wordsOf(request);
    return models
        .map((model) => ({ model, rank: rankOf(model, asked) }))
        .filter(({ rank }) => rank < NO_MATCH)
        .sort((one, other) => one.rank - other.rank || compareNames(one.model, other.model, asked))
        .map(({ model }) => model);
}

/** 0: its name; 1: begins like it; 2: has words that begin so; 3: its technical name has. */
function rankOf({ label, data }, asked) {
    const words = wordsOf(label);
    if (asked.every((word, at) => begins(words[at], word))) {
        const isAll =
            asked.length === words.length && asked.every((word, at) => word === words[at]);
        return isAll ? 0 : 1;
    }
    const hasAll = (known) => asked.every((word) => known.some((each) => begins(each, word)));
    return hasAll(words) ? 2 : hasAll(wordsOf(data.technical)) ? 3 : NO_MATCH;
}

/** Return whether a word begins as asked for, in the singular or the plural. */
function begins(word = "", asked) {
    return word.startsWith(asked) || `${word}s` === asked;
}

/** Shorter names first, where something was typed; else by the alphabet. */
function compareNames({ label: one }, { label: other }, asked) {
    return (
        (asked.length && wordsOf(one).length - wordsOf(other).length) || one.localeCompare(other)
    );
}

function wordsOf(text) {
    return normalize(text)
        .split(/[^\p{L}\p{N}]+/u)
        .filter(Boolean);
}
