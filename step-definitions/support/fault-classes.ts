import { format } from 'node:util'
import { AfterStep, setDefinitionFunctionWrapper } from '@cucumber/cucumber'
import { recordFault } from '../../reference/ports/fault-record.js'
import type { RunParameters } from '../../rigs/bench/cucumber-options.js'
import { appendRunFault, FAULT_MEDIA_TYPE } from '../../rigs/evidence/fault-message.js'

/**
 * Carries the class of every error from the `throw` into the evidence (see `fault-message.ts`): of steps and hooks, ours
 * and a user's. It may be imported alone, beside support code of another project.
 */

/** What Cucumber calls a step or hook with; hooks of the whole run have parameters only. */
interface Context {
  readonly attach?: (data: string, mediaType: string) => unknown
  readonly parameters?: Partial<RunParameters>
}

type Definition = (this: unknown, ...args: unknown[]) => unknown
type Callback = (error: unknown, result: unknown) => void

/** The call that runs now, by world: what one that timed out throws later belongs to no step any more. */
const running = new WeakMap<object, object>()
const attached = new WeakMap<object, unknown>()
let scenariosBegan = false

setDefinitionFunctionWrapper((definition: Definition) => {
  return function (this: Context, ...args: unknown[]): unknown {
    const call = {}
    running.set(this, call)
    if (this.attach) scenariosBegan = true
    /** @returns whether Cucumber is to see the error too */
    const failed = (error: unknown): boolean => {
      if (!this.attach) return !keepRunFault(error, this.parameters)
      if (running.get(this) === call) attachFault(this, error)
      return true
    }
    const callback = args.at(-1)
    if (typeof callback === 'function') {
      args[args.length - 1] = (error: unknown, result: unknown) =>
        (callback as Callback)(
          error !== undefined && error !== null && !failed(error) ? undefined : error,
          result,
        )
    }
    try {
      const returned = definition.apply(this, args)
      if (!isThenable(returned)) return returned
      return Promise.resolve(returned).catch((error: unknown) => {
        if (failed(error)) throw error
      })
    } catch (error) {
      if (failed(error)) throw error
      return undefined
    }
  }
})

/** What no wrapper sees: Cucumber's own time limit, and exceptions that nothing caught while the step ran. */
AfterStep(function (this: Context, { error }: { readonly error?: unknown }) {
  if (error && !isAttached(this, error)) attachFault(this, error)
})

function attachFault(world: Context, error: unknown): void {
  attached.set(world, error)
  void world.attach?.(JSON.stringify(recordFault(error)), FAULT_MEDIA_TYPE)
}

/** Cucumber formats what is no Error. */
function isAttached(world: Context, error: unknown): boolean {
  const last = attached.get(world)
  return attached.has(world) && (last === error || format(last) === error)
}

/**
 * @returns true when the run goes on without Cucumber knowing: after the scenarios the other hooks must still have their
 *   turn, the bench's end among them, and the judge reads the fault from the evidence
 */
function keepRunFault(error: unknown, parameters: Partial<RunParameters> = {}): boolean {
  const { evidenceFolder, judged } = parameters
  if (evidenceFolder === undefined) return false
  const fault = recordFault(error)
  appendRunFault(evidenceFolder, fault)
  if (!judged || !scenariosBegan) return false
  process.stderr.write(`lockstep: a hook after the run failed: ${fault.name}: ${fault.message}\n`)
  return true
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
