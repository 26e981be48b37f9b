import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connectAsync } from 'mqtt'
import { nextLine } from '../../../reference/read-lines.js'
import { packageRoot } from '../../../reference/package-root.js'
import { freePort } from '../../debian-services/free-port.js'
import { startPostgresServer } from '../../debian-services/postgres-server.js'
import { ServiceProcess } from '../../debian-services/service-process.js'
import { serviceUser } from '../../debian-services/unprivileged.js'

const DEPLOY = join(packageRoot, 'deploy')
const LOCKSTEP = join(packageRoot, 'dist', 'rigs', 'cli', 'main.js')
const read = (file: string) => readFileSync(join(DEPLOY, file), 'utf8')

function run(command: string, args: readonly string[], cwd = DEPLOY): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
}

/** Replaces each, all of which have to be there. */
function withPlaces(text: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places).reduce((all, [from, to]) => {
    assert.ok(all.includes(from), `${from} is not in the file`)
    return all.replaceAll(from, to)
  }, text)
}

test('the compose file and the balancer are what their programs take', () => {
  run('docker-compose', ['-f', 'compose.yaml', 'config', '-q'])
  run('haproxy', ['-c', '-f', 'haproxy.cfg'])
})

/** Mosquitto by the file of the deployment, its places those of this machine. */
async function startBroker(t: TestContext) {
  const user = serviceUser('mosquitto', 'KILL')
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-deployment-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [outside, inside] = [await freePort(), await freePort()]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key.pem']
  const names = ['-subj', '/CN=broker', '-addext', 'subjectAltName=IP:127.0.0.1']
  run('openssl', ['req', '-x509', ...key, '-out', 'certificate.pem', '-days', '1', ...names], folder)
  writeFileSync(
    join(folder, 'passwords'),
    'platform:p-secret\ncloud:c-secret\nL-17:l-secret\nEV-0421:v-secret\n',
    { mode: 0o600 },
  )
  run('mosquitto_passwd', ['-U', 'passwords'], folder)
  writeFileSync(join(folder, 'access'), read('access.example'), { mode: 0o600 })
  const conf = withPlaces(read('mosquitto.conf'), {
    'listener 8883': `listener ${outside} 127.0.0.1`,
    'listener 8884': `listener ${inside} 127.0.0.1`,
    '/run/secrets/broker-certificate': 'certificate.pem',
    '/run/secrets/broker-key': 'key.pem',
    '/run/secrets/broker-passwords': 'passwords',
    '/mosquitto/config/access': 'access',
    '/mosquitto/data/': `${folder}/`,
  })
  writeFileSync(join(folder, 'mosquitto.conf'), conf)
  if (user.ids) {
    for (const file of ['', 'certificate.pem', 'key.pem', 'passwords', 'access', 'mosquitto.conf']) {
      chownSync(join(folder, file), user.ids.uid, user.ids.gid)
    }
  }
  const ready = /mosquitto version .* running/
  const server = await ServiceProcess.start(user, 'mosquitto', ['-c', 'mosquitto.conf'], {
    cwd: folder,
    ready,
  })
  t.after(() => server.stop('SIGTERM'))
  const ca = readFileSync(join(folder, 'certificate.pem'), 'utf8')
  const url = (port: number) => `mqtts://127.0.0.1:${port}`
  return { folder, ca, inside: url(inside), outside: url(outside) }
}

/** The command of the compose file. @returns the party's URL */
async function serveProcess(t: TestContext, party: 'platform' | 'cloud', settings: string): Promise<string> {
  const child = spawn(process.execPath, [LOCKSTEP, 'serve', party, '--config', settings], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const gone = once(child, 'exit')
  t.after(async () => {
    child.stdin.end()
    await gone
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  const said = nextLine(child.stdout).catch(() => gone.then(() => undefined))
  const line = await Promise.race([said, gone.then(() => undefined)])
  assert.ok(line, complaint)
  return (JSON.parse(line) as { urls: Record<string, string> }).urls[party] ?? ''
}

test('two platforms and two clouds serve by the files of the deployment, on its broker and a store', async (t) => {
  const store = await startPostgresServer()
  t.after(() => store.close())
  const broker = await startBroker(t)
  const example = '-----BEGIN CERTIFICATE-----\n    BROKER-CA\n    -----END CERTIFICATE-----'
  const places = (party: string) => ({
    '0.0.0.0': '127.0.0.1',
    'port: 8080': 'port: 0',
    [`postgres://lockstep:STORE-PASSWORD@store:5432/lockstep?schema=${party}`]: store.url(party),
    'mqtts://broker:8884': broker.inside,
    [`${party.toUpperCase()}-S-BROKER-PASSWORD`]: `${party.slice(0, 1)}-secret`,
    [example]: broker.ca.trim().replaceAll('\n', '\n    '),
  })
  const serve = async (
    party: 'platform' | 'cloud',
    file: string,
    other: Readonly<Record<string, string>>,
  ) => {
    const settings = join(broker.folder, file)
    const text = withPlaces(read(`${party}.example.yaml`), { ...places(party), ...other })
    // One host has one name, containers have each their own.
    writeFileSync(settings, `${text}instance: ${file.replace('.yaml', '')}\n`, { mode: 0o600 })
    return serveProcess(t, party, settings)
  }
  const nowhere = { 'http://balancer:8080': 'http://127.0.0.1:9' }
  const platforms = [
    await serve('platform', 'one.yaml', nowhere),
    await serve('platform', 'two.yaml', nowhere),
  ]
  const addresses = {
    'http://balancer:8081': platforms[0] ?? 'none',
    'https://api.weixin.qq.com': 'http://127.0.0.1:9',
  }
  const clouds = [
    await serve('cloud', 'cloud.yaml', addresses),
    await serve('cloud', 'cloud-two.yaml', addresses),
  ]
  const headers = { authorization: 'Bearer CLOUD-S-TOKEN-AT-THE-PLATFORM' }
  for (const url of platforms) {
    assert.equal((await fetch(`${url}/v1/spaces`, { headers })).status, 200)
    assert.equal((await fetch(`${url}/v1/spaces`)).status, 401)
  }
  for (const url of clouds) assert.equal((await fetch(`${url}/nothing`)).status, 404)

  const connect = async (username: string, password: string, clientId: string) => {
    const access = { ca: broker.ca, username, password, clientId, reconnectPeriod: 0 }
    const client = await connectAsync(broker.outside, access, false)
    t.after(() => client.endAsync(true))
    return client
  }
  await assert.rejects(connect('cloud', 'wrong', 'any'))
  // Under the platform's id, as whoever wants its session would: each is another client all the same.
  const lock = await connect('L-17', 'l-secret', 'platform')
  await connect('EV-0421', 'v-secret', 'platform')
  await lock.publishAsync('locks/L-17/events', '{}', { qos: 1 })
  assert.ok(lock.connected, 'another one took over the session of this one')
})
