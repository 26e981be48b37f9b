import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LINKS, type LinkName } from './faulty-world.js'
import { shakenJourney } from './shaken-journey.js'

for (const link of Object.keys(LINKS) as LinkName[]) {
  test(`messages between ${link} are lost, late, doubled, overtaken and cut off, and every invariant is kept`, async () => {
    const { faults } = await shakenJourney(link, 5)
    assert.ok(Object.keys(faults).length > 0, 'nothing happened on the link')
  })
}
