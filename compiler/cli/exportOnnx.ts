/** `bpc export --to onnx`: the prediction of a model, with its parameters, as a file of another standard. */
import { dirname, join } from 'node:path'
import type { Model } from 'bp-lang'
import type { Plan } from '../../ir/plan'
import { onnxGraph, refusals, type Numbers, type Prediction } from '../onnx/export'
import type { OnnxGraph, OnnxValue } from '../onnx/model'
import { MOST_BYTES, OPSET, serializeModel } from '../onnx/serialize'
import { VERSION } from '../version'
import type { CircuitFlags } from './circuits'
import { checkNames, readValues, setParameters } from './eval'
import { pickModel } from './models'
import { EXIT, runFailed, wrongUse, type ExitStatus } from './outcome'
import type { RunFlags } from './runFlags'
import { predictionsOf } from './sources'
import type { Terminal } from './terminal'
import { writeFiles } from './writeFiles'

export interface OnnxFlags extends CircuitFlags, Pick<RunFlags, 'weights' | 'seed' | 'precision'> {
  readonly out?: string
}

const CIRCUIT_FORMATS = 'circuits have formats of their own: --to openqasm3, qiskit, cirq, …'

export async function exportOnnx(file: string, name: string | undefined, flags: OnnxFlags, terminal: Terminal): Promise<ExitStatus> {
  if (file.endsWith('.qasm')) throw wrongUse(`${file} is a circuit, and ONNX has no operators for circuits`, CIRCUIT_FORMATS)
  const compiled = await predictionsOf(file, flags, terminal, { precision: flags.precision })
  if (!compiled) return EXIT.program
  if (name !== undefined && compiled.circuits.includes(name)) throw wrongUse(`${name} is a circuit, and ONNX has no operators for circuits`, CIRCUIT_FORMATS)
  const plan = pickModel(compiled.models.map(model => model.plan), file, name)
  const prediction = compiled.models.find(model => model.plan === plan)
  if (!prediction) throw new Error('export: a plan without its graph')
  mustBeWritable(prediction)

  const { defineModel } = await import('bp-lang')
  const model: Model = await defineModel(plan).create({ seed: flags.seed })
  if (flags.weights !== undefined) await model.load(flags.weights)
  await setValues(plan, model, flags)
  const graph = onnxGraph(prediction, numbersOf(prediction, model))
  const bytes = graph.constants.reduce((sum, { data }) => sum + data.length * (model.precision === 'f32' ? 4 : 8), 0)
  if (bytes > MOST_BYTES) throw runFailed(`the parameters of ${plan.model} take ${bytes} bytes, and an ONNX file holds ${MOST_BYTES} at most`)
  const path = flags.out ?? join(dirname(file), `${plan.model}.onnx`)
  await writeFiles([{ path, content: await serializeModel(graph, VERSION) }])
  terminal.print(summary(path, graph, flags.weights ?? `seed ${model.seed}`))
  return EXIT.done
}

function mustBeWritable(prediction: Prediction): void {
  const { model, outputs } = prediction.plan
  if (outputs.length === 0) throw wrongUse(`model ${model} has no output, so there is nothing to export`, 'give it an `output`')
  const reasons = refusals(prediction)
  if (reasons.length === 0) return
  const isQuantum = reasons.some(reason => reason.includes('circuit'))
  throw wrongUse(`model ${model} cannot be written as ONNX: ${reasons.join('; ')}`,
    isQuantum ? CIRCUIT_FORMATS : 'export a model without that output')
}

/** Only parameters: inputs are given to the exported file. */
async function setValues(plan: Plan, model: Model, flags: OnnxFlags): Promise<void> {
  const values = await readValues(flags)
  checkNames(plan, [...values.keys()])
  const [input] = Object.keys(setParameters(model, values))
  if (input !== undefined) throw wrongUse(`'${input}' is an input, which whoever runs the exported file gives`, 'only parameters have values there')
}

function numbersOf({ plan }: Prediction, model: Model): Numbers {
  const values = new Map<string, ArrayLike<number>>()
  for (const { path } of plan.parameters) values.set(path, model.parameters.get(path).data)
  for (const { path } of plan.states) values.set(path, model.states.get(path).data)
  return { precision: model.precision, values, standardization: model.standardization }
}

/** `Moons.onnx: ONNX, opset 17: (x: float[batch, 2]) -> (p: float[batch, 2]); 9 nodes, parameters from seed 7`. */
function summary(path: string, { inputs, outputs, nodes }: OnnxGraph, source: string): string {
  const typed = (values: readonly OnnxValue[]) => values.map(({ name, element, shape }) => `${name}: ${element}${shape.length > 0 ? `[${shape.join(', ')}]` : ''}`).join(', ')
  return `${path}: ONNX, opset ${OPSET}: (${typed(inputs)}) -> (${typed(outputs)}); ${nodes.length} nodes, parameters from ${source}`
}
