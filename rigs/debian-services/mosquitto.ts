import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates, runTool } from './certificates.js'
import { freePort } from './free-port.js'
import { mosquittoRefusal, type MosquittoRefusal } from './mosquitto-refusals.js'
import { ServiceProcess } from './service-process.js'
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
  /** Hears what it refuses, when it was started with `tellsRefusals`. @returns unsubscribe */
  onRefusal(listener: (refusal: MosquittoRefusal) => void): () => void
  /** `kill -9`, and a start on the same port with what it had on disk. */
  crashAndRestart(): Promise<void>
  close(): Promise<void>
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

export interface MosquittoOptions {
  /** It then logs every packet, of which refusals are told: not for load. */
  readonly tellsRefusals?: boolean
  /** Whom its certificate is for; `IP:127.0.0.1` if not given. */
  readonly subject?: string
}

/**
 * Starts Debian's Mosquitto on loopback with TLS, passwords and an access list, in a temporary folder, as a user without
 * privileges. Sessions and retained messages are written to disk at every change. A client's id is its user name,
 * whatever it says, so that nobody takes over another's session.
 * @throws ServiceFailed, ServiceUserMissing
 */
export async function startMosquitto(
  credentials: readonly MosquittoCredential[],
  options: MosquittoOptions = {},
): Promise<Mosquitto> {
  const user = serviceUser('mosquitto', 'KILL')
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-mosquitto-'))
  const listeners = new Set<(refusal: MosquittoRefusal) => void>()
  try {
    const ca = makeCertificates(folder, options.subject)
    const passwords = credentials.map(({ username, password }) => `${username}:${password}\n`).join('')
    writeFileSync(join(folder, 'passwords'), passwords, { mode: 0o600 })
    runTool('mosquitto_passwd', ['-U', 'passwords'], folder) // hashes them in place
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
        'use_username_as_clientid true',
        ...(options.tellsRefusals ? ['log_type all'] : []),
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
        onLine: (line) => {
          const refusal = mosquittoRefusal(line)
          if (refusal) for (const listener of listeners) listener(refusal)
        },
      })
    let server = await start()
    return {
      url: `mqtts://127.0.0.1:${port}`,
      ca,
      onRefusal(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
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
