import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseProfile } from '../../bench/profile.js'
import { externalParties } from '../../bench/external/external-parties.js'
import { SERVE_SCHEMAS } from '../../bench/parties/serve-schemas.js'
import { SettingsReader } from '../../bench/settings-reader.js'
import { documentedFiles } from './documented-files.js'

interface Served {
  readonly broker: { readonly url: string; readonly password: string }
  readonly clock: { readonly control: { readonly port: number; readonly token: string } }
  readonly port: number
  readonly inventory?: readonly { readonly bayId: string; readonly location: object }[]
}

test('the files that own-party.md gives fit together, party by party', async () => {
  const files = await documentedFiles()
  assert.deepEqual([...files.keys()].sort(), [
    'cloud.yaml',
    'my-both.yaml',
    'my-cloud.yaml',
    'my-platform.yaml',
    'platform.yaml',
  ])
  for (const [file, names] of [
    ['my-platform.yaml', ['platform']],
    ['my-cloud.yaml', ['cloud']],
    ['my-both.yaml', ['platform', 'cloud']],
  ] as const) {
    const profile = parseProfile(files.get(file) ?? '', file)
    const { ports, secrets } = profile.fixed ?? {}
    assert.deepEqual(
      externalParties(profile).map(([name]) => name),
      names,
    )
    for (const [name, party] of externalParties(profile)) {
      const text = files.get(`${name}.yaml`) ?? ''
      const served = new SettingsReader<Served>(SERVE_SCHEMAS[name]).read(text, `${name}.yaml`)
      assert.equal(party.external, `http://127.0.0.1:${served.port}`)
      const { port, token } = served.clock.control
      assert.deepEqual(party.clock, { url: `http://127.0.0.1:${port}`, token })
      assert.equal(served.broker.url, `mqtt://127.0.0.1:${ports?.broker}`)
      assert.equal(served.broker.password, secrets?.[`${name}BrokerPassword`])
      for (const { bayId, location } of served.inventory ?? []) {
        assert.deepEqual(profile.bays.find((bay) => bay.bayId === bayId)?.location, location)
      }
      assert.equal((served.inventory ?? profile.bays).length, profile.bays.length)
    }
  }
})
