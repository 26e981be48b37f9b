import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { findCommand, requireDebianPackages } from './debian-packages.js'
import { followGuest, type GuestOutcome } from './guest-console.js'
import { findGuestKernel, type GuestKernel } from './guest-kernel.js'
import { GUEST_TEMPORARY, jobScript, type GuestJob, type GuestMarks } from './guest-job.js'

const NEEDED = [
  { command: 'qemu-system-x86_64', package: 'qemu-system-x86' },
  { command: 'busybox', package: 'busybox-static' },
  { command: 'insmod', package: 'kmod' },
  { command: 'ip', package: 'iproute2' },
  { command: 'candump', package: 'can-utils' },
]

/** What it takes to see the host's files: loaded from the initial RAM disk, each after those that it needs. */
const FILE_SYSTEM_MODULES = [
  'drivers/virtio/virtio_ring',
  'drivers/virtio/virtio',
  'drivers/virtio/virtio_pci_modern_dev',
  'drivers/virtio/virtio_pci_legacy_dev',
  'drivers/virtio/virtio_pci',
  'net/9p/9pnet',
  'net/9p/9pnet_virtio',
  'fs/netfs/netfs',
  'fs/fscache/fscache',
  'fs/9p/9p',
  'fs/overlayfs/overlay',
]

const CAN_MODULES = [
  'net/can/can',
  'net/can/can-raw',
  'net/can/can-bcm',
  'net/can/can-gw',
  'net/can/can-isotp',
  'drivers/net/can/dev/can-dev',
  'drivers/net/can/vcan',
  'drivers/net/can/sja1000/sja1000',
  'drivers/net/can/sja1000/kvaser_pci',
  'net/sched/sch_tbf',
]

/** A USB host controller, and the driver of FTDI's serial adapters, which QEMU emulates. */
const USB_SERIAL_MODULES = [
  'drivers/usb/common/usb-common',
  'drivers/usb/core/usbcore',
  'drivers/usb/host/xhci-hcd',
  'drivers/usb/host/xhci-pci',
  'drivers/usb/serial/usbserial',
  'drivers/usb/serial/ftdi_sio',
]

/** A serial adapter (FTDI) in the guest's USB socket; its other end is a TCP port of this machine. */
export interface UsbSerialAdapter {
  /** As udev's ID_SERIAL_SHORT. */
  readonly serialNumber: string
  readonly port: number
}

const MEMORY = '2048'
/** Beyond the read-only view of the host's files: `lockstep0`, `lockstep1`, … */
const shareTag = (index: number) => `lockstep${index}`

/** Mounts the host's files read-only with a layer of memory over them, and hands over to the job. */
function initScript(job: GuestJob, marks: GuestMarks, kernel: GuestKernel): string {
  const mount9p = (tag: string, at: string, mode: string) =>
    `mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,${mode} ${tag} ${at}`
  return `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in ${FILE_SYSTEM_MODULES.map((path) => basename(path)).join(' ')}; do insmod /modules/$module.ko; done
mkdir -p /host /layer /root
${mount9p('hostroot', '/host', 'ro')}
mount -t tmpfs layer /layer
mkdir -p /layer/upper /layer/work
mount -t overlay -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work overlay /root
for place in proc sys dev; do mount --move /$place /root/$place; done
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts devpts /root/dev/pts
mount -t tmpfs shm /root/dev/shm
mkdir -p /root${GUEST_TEMPORARY}
${job.writable.map((folder, i) => `mkdir -p '/root${folder}'\n${mount9p(shareTag(i), `'/root${folder}'`, 'rw')}`).join('\n')}
cat > /root${GUEST_TEMPORARY}/job.sh <<'LOCKSTEP_JOB'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
for module in ${[...CAN_MODULES, ...USB_SERIAL_MODULES].join(' ')}; do
  insmod "${kernel.modules}/$module.ko" || echo "lockstep: no kernel module $module"
done
${jobScript(job, marks)}
LOCKSTEP_JOB
exec chroot /root /bin/sh ${GUEST_TEMPORARY}/job.sh
`
}

/** An initial RAM disk: busybox, the modules of the file systems, the init script. */
function packRamDisk(folder: string, script: string, kernel: GuestKernel): string {
  const tree = join(folder, 'ram-disk')
  for (const name of ['bin', 'modules', 'proc', 'sys', 'dev'])
    mkdirSync(join(tree, name), { recursive: true })
  const busybox = findCommand('busybox') as string
  copyFileSync(busybox, join(tree, 'bin/busybox'))
  chmodSync(join(tree, 'bin/busybox'), 0o755)
  for (const module of FILE_SYSTEM_MODULES) {
    const file = join(kernel.modules, `${module}.ko`)
    if (existsSync(file)) copyFileSync(file, join(tree, 'modules', basename(file)))
  }
  writeFileSync(join(tree, 'init'), script, { mode: 0o755 })
  const files = readdirSync(tree, { recursive: true }) as string[]
  const archive = join(folder, 'ram-disk.cpio')
  const packed = execFileSync(busybox, ['cpio', '-o', '-H', 'newc'], {
    cwd: tree,
    input: `${files.join('\n')}\n`,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  writeFileSync(archive, packed)
  return archive
}

/**
 * Boots a Debian kernel in QEMU, without virtualisation, on this machine's own files, and runs a job in it. The
 * machine has two Kvaser PCIcan cards (SJA1000 controllers) on one bus: can0 and can1; and the serial adapters that are
 * asked for. When an adapter's TCP line ends, that is a plug that is pulled.
 * @param print gets each line that the job prints
 * @throws MissingDebianPackages, NoGuestKernel, GuestFailed
 */
export async function runInQemu(
  job: GuestJob,
  deadlineMs: number,
  print: (line: string) => void,
  adapters: readonly UsbSerialAdapter[] = [],
): Promise<GuestOutcome> {
  requireDebianPackages('a kernel with emulated CAN controllers', NEEDED)
  const kernel = findGuestKernel()
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-qemu-'))
  const share = (path: string, tag: string, readonly: boolean) => [
    '-virtfs',
    `local,path=${path},mount_tag=${tag},security_model=none,readonly=${readonly ? 'on' : 'off'},multidevs=remap`,
  ]
  try {
    return await followGuest(
      'QEMU',
      (marks) => [
        'qemu-system-x86_64',
        ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', MEMORY],
        ...['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio', '-monitor', 'none'],
        ...['-kernel', kernel.image, '-initrd', packRamDisk(folder, initScript(job, marks, kernel), kernel)],
        ...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off'],
        ...['-object', 'can-bus,id=bus0'],
        ...['-device', 'kvaser_pci,canbus=bus0', '-device', 'kvaser_pci,canbus=bus0'],
        ...['-device', 'qemu-xhci,id=usb'],
        ...adapters.flatMap(({ serialNumber, port }, i) => [
          ...['-chardev', `socket,id=adapter${i},host=127.0.0.1,port=${port},nodelay=on`],
          ...['-device', `usb-serial,bus=usb.0,port=${i + 1},chardev=adapter${i},serial=${serialNumber}`],
        ]),
        ...share('/', 'hostroot', true),
        ...job.writable.flatMap((path, i) => share(path, shareTag(i), false)),
      ],
      deadlineMs,
      print,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
