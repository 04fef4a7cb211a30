// The page is there to be printed.
window.addEventListener("load", () => window.print());
