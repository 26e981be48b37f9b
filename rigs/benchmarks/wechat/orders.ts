/**
 * `lockstep`: the mock. `express`: the same handler on bare Express, with the mock's own codecs: it signs, encrypts,
 * judges the reply and shows it, and has nothing around that. `wires`: Express that does nothing but pass bytes.
 */
export type ServedKind = 'lockstep' | 'express' | 'wires'

/** What a process under measurement is told and answers. */
export interface Order {
  readonly kind: ServedKind
  readonly mode: 'plain' | 'safe'
  /** The account's server. */
  readonly callbackUrl: string
}

export interface Figures {
  readonly cpuSeconds: number
  readonly rssBytes: number
}

export const ACCOUNT = {
  appId: 'wxbench0000000001',
  secret: 'bench-secret',
  token: 'benchtoken',
  originalId: 'gh_bench',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
} as const
