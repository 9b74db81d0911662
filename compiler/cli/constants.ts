/** `--const N=8`, and `NAME=JSON` in general. */
import type { ConstantValue } from '../host'
import { wrongUse } from './outcome'

export interface Assignment { readonly name: string; readonly text: string }

/** @param option for the message: `--const`, `--set` */
export function readAssignment(option: string, argument: string): Assignment {
  const at = argument.indexOf('=')
  const name = argument.slice(0, Math.max(at, 0)).trim()
  if (!name) throw wrongUse(`${option} takes NAME=VALUE, not '${argument}'`)
  return { name, text: argument.slice(at + 1).trim() }
}

/** What is JSON is taken as such, anything else is a string: `--const FILE=iris.csv` needs no quotes within quotes. */
export function readConstants(settings: readonly string[]): Readonly<Record<string, ConstantValue>> {
  return Object.fromEntries(settings.map(setting => {
    const { name, text } = readAssignment('--const', setting)
    return [name, constantOf(name, text)]
  }))
}

function constantOf(name: string, text: string): ConstantValue {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return text
  }
  if (!isConstant(value)) throw wrongUse(`--const ${name}: a constant is a number, a boolean, a string or a list of these, not ${text}`)
  return value
}

function isConstant(value: unknown): value is ConstantValue {
  return Array.isArray(value) ? value.every(isConstant) : ['number', 'boolean', 'string'].includes(typeof value)
}
