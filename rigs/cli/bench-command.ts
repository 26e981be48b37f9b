import { EXIT } from './exit-code.js'
import { UsageError } from './failure-exit.js'

/**
 * Measures a part of Lockstep, beside its peers where this machine has them.
 * @throws UsageError for a name that is none
 */
export async function bench(name: string, { json }: { json?: true }): Promise<number> {
  switch (name) {
    case 'can': {
      const { benchmarkCan } = await import('../benchmarks/can/bench-can.js')
      const { canTables } = await import('../benchmarks/can/can-tables.js')
      const figures = await benchmarkCan(progress(name))
      console.log(json ? JSON.stringify(figures) : canTables(figures))
      return EXIT.passed
    }
    case 'wechat': {
      const { benchmarkWeChat, weChatTable } = await import('../benchmarks/wechat/bench-wechat.js')
      const figures = await benchmarkWeChat(progress(name))
      console.log(json ? JSON.stringify(figures) : weChatTable(figures))
      return EXIT.passed
    }
    default:
      throw new UsageError(`there is no benchmark ${JSON.stringify(name)}; known: can, wechat`)
  }
}

const progress = (name: string) => (what: string) => console.error(`bench ${name}: ${what}`)
