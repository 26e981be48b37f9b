/** What a process under measurement is told and answers. */
export interface Order {
  readonly kind: 'lockstep' | 'express'
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
