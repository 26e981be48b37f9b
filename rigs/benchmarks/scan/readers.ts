import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Frame } from '../../../reference/ports/camera.js'
import { openDecoder, type DecoderName } from '../../drivers/decoders/open-decoder.js'
import { openFastPath } from '../../drivers/decoders/open-fast-path.js'
import { findCommand } from '../../emulation/debian-packages.js'

/** Something that reads codes: one of ours, or a peer. */
export interface Reader {
  readonly name: string
  /** Symbologies that it can read at all. */
  readonly reads: readonly ('qr' | 'code128')[]
  readonly read: (frame: Frame) => Promise<string | undefined>
  readonly close: () => Promise<void>
}

/** Far more than any of them needs: the figures shall say what each can read, and how long it takes. */
const BUDGETS = { budgetMs: 60_000, frameBudgetMs: 60_000 }

async function ours(name: DecoderName, reads: Reader['reads']): Promise<Reader> {
  const decoder = await openDecoder(name, BUDGETS)
  return {
    name,
    reads,
    read: async (frame) => (await decoder.decode(frame))?.text,
    close: () => decoder.close(),
  }
}

async function fastPath(): Promise<Reader> {
  const decoder = await openFastPath(BUDGETS.budgetMs)
  return {
    name: 'fast path',
    reads: ['qr', 'code128'],
    read: async (frame) => (await decoder.decode(frame))?.text,
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
          if (error && error.code !== 4) reject(error)
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
  return [
    await ours('pipeline+rescue', ['qr', 'code128']),
    await ours('pipeline', ['qr', 'code128']),
    await fastPath(),
    await ours('zxing', ['qr', 'code128']),
    await ours('jsqr', ['qr']),
    await ours('wechat', ['qr']),
    ...(zbar === undefined ? [] : [zbarimg(zbar)]),
  ]
}

/** How the figures' reader gets the peer that is not here. */
export const ZBAR_LACKING = 'not here: apt-get install -y --no-install-recommends zbar-tools'
