/** Where things lie. The harness runs as one bundle in bench/.build, so its own address says nothing about its sources. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The launcher says where the bench is; a test, which runs the sources, finds it beside them. */
export const BENCH = process.env.BP_BENCH ?? dirname(dirname(fileURLToPath(import.meta.url)))
export const ROOT = dirname(BENCH)
/** What the bench builds; not in the repository. */
export const BUILD = join(BENCH, '.build')
