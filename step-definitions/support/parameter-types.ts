import { defineParameterType } from '@cucumber/cucumber'
import type { LockFault } from '../../reference/contracts/lock-link.js'
import type { AlertKind } from '../../reference/contracts/platform-api.js'
import { bayId } from '../../reference/domain/identifiers.js'
import { PUSH_MODES } from '../../rigs/bench/profile-schema.js'
import { BUS_FAULTS } from '../../rigs/bench/stage/bus-faults.js'

defineParameterType({ name: 'bay', regexp: /[A-Z]-\d+/, transformer: bayId })

const ALERTS: Readonly<Record<string, AlertKind>> = {
  'a foreign code': 'foreign-code',
  'a used code': 'used-code',
  'an expired code': 'expired-code',
  'a misread code': 'misread-code',
  'a throttled code': 'throttled-code',
  'refused coordinates': 'coordinates-refused',
}

defineParameterType({
  name: 'alert',
  regexp: new RegExp(Object.keys(ALERTS).join('|')),
  transformer: (words: string) => ALERTS[words],
})

/** The property of the scenario that holds the person. */
export type Person = 'driver' | 'otherDriver'

const PERSONS: Readonly<Record<string, Person>> = {
  "the driver's": 'driver',
  "the other driver's": 'otherDriver',
}

defineParameterType({
  name: 'person',
  regexp: new RegExp(Object.keys(PERSONS).join('|')),
  transformer: (words: string) => PERSONS[words],
})

defineParameterType({
  name: 'verdict',
  regexp: /an? (fresh|used|expired|foreign|misread|throttled)/,
  transformer: (verdict: string) => verdict,
})

const LOCK_FAULTS: Readonly<Record<string, LockFault>> = {
  'a jam': 'jammed',
  'a forced bolt': 'forced',
  'an opened housing': 'tampered',
  'a critical battery': 'battery-critical',
  'a sensor fault': 'sensor-fault',
}

defineParameterType({
  name: 'lockFault',
  regexp: new RegExp(Object.keys(LOCK_FAULTS).join('|')),
  transformer: (words: string) => LOCK_FAULTS[words],
})

defineParameterType({ name: 'busFault', regexp: new RegExp(BUS_FAULTS.join('|')) })

defineParameterType({ name: 'pushMode', regexp: new RegExp(PUSH_MODES.join('|')) })
