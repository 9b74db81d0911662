/** The version of the package, written into what it emits. A test holds it to package.json. */
export const VERSION = '0.1.0'
