import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A Debian kernel with its modules, unpacked or installed. */
export interface GuestKernel {
  readonly image: string
  /** `…/lib/modules/VERSION/kernel` */
  readonly modules: string
}

/** No kernel that has the emulated controller's driver. */
export class NoGuestKernel extends Error {
  override readonly name = 'NoGuestKernel'
  constructor(looked: readonly string[]) {
    super(
      `no Debian kernel with SJA1000 drivers in ${looked.join(' or ')}; ` +
        'npm run fetch:guest-kernel downloads and unpacks one (70 MB), and installs nothing',
    )
  }
}

/** Where `npm run fetch:guest-kernel` puts it, unless LOCKSTEP_GUEST_KERNEL says otherwise. */
function guestKernelFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['LOCKSTEP_GUEST_KERNEL'] ?? join(homedir(), '.cache', 'lockstep', 'guest-kernel')
}

const MARKER = 'drivers/net/can/sja1000/kvaser_pci.ko'

function kernelBelow(root: string): GuestKernel | undefined {
  const versions = existsSync(join(root, 'lib/modules')) ? readdirSync(join(root, 'lib/modules')).sort() : []
  return versions
    .map((version) => ({
      image: join(root, 'boot', `vmlinuz-${version}`),
      modules: join(root, 'lib/modules', version, 'kernel'),
    }))
    .filter(({ image, modules }) => existsSync(image) && existsSync(join(modules, MARKER)))
    .at(-1)
}

/**
 * The kernel that was fetched, else one that is installed on this machine.
 * @throws NoGuestKernel
 */
export function findGuestKernel(): GuestKernel {
  const roots = [guestKernelFolder(), '/']
  for (const root of roots) {
    const kernel = kernelBelow(root)
    if (kernel) return kernel
  }
  throw new NoGuestKernel(roots.map((root) => join(root, 'lib/modules')))
}
