/** The runtime's public API: what generated modules, and those who use them, import from `bp-lang`. */
export { defineFunction, type PlainFunction } from './function'
export { defineModel, Model } from './model'
export type { CreateOptions, EvaluateOptions, Evaluation, ModelDefinition, ModelTypes, UntypedModel } from './model'
export type { Assignable, Parameters } from './parameters'
export type { CheckpointOptions, EpochRecord, FitOptions, OptimizerOptions, ScheduleOptions, StepRecord } from './settings'
export type { History } from './train'
export { Tensor } from './tensor'
export type {
  AnyTensor, NestedArray, TensorData, TensorLike, TensorLike0, TensorLike1, TensorLike2, TensorLike3, TensorLike4,
} from './tensor'
export { RunError, type RunErrorKind } from './errors'
export { loadData, type LoadedData, type LoadOptions } from './data/load'
export type { DataTable } from './data/read'
export type { Backend, Executable, Port, RunContext, TypedArray } from './backends/backend'
export type { BackendChoice, BackendName } from './backends/choose'
export { REFERENCE } from './backends/reference'
export { VERSION } from './version'
export type { Plan, Precision } from '../ir/plan'
