/** Notifications of the app, in its service worker. */
