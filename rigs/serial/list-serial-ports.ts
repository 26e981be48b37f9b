import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SerialPort } from 'serialport'

/** The properties by which udev tells USB devices apart (`udevadm info -q property`), as far as a profile may name them. */
export const USB_PROPERTIES = [
  'ID_SERIAL',
  'ID_SERIAL_SHORT',
  'ID_VENDOR_ID',
  'ID_MODEL_ID',
  'ID_PATH',
  'ID_USB_INTERFACE_NUM',
] as const

export type UsbIdentity = Partial<Readonly<Record<(typeof USB_PROPERTIES)[number], string>>>

export interface SerialPortInfo {
  readonly path: string
  readonly usb: UsbIdentity
}

/** Where Linux shows its devices; another tree in tests. */
export interface DeviceTree {
  readonly sys: string
  readonly udev: string
  readonly dev: string
}

const THIS_MACHINE: DeviceTree = { sys: '/sys', udev: '/run/udev/data', dev: '/dev' }

/** The USB serial ports that are plugged in. */
export async function listSerialPorts(): Promise<readonly SerialPortInfo[]> {
  if (process.platform === 'linux') return listLinuxPorts()
  const ports = await SerialPort.list()
  return ports
    .filter(({ vendorId }) => vendorId !== undefined)
    .map(({ path, vendorId, productId, serialNumber }) => ({
      path,
      usb: {
        ...(vendorId && { ID_VENDOR_ID: vendorId }),
        ...(productId && { ID_MODEL_ID: productId }),
        ...(serialNumber && { ID_SERIAL_SHORT: serialNumber }),
      },
    }))
}

/**
 * Linux: what the kernel says of each tty on USB, in udev's words. Where udev runs its own word goes first; a container
 * or an emulated machine has none, and its ports must be found all the same.
 */
export function listLinuxPorts(tree: DeviceTree = THIS_MACHINE): SerialPortInfo[] {
  return entriesOf(join(tree.sys, 'class/tty')).flatMap((name) => {
    const device = realPath(join(tree.sys, 'class/tty', name, 'device'))
    const found = device && usbAbove(device)
    if (!found) return []
    const udev = udevProperties(tree, read(join(tree.sys, 'class/tty', name, 'dev')))
    return [{ path: join(tree.dev, name), usb: { ...identityOf(found.device, found.interface), ...udev } }]
  })
}

/** The USB device that a tty hangs on, and its interface: the nearest folders above that hold their descriptors. */
function usbAbove(folder: string): { device: string; interface: string | undefined } | undefined {
  let usbInterface: string | undefined
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    usbInterface ??= read(join(at, 'bInterfaceNumber'))
    if (read(join(at, 'idVendor')) !== undefined) return { device: at, interface: usbInterface }
  }
  return undefined
}

/** As systemd's `udev-builtin-usb_id.c` composes them from the device's descriptors. */
function identityOf(device: string, usbInterface: string | undefined): UsbIdentity {
  const vendorId = read(join(device, 'idVendor')) ?? ''
  const modelId = read(join(device, 'idProduct')) ?? ''
  const vendor = udevName(read(join(device, 'manufacturer')) ?? vendorId)
  const model = udevName(read(join(device, 'product')) ?? modelId)
  const serial = read(join(device, 'serial'))
  const short = serial !== undefined && /^[ -+\--~]+$/.test(serial) ? udevName(serial) : undefined
  return {
    ID_VENDOR_ID: vendorId,
    ID_MODEL_ID: modelId,
    ID_SERIAL: [vendor, model, ...(short ? [short] : [])].join('_'),
    ...(short && { ID_SERIAL_SHORT: short }),
    ...(usbInterface && { ID_USB_INTERFACE_NUM: usbInterface }),
  }
}

/** udev trims white space, and writes _ for a run of it and for each character that a file name had better not have. */
function udevName(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, '_')
    .replaceAll(/[^0-9A-Za-z#+\-.:=@_/$%?,]/g, '_')
}

function udevProperties(tree: DeviceTree, majorMinor: string | undefined): UsbIdentity {
  const lines = (majorMinor && read(join(tree.udev, `c${majorMinor}`)))?.split('\n') ?? []
  const properties = lines.flatMap((line) => {
    const [, name = '', value = ''] = /^E:(\w+)=(.*)$/.exec(line) ?? []
    return (USB_PROPERTIES as readonly string[]).includes(name) ? [[name, value] as const] : []
  })
  return Object.fromEntries(properties)
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function realPath(link: string): string | undefined {
  try {
    return realpathSync(link)
  } catch {
    return undefined
  }
}
