import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberedPlaceholders } from './placeholders.js'

test('placeholders are numbered in the order of appearance', () => {
  assert.equal(
    numberedPlaceholders('UPDATE a SET b = ?, c = COALESCE(?, c) WHERE d IN (?, ?)'),
    'UPDATE a SET b = $1, c = COALESCE($2, c) WHERE d IN ($3, $4)',
  )
})

test('question marks in literals, names and comments are no placeholders', () => {
  assert.equal(
    numberedPlaceholders(`SELECT '?', 'it''s ?', "odd?" -- why?\n, ? /* really? */ FROM t WHERE a = ?`),
    `SELECT '?', 'it''s ?', "odd?" -- why?\n, $1 /* really? */ FROM t WHERE a = $2`,
  )
})
