import { onMounted, onWillUnmount, useState } from "@odoo/owl";

const MARGIN = "100px"; // around what is seen
const PAUSE = 300; // milliseconds in which the page is shown and can be used

const waiting = new Map(); // element → what draws it
let timer = null;

const observer = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach(drawSeen),
    { rootMargin: MARGIN },
);

function drawSeen({ target }) {
    waiting.get(target)?.();
    forget(target);
}

/** All at once: each change of the page while it scrolls would be computed for all of it. */
function drawRest() {
    timer = null;
    for (const element of [...waiting.keys()]) {
        drawSeen({ target: element });
    }
}

function forget(element) {
    waiting.delete(element);
    observer.unobserve(element);
}

/**
 * Whether an element is to be drawn: at once where it is seen, else a moment later, so that
 * hundreds in a list do not keep the page from being shown.
 *
 * @param {{el: HTMLElement}} root ref of the element, which keeps its size
 * @param {boolean} isLazy without it, it is drawn at once
 * @returns {{isNear: boolean}} reactive
 */
export function useNearness(root, isLazy) {
    const state = useState({ isNear: !isLazy });
    if (isLazy) {
        let element;
        onMounted(() => {
            element = root.el;
            waiting.set(element, () => (state.isNear = true));
            observer.observe(element);
            timer ||= setTimeout(drawRest, PAUSE);
        });
        onWillUnmount(() => forget(element));
    }
    return state;
}
