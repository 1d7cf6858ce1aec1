/** What a desktop ID may be. Nothing in it can end a path segment or start a query. */
export const DESKTOP_ID = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,126}[A-Za-z0-9])?$/;
