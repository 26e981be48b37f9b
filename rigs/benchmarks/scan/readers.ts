import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Frame } from '../../../reference/ports/camera.js'
import { openDecoder, type DecoderName } from '../../drivers/decoders/open-decoder.js'
import type { Decoder } from '../../../reference/ports/decoder.js'
import { openFastPath } from '../../drivers/decoders/open-fast-path.js'
import { DecodeBudgetExceeded } from '../../drivers/decoders/worker-decoder.js'
import { findCommand } from '../../emulation/debian-packages.js'

/** Something that reads codes: one of ours, or a peer. */
export interface Reader {
  readonly name: string
  /** Symbologies that it can read at all. */
  readonly reads: readonly ('qr' | 'code128')[]
  readonly read: (frame: Frame) => Promise<string | undefined>
  readonly close: () => Promise<void>
}

/** Far more than a frame needs: WeChat's decoder now and then does not come back from one at all. */
const BUDGETS = { budgetMs: 5_000, frameBudgetMs: 60_000 }

async function ours(name: string, opening: Promise<Decoder>, reads: Reader['reads']): Promise<Reader> {
  const decoder = await opening
  return {
    name,
    reads,
    read: async (frame) => {
      try {
        return (await decoder.decode(frame))[0]?.text
      } catch (error) {
        // Given up is not read; its time counts.
        if (error instanceof DecodeBudgetExceeded) return undefined
        throw error
      }
    },
    close: () => decoder.close(),
  }
}

/** Debian's zbarimg, one process a frame; the frame reaches it as a PGM file. */
function zbarimg(command: string): Reader {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-zbar-'))
  const file = join(folder, 'frame.pgm')
  const only = ['-Sdisable', '-Sqrcode.enable', '-Scode128.enable']
  return {
    name: 'zbarimg',
    reads: ['qr', 'code128'],
    read: async ({ width, height, grey }) => {
      writeFileSync(file, Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), grey]))
      return new Promise((resolve, reject) => {
        execFile(command, ['-q', '--raw', ...only, file], (error, stdout) => {
          // Exit 4: no code in the picture.
          if (error && error.code !== 4) reject(new Error('zbarimg failed', { cause: error }))
          else resolve(stdout.split('\n')[0] || undefined)
        })
      })
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The pipeline, its fast path, every decoder of it alone, and zbarimg where the machine has it. */
export async function openReaders(): Promise<Reader[]> {
  const zbar = findCommand('zbarimg')
  const both = ['qr', 'code128'] as const
  const open = (name: DecoderName) => openDecoder(name, BUDGETS)
  return [
    await ours('pipeline+rescue', open('pipeline+rescue'), both),
    await ours('pipeline', open('pipeline'), both),
    await ours('fast path', openFastPath(BUDGETS.budgetMs), both),
    await ours('zxing', open('zxing'), both),
    await ours('jsqr', open('jsqr'), ['qr']),
    await ours('wechat', open('wechat'), ['qr']),
    ...(zbar === undefined ? [] : [zbarimg(zbar)]),
  ]
}

/** How the figures' reader gets the peer that is not here. */
export const ZBAR_LACKING = 'not here: apt-get install -y --no-install-recommends zbar-tools'
