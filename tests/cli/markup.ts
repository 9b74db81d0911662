/** Holds XML, and HTML that is written as carefully, to its rules: every element is closed where it was opened. */
import { expect } from 'vitest'

/** Of HTML these never have an end. */
const EMPTY: ReadonlySet<string> = new Set(['meta', 'img', 'br'])

export function mustBeWellFormed(text: string): void {
  const open: string[] = []
  // What a style or a comment holds is no markup.
  const markup = text.replaceAll(/<style>[^<]*<\/style>/g, '').replace(/^<!doctype html>/, '')
  for (const [tag, end = '', name = '', attributes = '', closed = ''] of markup.matchAll(/<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    const names = [...attributes.matchAll(/\s([\w:-]+)=/g)].map(match => match[1])
    expect(new Set(names).size, tag).toBe(names.length)
    if (end) expect(open.pop(), tag).toBe(name)
    else if (!closed && !EMPTY.has(name)) open.push(name)
  }
  expect(open).toEqual([])
  // Nothing that looks like a tag is left between them, and every & begins an entity.
  expect(markup.replaceAll(/<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g, '')).not.toMatch(/[<>]/)
  expect(markup).not.toMatch(/&(?!(amp|lt|gt|quot|#\d+);)/)
}
