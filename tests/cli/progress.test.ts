import { Writable } from 'node:stream'
import { createColors } from 'picocolors'
import { describe, expect, it } from 'vitest'
import { progressFor, type Expected } from '../../compiler/cli/progress'
import type { Terminal } from '../../compiler/cli/terminal'

const EXPECTED: Expected = { model: 'Line', parameters: 2, seed: 3, rows: 8, held: 2, stepsPerEpoch: 2, steps: 8 }

/** A terminal whose two streams are text. */
function terminal(isLive: boolean) {
  let printed = '', drawn = ''
  const errorStream = Object.assign(new Writable({
    write(chunk, _, done) {
      drawn += String(chunk)
      done()
    },
  }), { isTTY: true, columns: 200 }) as unknown as NodeJS.WriteStream
  const made: Terminal = {
    print: text => { printed += `${text}\n` }, complain: text => { drawn += `${text}\n` }, paint: createColors(false), isLive, errorStream,
    printStyle: { paint: createColors(false), columns: 80 },
  }
  return { made, printed: () => printed, drawn: () => drawn }
}

function run(isLive: boolean) {
  const at = terminal(isLive)
  const progress = progressFor(false, at.made)
  progress.begin(EXPECTED)
  const epochs = [1, 2, 3, 4].map(epoch => ({ epoch, loss: 1 / epoch, metrics: { accuracy: 0.5 }, steps: 2 * epoch, seconds: 0.1 * epoch }))
  for (const record of epochs) {
    progress.step({ step: record.steps, epoch: record.epoch, loss: record.loss })
    progress.epoch(record)
  }
  progress.end({ history: { epochs, steps: 8, seconds: 0.4, stopped: 'done', seed: 3 }, epoch: epochs.at(-1), weights: 'w.safetensors' })
  progress.close()
  return { printed: at.printed(), drawn: at.drawn() }
}

describe('progress', () => {
  it('is a bar with epoch, loss, metrics and the time that is left, where a person watches', () => {
    const { drawn, printed } = run(true)
    expect(drawn).toMatch(/█+░* +100%  epoch 4\/4  loss 0\.25  accuracy 0\.5  ETA \d/)
    expect(printed).toBe([
      'Line: 2 parameters, 8 rows to train on, 2 held out, seed 3', 'trained after 8 steps, 0.4 s: loss 0.25  accuracy 0.5', 'weights in w.safetensors', '',
    ].join('\n'))
  })

  it('gives the cursor back', () => {
    const { drawn } = run(true)
    expect(drawn.lastIndexOf('\u001b[?25h')).toBeGreaterThan(drawn.lastIndexOf('\u001b[?25l'))
  })

  it('is plain lines where nobody watches', () => {
    const { drawn, printed } = run(false)
    expect(drawn).toBe('')
    expect(printed).toContain('epoch 1/4  loss 1  accuracy 0.5\n')
    expect(printed).not.toContain('\u001b')
  })
})
