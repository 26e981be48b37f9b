import assert from 'node:assert/strict'
import { test } from 'node:test'
import { languageOf } from './phrases.js'
import { readUserCommand } from './user-command.js'

test('reads commands in Chinese and English, as phones type them', () => {
  const readings: [string, unknown][] = [
    ['预约 B-17', { kind: 'reserve', bay: 'B-17' }],
    ['预约Ｂ－１７', { kind: 'reserve', bay: 'B-17' }],
    ['Reserve B-17 ', { kind: 'reserve', bay: 'B-17' }],
    ['状态B-17', { kind: 'state', bay: 'B-17' }],
    ['state B-17', { kind: 'state', bay: 'B-17' }],
    ['状态', { kind: 'own-state' }],
    ['我的码', { kind: 'my-code' }],
    ['My Code', { kind: 'my-code' }],
    ['取消', { kind: 'cancel' }],
    ['条形码', { kind: 'symbology', symbology: 'code128' }],
    ['QR code', { kind: 'symbology', symbology: 'qr' }],
    ['预约北京西站', { kind: 'place', text: '北京西站' }],
    ['reserve Guomao', { kind: 'place', text: 'Guomao' }],
    ['国贸', { kind: 'place', text: '国贸' }],
  ]
  for (const [text, command] of readings) assert.deepEqual(readUserCommand(text), command, text)
})

test('answers in the language that the user writes', () => {
  assert.equal(languageOf('预约 B-17'), 'zh')
  assert.equal(languageOf('reserve B-17'), 'en')
  assert.equal(languageOf('17'), undefined)
})
