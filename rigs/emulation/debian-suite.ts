/**
 * `npm run test:debian`: what is tested against programs that others wrote, from Debian's packages. All of it, unless
 * what to leave out is named: `-- --without cluster-run`, the whole acceptance once more, four minutes.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { basename } from 'node:path'
import { packageRoot } from '../../reference/package-root.js'
import { MissingDebianPackages, requireDebianPackages } from './debian-packages.js'
import { compiledTests } from './test-files.js'

class NoSuchTest extends Error {
  override readonly name = 'NoSuchTest'
}

try {
  requireDebianPackages('test:debian', [
    { command: 'socat', package: 'socat' },
    { command: 'taskset', package: 'util-linux' },
    { command: 'avr-gcc', package: 'gcc-avr' },
    { command: 'avr-objcopy', package: 'binutils-avr' },
    { command: 'vcd2fst', package: 'gtkwave' },
    { command: 'sigrok-cli', package: 'sigrok-cli' },
    { command: 'gcc', package: 'gcc' },
    { file: '/usr/lib/avr/include/avr/io.h', package: 'avr-libc' },
    { file: '/usr/include/simavr/sim_avr.h', package: 'libsimavr-dev' },
    { file: '/usr/include/uv.h', package: 'libuv1-dev' },
    { command: 'asc2log', package: 'can-utils' },
    { command: 'ip', package: 'iproute2' },
    { command: 'ffmpeg', package: 'ffmpeg' },
    { command: 'zbarimg', package: 'zbar-tools' },
    { command: 'setpriv', package: 'util-linux' },
    { pythonModule: 'scapy', package: 'python3-scapy' },
    { pythonModule: 'can', package: 'python3-can' },
    { pythonModule: 'msgpack', package: 'python3-msgpack' },
    { pythonModule: 'serial', package: 'python3-serial' },
    { command: 'pg_lsclusters', package: 'postgresql' },
    { command: 'mosquitto', package: 'mosquitto' },
    { command: 'mosquitto_passwd', package: 'mosquitto' },
    { command: 'openssl', package: 'openssl' },
    { command: 'docker-compose', package: 'docker-compose' },
    { command: 'haproxy', package: 'haproxy' },
    { command: 'chromium', package: 'chromium' },
  ])
  const { without } = parseArgs({
    options: { without: { type: 'string', multiple: true, default: [] } },
  }).values
  const all = compiledTests(['.test-debian.ts'])
  const named = without.map((name) => all.filter((file) => basename(file) === `${name}.test-debian.js`))
  const nobody = without.find((_name, i) => named[i]?.length === 0)
  if (nobody !== undefined) throw new NoSuchTest(`there is no test ${nobody}.test-debian.ts to leave out`)
  const tests = all.filter((file) => !named.flat().includes(file))
  for (const file of named.flat()) process.stderr.write(`test:debian: left out: ${basename(file)}\n`)
  const { status } = spawnSync(
    process.execPath,
    ['--test', '--test-concurrency=1', '--test-reporter=spec', ...tests],
    { stdio: 'inherit', cwd: packageRoot },
  )
  process.exitCode = status ?? 1
} catch (error) {
  if (!(error instanceof MissingDebianPackages || error instanceof NoSuchTest)) throw error
  process.stderr.write(`test:debian: ${error.message}\n`)
  process.exitCode = error instanceof NoSuchTest ? 2 : 3
}
