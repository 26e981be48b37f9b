import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.js'
import { ServiceFailed, ServiceProcess } from './service-process.js'
import { serviceUser } from './unprivileged.js'

/** What one device or service may do at the broker. Topic filters as in MQTT 3.1.1, 4.7. */
export interface MosquittoCredential {
  readonly username: string
  readonly password: string
  /** Topics it may write, its last will included. */
  readonly publish: readonly string[]
  /** Topics it may read. */
  readonly subscribe: readonly string[]
}

export interface Mosquitto {
  /** `mqtts://127.0.0.1:port` */
  readonly url: string
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string
  /** `kill -9`, and a start on the same port with what it had on disk. */
  crashAndRestart(): Promise<void>
  close(): Promise<void>
}

/** @throws ServiceFailed */
function run(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new ServiceFailed(`${command} ${args[0] ?? ''} ended with ${status}:\n${stderr}`)
}

/** An authority of its own and a server certificate for 127.0.0.1, good for a day. */
function makeCertificates(folder: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  run(
    'openssl',
    [
      'req',
      '-x509',
      ...key,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '1',
      '-subj',
      '/CN=Lockstep test',
    ],
    folder,
  )
  run(
    'openssl',
    ['req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=broker'],
    folder,
  )
  writeFileSync(join(folder, 'san.cnf'), 'subjectAltName=IP:127.0.0.1\n')
  const sign = ['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
  run('openssl', [...sign, '-out', 'server.pem', '-days', '1', '-extfile', 'san.cnf'], folder)
}

/** One credential a device, which reads and writes its own topics only. */
function accessList(credentials: readonly MosquittoCredential[]): string {
  return credentials
    .map(({ username, publish, subscribe }) =>
      [
        `user ${username}`,
        ...publish.map((topic) => `topic write ${topic}`),
        ...subscribe.map((topic) => `topic read ${topic}`),
      ].join('\n'),
    )
    .join('\n\n')
}

/**
 * Starts Debian's Mosquitto on loopback with TLS, passwords and an access list, in a temporary folder, as a user without
 * privileges. Sessions and retained messages are written to disk at every change.
 * @throws ServiceFailed, ServiceUserMissing
 */
export async function startMosquitto(credentials: readonly MosquittoCredential[]): Promise<Mosquitto> {
  const user = serviceUser('mosquitto', 'KILL')
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-mosquitto-'))
  try {
    makeCertificates(folder)
    const passwords = credentials.map(({ username, password }) => `${username}:${password}\n`).join('')
    writeFileSync(join(folder, 'passwords'), passwords, { mode: 0o600 })
    run('mosquitto_passwd', ['-U', 'passwords'], folder) // hashes them in place
    writeFileSync(join(folder, 'access'), accessList(credentials), { mode: 0o600 })
    const port = await freePort()
    writeFileSync(
      join(folder, 'mosquitto.conf'),
      [
        `listener ${port} 127.0.0.1`,
        'certfile server.pem',
        'keyfile server.key',
        'tls_version tlsv1.2',
        'allow_anonymous false',
        'password_file passwords',
        'acl_file access',
        'persistence true',
        `persistence_location ${folder}/`,
        'autosave_on_changes true',
        'autosave_interval 1',
        'log_dest stderr',
        'max_packet_size 65536',
      ].join('\n'),
    )
    if (user.ids) {
      const { uid, gid } = user.ids
      for (const file of ['', 'server.pem', 'server.key', 'passwords', 'access', 'mosquitto.conf']) {
        chownSync(join(folder, file), uid, gid)
      }
    }
    chmodSync(join(folder, 'server.key'), 0o600)
    const start = () =>
      ServiceProcess.start(user, 'mosquitto', ['-c', 'mosquitto.conf'], {
        cwd: folder,
        ready: /mosquitto version .* running/,
      })
    let server = await start()
    return {
      url: `mqtts://127.0.0.1:${port}`,
      ca: readFileSync(join(folder, 'ca.pem'), 'utf8'),
      async crashAndRestart() {
        await server.stop('SIGKILL')
        server = await start()
      },
      async close() {
        await server.stop('SIGTERM')
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}
