/** Trains on iris.csv over several seeds, and prints the accuracy on flowers that were held out. */
import { readFileSync } from 'node:fs'
import { Iris } from './model.bp.js'

const rows = readFileSync(new URL('iris.csv', import.meta.url), 'utf8').trim().split('\n').slice(1).map(line => line.split(','))
const species = [...new Set(rows.map(row => row.at(-1)))].sort()
const x = rows.map(row => row.slice(0, 4).map(Number))
const y = rows.map(row => species.indexOf(row.at(-1)))

for (const seed of [1, 2, 3]) {
  const model = await Iris.create({ seed })
  const history = await model.fit({ x, y }, { seed })
  console.log(`seed ${seed}: ${history.epochs.at(-1)?.holdout?.metrics['accuracy']} of the held-out flowers`)
}
