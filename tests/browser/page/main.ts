/** The page: runs the session, and posts what came of it. */
import { session } from './session'

async function fetched(name: string): Promise<Blob> {
  const response = await fetch(name)
  if (!response.ok) throw new Error(`${name}: ${response.status}`)
  return await response.blob()
}

const result = await session(fetched).catch((error: unknown) => ({ error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) }))
await fetch('result', { method: 'POST', body: JSON.stringify(result) })
