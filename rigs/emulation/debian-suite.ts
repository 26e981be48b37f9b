/** `npm run test:debian`: what is tested against programs that others wrote, from Debian's packages. */
import { spawnSync } from 'node:child_process'
import { packageRoot } from '../../reference/package-root.js'
import { MissingDebianPackages, requireDebianPackages } from './debian-packages.js'
import { compiledTests } from './test-files.js'

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
    { pythonModule: 'paho', package: 'python3-paho-mqtt' },
    { command: 'pg_lsclusters', package: 'postgresql' },
    { command: 'mosquitto', package: 'mosquitto' },
    { command: 'mosquitto_passwd', package: 'mosquitto' },
    { command: 'openssl', package: 'openssl' },
    { command: 'docker-compose', package: 'docker-compose' },
    { command: 'haproxy', package: 'haproxy' },
    { command: 'chromium', package: 'chromium' },
  ])
  const { status } = spawnSync(
    process.execPath,
    ['--test', '--test-concurrency=1', '--test-reporter=spec', ...compiledTests(['.test-debian.ts'])],
    { stdio: 'inherit', cwd: packageRoot },
  )
  process.exitCode = status ?? 1
} catch (error) {
  if (!(error instanceof MissingDebianPackages)) throw error
  process.stderr.write(`test:debian: ${error.message}\n`)
  process.exitCode = 3
}
