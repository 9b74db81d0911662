/** The `bpc` command: runs its words, and turns every way it can end into a message and an exit status. */
import { setFlagsFromString } from 'node:v8'
import { VERSION } from '../version'
import { runCommandLine } from './commandLine'
import { reportFailure } from './report'
import { processTerminal } from './terminal'

// A run is over in less time than V8 would spend, beside it, on machine code for all that runs a few hundred times: half of what it
// takes of the processors. Waiting six times as long leaves that to what runs for longer.
setFlagsFromString('--interrupt-budget=400000')

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
