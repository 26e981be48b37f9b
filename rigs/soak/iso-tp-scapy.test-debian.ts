/** Our ISO-TP against scapy's (Debian: python3-scapy), frame by frame over a pipe. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IsoTpAddress } from '../../reference/can/iso-tp-address.js'
import { openIsoTp, type IsoTpOptions } from '../../reference/can/iso-tp-link.js'
import { startScapyIsoTp, type ScapySettings } from './scapy-iso-tp.js'

const TIMEOUT_MS = 60_000
const PATIENT = { flowControlTimeoutMs: TIMEOUT_MS, consecutiveTimeoutMs: TIMEOUT_MS }

interface Variant {
  readonly title: string
  readonly options?: Partial<IsoTpOptions>
  readonly scapy?: Partial<ScapySettings>
  readonly address?: { readonly peerAddress: number; readonly ownAddress: number }
}

const VARIANTS: readonly Variant[] = [
  { title: 'normal addressing, padded', scapy: { padding: true } },
  {
    title: 'blocks of five, both 300 µs apart',
    options: { blockSize: 5, separationMs: 0.3 },
    scapy: { bs: 5, stmin: 0xf3 },
  },
  { title: 'no padding, all in one block', options: { padding: undefined, blockSize: 0 } },
  {
    title: 'extended addressing',
    address: { peerAddress: 0x10, ownAddress: 0xf1 },
    scapy: { ext_address: 0xf1, rx_ext_address: 0x10 },
  },
]

const LENGTHS = [1, 6, 7, 8, 12, 13, 300, 4_000, 4_095, 4_096, 5_000]
const payloadOf = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8)) & 0xff)

for (const { title, options = {}, scapy = {}, address = {} } of VARIANTS) {
  test(`scapy and we exchange messages both ways: ${title}`, { timeout: 2 * TIMEOUT_MS }, async () => {
    const peer = await startScapyIsoTp({ tx_id: 0x6a8, rx_id: 0x6a0, ...scapy })
    const own = { transmitId: 0x6a0, receiveId: 0x6a8, extended: false, ...address } as IsoTpAddress
    const link = openIsoTp(peer.line, own, { ...PATIENT, maxBytes: 5_000, ...options })
    for (const bytes of LENGTHS) {
      const there = peer.nextMessage()
      await link.send(payloadOf(bytes))
      assert.deepEqual(await there, payloadOf(bytes), `${bytes} bytes to scapy`)
      const back = new Promise<Uint8Array>((resolve, reject) => {
        link.onMessage(resolve)
        link.onFault(reject)
      })
      peer.send(payloadOf(bytes))
      assert.deepEqual(await back, payloadOf(bytes), `${bytes} bytes from scapy`)
    }
    link.close()
    await peer.close()
  })
}
