/** Trains on moons.csv over several seeds, and prints the accuracy on points that were held out. */
import { readFileSync } from 'node:fs'
import { Moons } from './model.bp.js'

const rows = readFileSync(new URL('moons.csv', import.meta.url), 'utf8').trim().split('\n').slice(1)
  .map(line => line.split(',').map(Number))
const x = rows.map(([x1 = 0, x2 = 0]) => [x1, x2])
const y = rows.map(([, , label = 0]) => label)

for (const seed of [1, 2, 3]) {
  const model = await Moons.create({ seed })
  const history = await model.fit({ x, y }, { seed })
  console.log(`seed ${seed}: ${history.epochs.at(-1)?.holdout?.metrics['accuracy']} of the held-out points`)
}
