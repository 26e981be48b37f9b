import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ServiceFailed } from './service-process.js'

/** @throws ServiceFailed */
export function runTool(command: string, args: readonly string[], cwd: string): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) {
    throw new ServiceFailed(`${command} ${args[0] ?? ''} ended with ${status ?? error?.message}:\n${stderr}`)
  }
}

/**
 * An authority of its own, `ca.pem`, and a server's certificate from it, `server.pem` with `server.key`, good for a day.
 * @param subject whom the certificate is for, as OpenSSL's subjectAltName
 * @returns PEM of the authority
 * @throws ServiceFailed
 */
export function makeCertificates(folder: string, subject = 'IP:127.0.0.1'): string {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const authority = ['-keyout', 'ca.key', '-out', 'ca.pem', '-days', '1', '-subj', '/CN=Lockstep test']
  runTool('openssl', ['req', '-x509', ...key, ...authority], folder)
  const request = ['-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server']
  runTool('openssl', ['req', ...key, ...request], folder)
  writeFileSync(join(folder, 'san.cnf'), `subjectAltName=${subject}\n`)
  const sign = ['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
  runTool('openssl', [...sign, '-out', 'server.pem', '-days', '1', '-extfile', 'san.cnf'], folder)
  return readFileSync(join(folder, 'ca.pem'), 'utf8')
}
