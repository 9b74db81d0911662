// Standard library files are bundled as text (loader set in tsup.config.ts and vitest.config.ts).
declare module '*.bp' {
  const text: string
  export default text
}
