import { formatList } from "@web/core/l10n/utils";
import { _t } from "@web/core/l10n/translation";

const MOST_NAMED = 2;

/** A person, and whom they decide for. */
function namePerson({ name, in_place_of: absent }) {
    return absent ? _t("%(person)s (for %(absent)s)", { person: name, absent }) : name;
}

/** Who decides on a level, and within which time where that is limited. */
function describeTerms(level) {
    const people = describeLevel(level);
    return level.within ? _t("%(people)s (%(within)s)", { people, within: level.within }) : people;
}

/** Who decides on a level, such as “Ann or Bo” or “any of 3 people (KPI Officer)”. */
function describeLevel({ group, needed, people }) {
    const names = people.map(namePerson);
    const count = names.length;
    if (!count) {
        return _t("no available approver");
    }
    if (needed >= count && count <= MOST_NAMED) {
        return formatList(names);
    }
    if (needed === 1 && count <= MOST_NAMED) {
        return formatList(names, { style: "or" });
    }
    let text = _t("%(needed)s of %(count)s people", { needed, count });
    if (needed >= count) {
        text = _t("all %s people", count);
    } else if (needed === 1) {
        text = _t("any of %s people", count);
    }
    return group ? _t("%(people)s (%(group)s)", { people: text, group }) : text;
}

/**
 * Who will approve, in a line.
 *
 * @param {Object} preview as `preview_approvers` of the document returns it
 * @returns {string}
 */
export function describeApprovers({ workflow, is_automatic: isAutomatic, levels }) {
    if (!workflow) {
        return _t("No approval needed.");
    }
    if (isAutomatic || !levels.length) {
        return _t("Approved automatically.");
    }
    return levels
        .map(describeTerms)
        .reduce((before, level) => _t("%(before)s, then %(level)s", { before, level }));
}

/** The names of all of them, level by level. */
export function listApprovers({ levels }) {
    return levels
        .map(({ level, people }) =>
            _t("Level %(level)s: %(people)s", {
                level,
                people: formatList(people.map(namePerson)),
            }),
        )
        .join("\n");
}
