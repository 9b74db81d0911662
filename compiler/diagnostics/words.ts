/** Numbers of things in messages. */

/** `1 argument`, `2 arguments`, `no axes`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count === 0 ? 'no' : count} ${count === 1 ? noun : plural}`
}
