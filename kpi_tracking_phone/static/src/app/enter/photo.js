const MOST_PIXELS = 1600; // of the longer side
const QUALITY = 0.8;

/**
 * Draw a picture anew, smaller: as JPEG it says nothing of the place where it was taken.
 *
 * @param {Blob} file
 * @returns {Promise<string>} base64
 * @raises Error: it is no picture that this browser can draw
 */
export async function redraw(file) {
    const picture = await createImageBitmap(file);
    const { height, width } = picture;
    const scale = Math.min(1, MOST_PIXELS / Math.max(height, width));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
}
