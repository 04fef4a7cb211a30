// Texts that stand out too little from their ground (WCAG 2.1, 1.4.3). The check of
// axe-core gives up on a page with a color of `color-mix`, and on gradients: here each
// color of a gradient counts as one that lies behind the text. What is drawn once is a
// picture beside it.
const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

const luminance = (colors) => {
    brush.fillStyle = "white";
    brush.fillRect(0, 0, 1, 1);
    for (const color of colors) {
        brush.fillStyle = color;
        brush.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = [...brush.getImageData(0, 0, 1, 1).data].map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const groundsOf = (element) => {
    if (!element) {
        return [[]];
    }
    const { backgroundColor, backgroundImage, backgroundRepeat } = getComputedStyle(element);
    const isBeside = backgroundRepeat.split(", ").every((one) => one === "no-repeat");
    const ground = isBeside ? "" : backgroundImage;
    const veils = ground.match(/\b(rgba?|color)\([^()]*\)/g) ?? ["transparent"];
    return groundsOf(element.parentElement).flatMap((below) =>
        veils.map((veil) => [...below, backgroundColor, veil]),
    );
};

const contrastOf = (element) => {
    const ink = getComputedStyle(element).color;
    const ratios = groundsOf(element).map((ground) => {
        const both = [luminance(ground), luminance([...ground, ink])];
        return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    });
    return Math.min(...ratios);
};

const isLarge = ({ fontSize, fontWeight }) =>
    parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24);

/** Which texts below these elements are too faint; none of what is left out. */
// eslint-disable-next-line no-unused-vars
const findFaint = (tops, leftOut = "") => {
    const unread = ":disabled, .disabled, .visually-hidden, .o_view_sample_data, svg";
    const skipped = [unread, leftOut].filter(Boolean).join();
    const told = new Set();
    for (const top of tops) {
        const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            const isSeen = element.checkVisibility({ visibilityProperty: true });
            if (!walker.currentNode.data.trim() || !isSeen || element.closest(skipped)) {
                continue;
            }
            const ratio = contrastOf(element);
            if (ratio < (isLarge(getComputedStyle(element)) ? 3 : 4.5)) {
                told.add(`contrast ${ratio.toFixed(2)}: ${element.outerHTML.slice(0, 200)}`);
            }
        }
    }
    return [...told];
};
