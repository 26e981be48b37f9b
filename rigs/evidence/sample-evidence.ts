import { createCanvas } from '@napi-rs/canvas'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createUnlockCode } from '../../reference/domain/unlock-code.js'
import { FONT_FAMILY } from '../../reference/pictures/chinese-font.js'
import { createRedactor } from './redaction.js'
import { sampleMessages, startedId, type SampleScenario, type SampleStep } from './sample-messages.js'
import { openTimeline } from './timeline.js'

/** A synthetic user's code and openid, which must not be found in the evidence in clear. */
export const SAMPLE_CODE: string = createUnlockCode((limit) => 5 % limit)
export const SAMPLE_OPENID = 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M'

export interface SampleOptions {
  /** Stands where texts come from outside: names, messages, errors. */
  readonly hostile?: string
}

/** Builds a small, realistic evidence folder: one passed scenario, a failed one, one cut off, one never started. */
export function buildSampleEvidence({ hostile = '' }: SampleOptions = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-evidence-'))
  const write = (file: string, content: unknown) =>
    writeFileSync(
      join(folder, file),
      content instanceof Uint8Array || typeof content === 'string' ? content : JSON.stringify(content),
    )
  write('run.json', sampleRun(hostile))
  write('safe-state.json', {
    confirmed: true,
    reason: 'asked',
    problem: null,
    readback: { actuatorSupplied: false, motorCurrentAmps: 0 },
    startedAt: '2026-01-05T08:31:01Z',
    finishedAt: '2026-01-05T08:31:02Z',
  })
  write(
    'messages.ndjson',
    sampleMessages({ scenarios: sampleScenarios(hostile), finished: false })
      .map((envelope) => JSON.stringify(envelope))
      .join('\n'),
  )
  for (const i of [0, 1, 2]) mkdirSync(join(folder, 'scenarios', startedId(i)), { recursive: true })
  recordTimeline(folder, hostile)
  const whole = `scenarios/${startedId(0)}`
  write(`${whole}/window.json`, { fromMonotonic: '1000000000', toMonotonic: '1999999999' })
  write(`${whole}/code.png`, picture(220, 220, 'QR'))
  write(`${whole}/scanned-frame.png`, picture(320, 240, 'frame'))
  write(`${whole}/head-unit.png`, picture(480, 200, '车位 B-17'))
  write(`${whole}/conversation.json`, [
    { from: 'user', kind: 'text', text: `人民广场附近的车位 ${hostile}`, at: '08:30:01' },
    { from: 'service account', kind: 'text', text: '已为您预留 B-17，步行 240 米。', at: '08:30:02' },
    { from: 'service account', kind: 'image', picture: 'code.png', at: '08:30:03' },
  ])
  write(`${whole}/can.log`, '(1.000000) can0 321#1021323334353637\n(1.002100) can0 321#2138394142434445\n')
  write(`${whole}/bolt.ndjson`, Array.from({ length: 150 }, (_, i) => boltSample(i)).join('\n') + '\n')
  write(`${whole}/contracts.json`, [
    { wire: 'platform', checked: 9, violations: [] },
    { wire: 'lock-link', checked: 7, violations: [] },
    { wire: 'can', checked: 12, violations: [] },
  ])
  write(`${whole}/artefacts.json`, [
    { file: 'conversation.json', title: 'WeChat conversation', kind: 'conversation', wire: 'wechat' },
    { file: 'code.png', title: 'The code on the phone', kind: 'picture' },
    { file: 'scanned-frame.png', title: 'The frame that decoded', kind: 'picture', wire: 'light' },
    { file: 'head-unit.png', title: 'The head unit’s screen', kind: 'picture', wire: 'can' },
    { file: 'bolt.ndjson', title: 'Bolt of bay B-17', kind: 'bolt-trace', wire: 'pins' },
    { file: 'can.log', title: 'CAN log', kind: 'can-log', wire: 'can' },
  ])
  const broken = `scenarios/${startedId(1)}`
  write(`${broken}/artefacts.json`, [{ file: 'code.png', title: `The code ${hostile}`, kind: 'picture' }])
  write(`${broken}/contracts.json`, [
    {
      wire: 'platform',
      checked: 3,
      violations: [
        { party: 'platform', what: `/location/latitude must be number ${hostile}`, at: '08:31:00' },
      ],
    },
  ])
  return folder
}

function sampleRun(hostile: string) {
  const wire = (name: string, from: string, to: string, by: string) => ({
    wire: name,
    from,
    to,
    fidelity: 'virtual',
    by,
  })
  return {
    runId: 'run-7',
    startedAt: '2026-01-05T08:30:00Z',
    finishedAt: '2026-01-05T08:31:02Z',
    rig: `virtual${hostile}`,
    fidelity: 'virtual',
    wires: [
      wire('wechat', 'phone', 'wechat', 'HTTP on the loopback'),
      wire('platform', 'cloud', 'platform', 'HTTP on the loopback'),
      wire('lock-link', 'platform', 'lock', 'MQTT over TCP, aedes'),
      wire('can', 'tbox', 'head-unit', 'an in-process bus at 500 kbit/s'),
      wire('light', 'phone', 'lock', 'rendered frames'),
      wire('pins', 'lock', 'board', 'StandardFirmata 2.5 on a simulated ATmega328P (avr8js)'),
    ],
    attestation: {
      node: 'v20.20.2',
      platform: 'linux x64',
      lockstep: '0.1.0',
      profileSha256: '51c0…',
      firmwareSha256: '7f10412a…',
    },
  }
}

function sampleScenarios(hostile: string): SampleScenario[] {
  const step = (keyword: string, text: string, status?: string): SampleStep => ({
    keyword,
    text,
    ...(status ? { status } : {}),
  })
  return [
    {
      name: 'The code sent to the driver opens the reserved lock, once',
      tags: ['@REQ-13', '@REQ-14', '@REQ-16'],
      steps: [
        { text: 'a verified baseline', hook: true, status: 'PASSED' },
        step('Given', 'the driver has reserved bay B-17', 'PASSED'),
        step('When', 'the driver shows the code to the lock of bay B-17', 'PASSED'),
        step('Then', 'the bolt of bay B-17 goes down', 'PASSED'),
      ],
    },
    {
      name: `A code for the neighbouring lock leaves the bolt closed ${hostile}`,
      tags: ['@REQ-17'],
      steps: [
        step('When', `the other driver shows their code ${hostile}`, 'PASSED'),
        {
          ...step('Then', 'the bolt of bay B-17 stays up', 'FAILED'),
          error: { type: 'AssertionError', message: `the bolt is down, expected up ${hostile}` },
        },
      ],
    },
    {
      name: 'A battery swap loses nothing',
      tags: ['@REQ-18'],
      finished: false,
      steps: [step('Given', 'bay B-17 is reserved', 'PASSED'), step('When', 'the battery is swapped')],
    },
    {
      name: 'A tablet reserves a bay',
      tags: ['@REQ-04'],
      started: false,
      steps: [step('When', 'a tablet asks for a bay')],
    },
  ]
}

function recordTimeline(folder: string, hostile: string): void {
  const redactor = createRedactor(new Uint8Array(32).fill(9))
  let nanoseconds = 1_000_000_000
  const monotonic = () => String((nanoseconds += 21_400_000))
  const runner = openTimeline({ folder, process: 'runner', redactor, monotonic })
  const board = openTimeline({ folder, process: 'board', redactor, monotonic })
  const message = (wire: string, from: string, to: string, event: string, body: unknown) =>
    runner.record({ kind: 'message', wire, from, to, event, correlationId: 'c-1', body })
  message('wechat', 'phone', 'wechat', 'text', { FromUserName: SAMPLE_OPENID, text: hostile })
  message('wechat', 'wechat', 'cloud', 'push', `<xml><FromUserName>${SAMPLE_OPENID}</FromUserName></xml>`)
  message('platform', 'cloud', 'platform', 'POST /reservations', { bayId: 'B-17' })
  message('vehicle-link', 'cloud', 'tbox', 'show-plan', { label: '车位 B-17' })
  for (let i = 0; i < 5; i++) message('can', 'tbox', 'head-unit', 'frame', { id: 0x321 })
  message('lock-link', 'platform', 'lock', 'reserve', { reservationId: 'r-1' })
  runner.eventLog('lock').record('comparator-agreed', { distanceMetres: 1.2 }, 'c-1')
  message('lock-link', 'lock', 'platform', 'unlock-code-requested', {})
  message('lock-link', 'platform', 'lock', 'unlock-code', { code: SAMPLE_CODE })
  message('wechat', 'cloud', 'wechat', 'image', { touser: SAMPLE_OPENID })
  message('light', 'phone', 'lock', 'code shown', { text: SAMPLE_CODE })
  message('pins', 'lock', 'board', 'supply on', {})
  board.record({ kind: 'edge', event: 'limit-down', body: { pin: 7, level: 0 } })
  runner.close()
  board.close()
}

function boltSample(i: number): string {
  const moving = i > 40 && i < 105
  const angle = i <= 40 ? 90 : Math.max(0, 90 - (i - 40) * 1.4)
  return JSON.stringify({
    hardwareMs: 2400 + i * 20,
    angle,
    supplied: moving,
    currentAmps: moving ? (i < 46 ? 1.1 : 0.35) : 0,
  })
}

function picture(width: number, height: number, text: string): Buffer {
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.fillStyle = '#123'
  for (let i = 0; i < 60; i++) context.fillRect((i * 37) % width, (i * 61) % height, 12, 12)
  context.font = `32px "${FONT_FAMILY}"`
  context.fillText(text, 20, height / 2)
  return canvas.toBuffer('image/png')
}
