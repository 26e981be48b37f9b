import { once } from 'node:events'
import type { Response } from 'express'
import type { SpaceAnswer } from './space-list.js'

/**
 * Answers with a list of spaces as it is read: it is never held as a whole, and other requests have their turn between
 * two pages. A store that fails on the way breaks the answer off, so that nobody takes a part for the whole.
 */
export async function sendSpaces(response: Response, { spaces, ...rest }: SpaceAnswer): Promise<void> {
  if (!(Symbol.asyncIterator in spaces)) {
    response.json({ spaces, ...rest })
    return
  }
  response.type('json')
  try {
    let text = '{"spaces":['
    let separator = ''
    for await (const page of spaces) {
      if (response.destroyed) return
      text += separator + JSON.stringify(page).slice(1, -1)
      separator = ','
      const goesOn = response.write(text)
      text = ''
      if (!goesOn) await Promise.race([once(response, 'drain'), once(response, 'close')])
      // A store in this process answers without a wait: so that others are answered meanwhile.
      await new Promise(setImmediate)
    }
    const tail = JSON.stringify(rest).slice(1)
    response.end(`${text}]${tail === '}' ? '' : ','}${tail}`)
  } catch (error) {
    if (!response.headersSent) throw error
    response.destroy(error instanceof Error ? error : undefined)
  }
}
