import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificates } from './certificates.js'
import { freePort } from './free-port.js'
import { ServiceFailed, ServiceProcess } from './service-process.js'
import { serviceUser } from './unprivileged.js'

/** Where Debian keeps every major version's programs; they are not in the PATH. */
const VERSIONS = '/usr/lib/postgresql'

/** The folder of the newest PostgreSQL that Debian installed, if there is one. */
export function postgresPrograms(): string | undefined {
  try {
    const [newest] = readdirSync(VERSIONS)
      .filter((name) => /^\d+$/.test(name))
      .sort((a, b) => Number(b) - Number(a))
    return newest === undefined ? undefined : join(VERSIONS, newest, 'bin')
  } catch {
    return undefined
  }
}

export interface PostgresServer {
  /** Of a schema of one's own in the server's database; the store makes it. With TLS, its certificate is verified. */
  url(schema: string): string
  /** PEM file of the authority that signed its certificate; none without TLS. */
  readonly authorityFile: string | undefined
  /** How many schemas there are whose names begin so. */
  countSchemas(prefix: string): number
  /** Ends the server at once, as a crash does, and starts it again on the same data and port. */
  crashAndRestart(): Promise<void>
  /** Ends the server and deletes its data. */
  close(): Promise<void>
}

/**
 * Starts Debian's PostgreSQL on loopback, in a temporary folder, as a user without privileges, with a password of its
 * own and full durability.
 * @param tls whom its certificate is for (subjectAltName); without it, it speaks no TLS
 * @throws ServiceFailed, ServiceUserMissing
 */
export async function startPostgresServer(tls?: { readonly subject: string }): Promise<PostgresServer> {
  const programs = postgresPrograms()
  if (programs === undefined) throw new ServiceFailed('PostgreSQL is not here: apt-get install postgresql')
  const user = serviceUser('postgres', 'QUIT')
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-postgres-'))
  const data = join(folder, 'data')
  const password = randomBytes(16).toString('hex')
  const passwordFile = join(folder, 'password')
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 })
    if (user.ids) {
      for (const path of [folder, passwordFile]) chownSync(path, user.ids.uid, user.ids.gid)
    }
    const init = user.command(join(programs, 'initdb'), [
      ...['--pgdata', data, '--username', 'lockstep', '--pwfile', passwordFile],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'],
    ])
    const { status, stderr } = spawnSync(init.file, init.args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw new ServiceFailed(`initdb ended with ${status}:\n${stderr}`)
    if (tls) {
      makeCertificates(folder, tls.subject)
      for (const file of ['server.pem', 'server.key']) {
        chmodSync(join(folder, file), 0o600)
        if (user.ids) chownSync(join(folder, file), user.ids.uid, user.ids.gid)
      }
    }
    const authorityFile = tls && join(folder, 'ca.pem')
    const port = await freePort()
    const settings = [
      `listen_addresses=127.0.0.1`,
      `port=${port}`,
      `unix_socket_directories=`,
      `logging_collector=off`,
      ...(tls
        ? [
            'ssl=on',
            `ssl_cert_file=${join(folder, 'server.pem')}`,
            `ssl_key_file=${join(folder, 'server.key')}`,
          ]
        : []),
    ]
    const start = () =>
      ServiceProcess.start(
        user,
        join(programs, 'postgres'),
        ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
        { cwd: folder, ready: /ready to accept connections/ },
      )
    let server = await start()
    return {
      url: (schema) => {
        const verify = authorityFile === undefined ? '' : `&sslmode=verify-full&sslrootcert=${authorityFile}`
        return `postgres://lockstep:${password}@127.0.0.1:${port}/postgres?schema=${schema}${verify}`
      },
      authorityFile,
      countSchemas(prefix) {
        const query = `SELECT count(*) FROM pg_namespace WHERE starts_with(nspname, '${prefix}')`
        const address = ['--host', '127.0.0.1', '--port', String(port), '--username', 'lockstep', 'postgres']
        const psql = spawnSync(join(programs, 'psql'), ['--no-psqlrc', '-At', '-c', query, ...address], {
          env: { PGPASSWORD: password },
          encoding: 'utf8',
        })
        if (psql.status !== 0) throw new ServiceFailed(`psql ended with ${psql.status}:\n${psql.stderr}`)
        return Number(psql.stdout)
      },
      async crashAndRestart() {
        await server.stop('SIGQUIT') // "immediate": no checkpoint, so the next start recovers from the log
        server = await start()
      },
      async close() {
        await server.stop('SIGINT') // "fast": does not wait for clients
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}
