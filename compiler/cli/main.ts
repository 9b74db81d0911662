/** The `bpc` command: runs its words, and turns every way it can end into a message and an exit status. */
import { VERSION } from '../version'
import { runCommandLine } from './commandLine'
import { reportFailure } from './report'
import { processTerminal } from './terminal'

// `bpc … | head` closes the pipe early, which is nobody's mistake.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const words = process.argv.slice(2)
const terminal = processTerminal()
const fail = (error: unknown): void => { process.exitCode = reportFailure(error, words.includes('--json'), terminal) }

process.on('uncaughtException', error => {
  fail(error)
  process.exit()
})
try {
  process.exitCode = await runCommandLine(words, VERSION, terminal)
} catch (error) {
  fail(error)
}
