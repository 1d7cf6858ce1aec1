/** This project's version; a test holds it equal to package.json's. A constant costs a bundle no JSON. */
export const VERSION = "0.1.0";
