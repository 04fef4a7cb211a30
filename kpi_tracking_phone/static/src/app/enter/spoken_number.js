/**
 * Numbers as people say them, in English, German, French and Spanish, and as recognisers
 * write them down: “eight point four”, “drei Komma fünf”, “2,5 millions”, “12.500”.
 */

const HALF = 0.5;
const ENGLISH = {
    decimals: ["point", "dot"],
    fillers: ["and", "a", "an"],
    hundred: ["hundred", "hundreds"],
    minus: ["minus", "negative"],
    ones:
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen " +
        "fifteen sixteen seventeen eighteen nineteen",
    tens: "twenty thirty forty fifty sixty seventy eighty ninety",
    more: { oh: 0, nil: 0, half: HALF },
    percent: /\bper ?cent\b|\bpercentage points?\b|\bpoints?$/g,
    scales: { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12, k: 1e3, m: 1e6 },
    separator: ".",
};
const GERMAN = {
    decimals: ["komma", "punkt"],
    fillers: ["und"],
    hundred: ["hundert"],
    minus: ["minus"],
    ones:
        "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn " +
        "funfzehn sechzehn siebzehn achtzehn neunzehn",
    tens: "zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig",
    more: { ein: 1, eine: 1, einen: 1, zwo: 2, einhalb: HALF, halb: HALF, anderthalb: 1.5 },
    percent: /\bprozentpunkte?\b|\bprozent\b/g,
    scales: {
        tausend: 1e3,
        million: 1e6,
        millionen: 1e6,
        mio: 1e6,
        milliarde: 1e9,
        milliarden: 1e9,
        mrd: 1e9,
        billion: 1e12,
        billionen: 1e12,
    },
    separator: ",",
};
const FRENCH = {
    decimals: ["virgule", "point"],
    fillers: ["et", "de", "d"],
    hundred: ["cent", "cents"],
    minus: ["moins"],
    ones:
        "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze " +
        "quinze seize",
    tens: "vingt trente quarante cinquante soixante septante huitante nonante",
    more: { une: 1, vingts: 20, octante: 80, demi: HALF, demie: HALF },
    percent: /\bpour ?cents?\b|\bpourcents?\b/g,
    scales: {
        mille: 1e3,
        million: 1e6,
        millions: 1e6,
        milliard: 1e9,
        milliards: 1e9,
        billion: 1e12,
        billions: 1e12,
    },
    separator: ",",
};
const SPANISH = {
    decimals: ["coma", "punto"],
    fillers: ["y", "de"],
    hundred: [],
    minus: ["menos"],
    ones:
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce " +
        "quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres " +
        "veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve",
    tens: "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    more: {
        un: 1,
        una: 1,
        veintiun: 21,
        veintiuna: 21,
        cien: 100,
        ciento: 100,
        doscientos: 200,
        trescientos: 300,
        cuatrocientos: 400,
        quinientos: 500,
        seiscientos: 600,
        setecientos: 700,
        ochocientos: 800,
        novecientos: 900,
        medio: HALF,
        media: HALF,
    },
    percent: /\bpor ?cientos?\b/g,
    scales: { mil: 1e3, millon: 1e6, millones: 1e6, billon: 1e12, billones: 1e12 },
    separator: ",",
};

/** Words of a language → what each means; German numbers are written as one word. */
function buildTable(spec, { isCompound = false } = {}) {
    const words = new Map();
    spec.ones.split(" ").forEach((word, value) => words.set(word, { value }));
    spec.tens.split(" ").forEach((word, at) => words.set(word, { value: 10 * at + 20 }));
    Object.entries(spec.more).forEach(([word, value]) => words.set(word, { value }));
    for (const [word, value] of spec === SPANISH ? Object.entries(spec.more) : []) {
        value >= 200 && words.set(word.replace(/os$/, "as"), { value }); // doscientas
    }
    spec === FRENCH && ["vingt", "vingts"].forEach((word) => (words.get(word).isTwenty = true));
    spec.hundred.forEach((word) => words.set(word, { isHundred: true }));
    Object.entries(spec.scales).forEach(([word, scale]) => words.set(word, { scale }));
    spec.decimals.forEach((word) => words.set(word, { isPoint: true }));
    spec.minus.forEach((word) => words.set(word, { isMinus: true }));
    spec.fillers.forEach((word) => words.has(word) || words.set(word, { isFiller: true }));
    const parts = [...words.keys()].sort((one, other) => other.length - one.length);
    return { ...spec, isCompound, parts, words };
}

const TABLES = {
    de: buildTable(GERMAN, { isCompound: true }),
    en: buildTable(ENGLISH),
    es: buildTable(SPANISH),
    fr: buildTable(FRENCH),
};

/** @returns {boolean} whether numbers of a language (“de”, “de_CH”) are read */
export function canReadSpoken(lang) {
    return lang.slice(0, 2) in TABLES;
}

/**
 * The number in what somebody said, and the other words.
 *
 * @param {string} text
 * @param {string} lang “de” or “de_CH”; of others only digits are read
 * @returns {{value: number|null, isPercent: boolean, rest: string}} `value` null: no number,
 *      or one that is not clear
 */
export function readSpoken(text, lang) {
    const table = TABLES[lang.slice(0, 2)] || TABLES.en;
    const said = simplify(text).replace(table.percent, " % ");
    const tokens = joinDigits(said.match(/[-+−]?\d[\d.,'’]*|%|[\p{L}\p{M}]+/gu) || [], table);
    const read = tokens.map((token) => readToken(token, table));
    const [start, stop] = findNumber(read);
    const rest = tokens.filter((token, at) => (at < start || at >= stop) && token !== "%");
    return {
        isPercent: tokens.includes("%"),
        rest: rest.join(" "),
        value: start < stop ? evaluate(read.slice(start, stop).flat()) : null,
    };
}

/** Small letters without accents, so that a recogniser's spelling does not matter. */
function simplify(text) {
    return text
        .toLocaleLowerCase()
        .normalize("NFD")
        .replace(/\p{M}/gu, "")
        .replace(/ß/g, "ss")
        .replace(/(\p{L})[-‐](?=\p{L})/gu, "$1 ")
        .replace(/(\d)(?=[%€$£k]|\p{L})/gu, "$1 ");
}

/** “12 500”: digits in groups of three are one number. */
function joinDigits(tokens) {
    const joined = [];
    for (const token of tokens) {
        const isGroup = /^\d{3}(?:[.,]\d+)?$/.test(token);
        if (isGroup && /^[-+−]?\d{1,3}(?: \d{3})*$/.test(joined.at(-1) || "")) {
            joined.push(`${joined.pop()} ${token}`);
        } else {
            joined.push(token.replace(/[.,'’]+$/, ""));
        }
    }
    return joined;
}

/** What a token means, in parts; null where it is no number. */
function readToken(token, table) {
    if (/\d/.test(token)) {
        const value = readDigits(token, table.separator);
        return value === null ? null : [{ digits: true, value }];
    }
    const known = table.words.get(token);
    if (known) {
        return [known];
    }
    return table.isCompound ? splitCompound(token, table) : null;
}

/** “dreiundzwanzigtausend” as its parts; null where it is none. */
function splitCompound(word, table) {
    if (!word) {
        return [];
    }
    for (const part of table.parts) {
        if (word.startsWith(part)) {
            const rest = splitCompound(word.slice(part.length), table);
            if (rest) {
                return [table.words.get(part), ...rest];
            }
        }
    }
    return null;
}

/** Digits as a language writes them; null where that is not clear. */
function readDigits(token, separator) {
    const sign = /^[-−]/.test(token) ? -1 : 1;
    const digits = token.replace(/^[-+−]/, "").replace(/[ '’]/g, "");
    const other = separator === "." ? "," : ".";
    const [points, commas] = [digits.split(separator).length - 1, digits.split(other).length - 1];
    let text;
    if (points && commas) {
        const last = digits.lastIndexOf(separator) > digits.lastIndexOf(other) ? separator : other;
        text = digits.replaceAll(last === separator ? other : separator, "").replace(last, ".");
    } else if (commas) {
        // “12,500” is a thousand in English, “12,5” a decimal that was written elsewhere
        const isGrouped = digits
            .split(other)
            .slice(1)
            .every((part) => part.length === 3);
        text = isGrouped ? digits.replaceAll(other, "") : digits.replace(other, ".");
    } else if (points > 1) {
        text = digits.replaceAll(separator, "");
    } else {
        text = digits.replace(separator, ".");
    }
    return /^\d+(?:\.\d+)?$/.test(text) ? sign * Number(text) : null;
}

const isFiller = (parts) => parts?.every((part) => part.isFiller);
const hasValue = (parts) =>
    parts?.some((part) => part.value !== undefined || part.isHundred || part.scale);

/** The last run of numbers: what is measured is said before its value. */
function findNumber(read) {
    let stop = read.length;
    while (stop && !hasValue(read[stop - 1])) {
        stop--;
    }
    let start = stop;
    while (start && read[start - 1]) {
        start--;
    }
    while (start < stop && isFiller(read[start])) {
        start++; // “and” begins no number
    }
    return [start, stop];
}

/** The worth of the parts of a number; null where their order means nothing. */
function evaluate(parts) {
    let [total, current, sign, isGiven] = [0, 0, 1, false];
    let decimals = null; // text behind the point
    let [last, lastScale, isRun] = [NaN, 0, false];
    for (const part of parts) {
        if (part.isMinus) {
            if (isGiven) {
                return null;
            }
            sign = -1;
        } else if (part.isPoint) {
            if (decimals !== null) {
                return null;
            }
            decimals = "";
        } else if (part.scale) {
            const amount = current + (decimals ? Number(`0.${decimals}`) : 0);
            if (total && total < part.scale) {
                total = (total + amount) * part.scale;
            } else {
                total += (isGiven && (amount || !total) ? amount : 1) * part.scale;
            }
            [current, decimals, isGiven, lastScale] = [0, null, true, part.scale];
        } else if (part.isHundred) {
            current = (current || 1) * 100;
            isGiven = true;
        } else if (!part.isFiller) {
            if (decimals !== null) {
                decimals += String(part.value);
            } else if (part.value === HALF && lastScale && !current) {
                total += HALF * lastScale; // deux millions et demi
            } else if (part.isTwenty && current % 100 === 4) {
                current += 76; // quatre-vingt
            } else if (part.digits && current) {
                return null; // two numbers
            } else if (
                part.value % 1 === 0 &&
                part.value < 10 &&
                (isRun || (current && current < 10 && last < 10))
            ) {
                current = 10 * current + part.value; // “one two three” are digits
                isRun = true;
            } else {
                current += part.value;
                isRun = false;
            }
            last = part.value;
            isGiven = true;
        }
    }
    const value = total + current + (decimals ? Number(`0.${decimals}`) : 0);
    return isGiven ? sign * Number(value.toPrecision(15)) : null;
}
