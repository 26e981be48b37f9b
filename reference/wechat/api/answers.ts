import type { NextFunction, Request, Response } from 'express'
import { heldBack } from '../faults/faults.js'
import type { WeChatState } from '../state/wechat-state.js'
import type { WeChatPlatformDeps } from '../wechat-config.js'
import type { ApiAnswer } from './api-call.js'
import { apiErrorBody, isRefusal } from './api-error.js'

/** How the API answers: in what form, after what was changed is kept, and with the faults that are switched on. */
export class Answers {
  constructor(
    private readonly deps: WeChatPlatformDeps,
    private readonly state: WeChatState,
  ) {}

  /** Passes a call on, unless a fault answers it, or nobody does. */
  async orFault(request: Request, response: Response, next: NextFunction): Promise<void> {
    const { faults } = this.state
    if (faults.settings.apiDown) return void request.socket.destroy()
    if (faults.settings.apiDelayMs > 0) {
      const gone = new AbortController()
      response.once('close', () => gone.abort())
      await heldBack(faults.settings.apiDelayMs, gone.signal)
    }
    const status = faults.failedStatus()
    if (status !== undefined) return void response.status(status).type('html').send('<h1>error</h1>')
    next()
  }

  /** @throws what the store throws */
  async give(answer: ApiAnswer, request: Request, response: Response): Promise<void> {
    await this.state.committed()
    if (isRefusal(answer)) {
      const { errcode } = answer
      this.deps.log.record('api-refused', { call: request.path, errcode }, request.get('x-correlation-id'))
      this.#json(response, apiErrorBody(answer, this.deps.clock.now(), this.deps.random))
    } else if ('file' in answer) {
      const extension = answer.file.contentType.split('/').at(-1) ?? 'bin'
      response.set('content-disposition', `attachment; filename="media.${extension}"`)
      response.type(answer.file.contentType).send(answer.file.bytes)
    } else if ('json' in answer) this.#json(response, answer.json)
  }

  #json(response: Response, body: object): void {
    response.type(this.state.faults.settings.textPlain ? 'text/plain' : 'application/json')
    response.send(JSON.stringify(body))
  }
}
