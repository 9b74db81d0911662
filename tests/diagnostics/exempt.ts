/** Codes without a wrong program that is kept, each with the reason. */
export const EXEMPT: ReadonlyMap<string, string> = new Map([
  ['internal-error', 'a bug of the compiler; a program that causes one is mended, not kept'],
  ['nesting-too-deep', 'the program would be all brackets: tests/compiler/parse writes it by repetition'],
  ['chain-too-long', 'the program would be all operators: tests/compiler/parse writes it by repetition'],
  ['too-many-mistakes', 'the program would be a thousand mistakes: tests/fuzz/hostile writes it by repetition'],
  ['too-deep', 'the program would be a hundred functions: tests/fuzz/hostile writes it by repetition'],
  ['too-many-operations', 'a program that is short and asks for so many takes seconds: tests/fuzz/hostile has one'],
  ['unknown-constant', 'it is of a value given from outside, not of a program: see diagnostics.test.ts'],
  ['symbolic-loop', 'circuits take known sizes only (symbolic-circuit), and a const sees no other'],
  ['parameter-shape', 'a parameter is met twice inside a layer only, so it comes as inside-call: see inside-call/instance-shapes'],
  ['not-constant', 'what a const may not hold has messages of its own; this is the net below them'],
])
