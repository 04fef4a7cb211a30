/** Options of the table unless somebody chooses others. */
export const USUAL_OPTIONS = {
    category_ids: [],
    date_from: false,
    date_to: false,
    department_ids: [],
    figures: [],
    grain: "month",
    group_ids: [],
    has_running: true,
    target_basis: "then",
    period_count: 6,
    range_type: "last",
    report_ids: [],
    scope_type: false,
    tag_ids: [],
};

/** Figures of files and emails where none are chosen for the screen. */
const FILE_FIGURES = ["target", "variance_percent"];

/** The options of a file, or of a table that is saved for emails. */
export function toFile(options) {
    return options.figures.length ? options : { ...options, figures: FILE_FIGURES };
}

/** Option → its name in the address, where that differs. */
const NAMES = {
    category_ids: "categories",
    date_from: "from",
    date_to: "to",
    department_ids: "departments",
    group_ids: "scorecards",
    has_running: "running",
    target_basis: "judged",
    period_count: "last",
    range_type: "range",
    report_ids: "kpis",
    scope_type: "scope",
    tag_ids: "tags",
};

/**
 * The address of a choice: what differs from the usual.
 *
 * @returns {Object<string, string|undefined>} undefined takes a key out of the address
 */
export function toAddress(options) {
    return Object.fromEntries(
        Object.entries(USUAL_OPTIONS).map(([key, usual]) => {
            const text = String(options[key]);
            return [NAMES[key] || key, text === String(usual) ? undefined : text || "none"];
        }),
    );
}

/** The choice that an address stands for; what it does not name is left out. */
export function fromAddress(state) {
    const named = Object.keys(USUAL_OPTIONS).filter((key) => (NAMES[key] || key) in state);
    return Object.fromEntries(
        named.map((key) => [key, parsed(USUAL_OPTIONS[key], String(state[NAMES[key] || key]))]),
    );
}

function parsed(usual, text) {
    if (Array.isArray(usual)) {
        const parts = text === "none" ? [] : text.split(",");
        return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    }
    if (typeof usual === "number") {
        return Number(text);
    }
    return text === "true" || (text !== "false" && text);
}
