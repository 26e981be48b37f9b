import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { IFormatterOptions } from '@cucumber/cucumber'
import { partySpeaks } from './party-speaks.js'
import LockstepProgress from './progress.js'
import { sampleMessages, type SampleRun } from './sample-messages.js'

const sample: SampleRun = {
  scenarios: [
    { name: 'opens', steps: [{ keyword: 'Then', text: 'the bolt goes down', status: 'PASSED' }] },
    {
      name: 'stays closed',
      steps: [
        { keyword: 'When', text: 'a foreign code is shown', status: 'PASSED' },
        {
          keyword: 'Then',
          text: 'the bolt stays up',
          status: 'FAILED',
          error: { type: 'AssertionError', message: 'it is \u001b[2Jdown' },
        },
      ],
    },
  ],
}

async function follow(isTTY: boolean): Promise<string> {
  const ci = process.env['CI']
  delete process.env['CI']
  const eventBroadcaster = new EventEmitter()
  const plain = (text: string) => text
  let shown = ''
  const options = {
    colorFns: { forStatus: () => plain, errorMessage: plain },
    eventBroadcaster,
    log: (text: string) => (shown += text),
    parsedArgvOptions: {},
    stream: Object.assign(new PassThrough(), { isTTY, columns: 70 }),
    cleanup: async () => undefined,
  } as unknown as IFormatterOptions
  const formatter = new LockstepProgress(options)
  if (ci !== undefined) process.env['CI'] = ci
  for (const envelope of sampleMessages(sample)) {
    eventBroadcaster.emit('envelope', envelope)
    if ('testStepStarted' in envelope) {
      partySpeaks({
        from: 'platform',
        to: 'lock',
        wire: 'lock-link',
        summary: '预留 reserve of bay B-17 and more words',
      })
    }
  }
  await formatter.finished()
  partySpeaks({ from: 'nobody', to: 'x', wire: 'x', summary: 'too late' })
  return shown
}

test('off a terminal each step is a line with who spoke, each scenario one with its verdict; failures follow in full', async () => {
  const shown = await follow(false)
  const [first = '', second = ''] = shown.split('[2/2] stays closed\n')
  assert.match(first, /^\[1\/2\] opens\n( {4}· .*\n)+\[1\/2\] passed {2}opens {2}1\.2 s\n$/)
  assert.match(
    second,
    /^ {4}· When a foreign code is shown.*\n {4}failed Then the bolt stays up.*\n\[2\/2\] failed {2}/,
  )
  assert.match(shown, / {2}\(platform\)\n/)
  assert.match(
    shown,
    /stays closed {2}\(features\/unlocking\/code\.feature:18\)\n {2}passed +When a foreign code is shown\n {2}failed +Then the bolt stays up\n {4}AssertionError: it is down\n/,
  )
  assert.ok(!shown.includes('\u001b') && !shown.includes('lock-link'))
})

test('on a terminal one line is rewritten: the step, and which party speaks', async () => {
  const shown = await follow(true)
  assert.ok(shown.includes('[2/2] stays closed › When a foreign code is shown'))
  assert.ok(shown.includes('the bolt goes down  ·  platform → lock (lock-link) 预留'))
  assert.ok(!shown.includes('nobody'))
  for (const line of shown.split('\u001b[2K')) assert.ok(line.length < 80 || line.includes('\n'))
})
