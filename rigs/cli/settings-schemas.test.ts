import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fleetSchema } from '../fleet/fleet-config.js'
import { SERVE_SCHEMAS } from '../bench/parties/serve-schemas.js'
import { profileSchema } from '../bench/profile-schema.js'

test('every schema of settings is one by JSON Schema 2020-12', () => {
  const ajv = new Ajv2020({ strict: false, logger: false })
  for (const [name, schema] of Object.entries({
    ...SERVE_SCHEMAS,
    profile: profileSchema,
    fleet: fleetSchema,
  })) {
    assert.ok(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`)
  }
})
