import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { listLinuxPorts, type DeviceTree } from './list-serial-ports.js'
import { NoSuchSerialPort, SeveralSerialPorts } from './serial-port-errors.js'
import { findSerialPort } from './serial-target.js'

interface Plugged {
  readonly tty: string
  readonly bus: string
  readonly attributes: Readonly<Record<string, string>>
}

/** An Uno as Linux shows it: a cdc_acm tty, no product string. The clone has no serial number. */
const UNO: Plugged = {
  tty: 'ttyACM0',
  bus: '1-1',
  attributes: {
    idVendor: '2341',
    idProduct: '0043',
    manufacturer: 'Arduino (www.arduino.cc)',
    serial: '85736323838351F0E1E1',
  },
}
const clone = (tty: string, bus: string): Plugged => ({
  tty,
  bus,
  attributes: { idVendor: '1a86', idProduct: '7523', product: 'USB Serial' },
})

/** The folders of /sys as far as they are looked at: ttyUSB devices lie one folder deeper than ttyACM ones. */
function machine(t: TestContext, plugged: readonly Plugged[]): DeviceTree {
  const root = mkdtempSync(join(tmpdir(), 'serial-'))
  t.after(() => rmSync(root, { recursive: true }))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  const tree = { sys: join(root, 'sys'), udev: join(root, 'udev'), dev: '/dev' }
  write(join(tree.sys, 'class/tty/tty0/dev'), '4:0\n')
  for (const [index, { tty, bus, attributes }] of plugged.entries()) {
    const device = join(tree.sys, 'devices/pci0/usb1', bus)
    for (const [name, value] of Object.entries(attributes)) write(join(device, name), `${value}\n`)
    const usbInterface = join(device, `${bus}:1.0`)
    write(join(usbInterface, 'bInterfaceNumber'), '00\n')
    const port = tty.startsWith('ttyUSB') ? join(usbInterface, tty) : usbInterface
    mkdirSync(port, { recursive: true })
    write(join(tree.sys, 'class/tty', tty, 'dev'), `166:${index}\n`)
    symlinkSync(port, join(tree.sys, 'class/tty', tty, 'device'))
  }
  return tree
}

test('the kernel names a port in udev’s words, with udev or without', (t) => {
  const tree = machine(t, [UNO, clone('ttyUSB0', '1-2')])
  const [uno, other] = listLinuxPorts(tree)
  assert.deepEqual(uno, {
    path: '/dev/ttyACM0',
    usb: {
      ID_VENDOR_ID: '2341',
      ID_MODEL_ID: '0043',
      ID_SERIAL: 'Arduino__www.arduino.cc__0043_85736323838351F0E1E1',
      ID_SERIAL_SHORT: '85736323838351F0E1E1',
      ID_USB_INTERFACE_NUM: '00',
    },
  })
  assert.equal(other?.usb.ID_SERIAL, '1a86_USB_Serial')
  assert.equal(other?.usb.ID_SERIAL_SHORT, undefined)
  mkdirSync(tree.udev, { recursive: true })
  writeFileSync(
    join(tree.udev, 'c166:0'),
    'S:serial/by-id/x\nE:ID_SERIAL=Named_by_a_rule\nE:ID_PATH=pci-usb-0:1:1.0\nE:USEC=1\n',
  )
  const [named] = listLinuxPorts(tree)
  assert.deepEqual([named?.usb.ID_SERIAL, named?.usb.ID_PATH], ['Named_by_a_rule', 'pci-usb-0:1:1.0'])
})

test('a port is found by what only it has; none and several are told apart, with what is here', async (t) => {
  const tree = machine(t, [UNO, clone('ttyUSB0', '1-2'), clone('ttyUSB1', '1-3')])
  const find = (usb: Record<string, string>) => findSerialPort({ usb }, async () => listLinuxPorts(tree))
  assert.equal(
    await find({ ID_SERIAL: 'Arduino__www.arduino.cc__0043_85736323838351F0E1E1' }),
    '/dev/ttyACM0',
  )
  assert.equal(await find({ ID_VENDOR_ID: '2341', ID_MODEL_ID: '0043' }), '/dev/ttyACM0')
  await assert.rejects(
    find({ ID_VENDOR_ID: '1A86' }),
    (error) =>
      error instanceof SeveralSerialPorts &&
      /ttyUSB0[\s\S]*ttyUSB1/.test(error.message) &&
      /ID_PATH/.test(error.message),
  )
  await assert.rejects(
    find({ ID_SERIAL_SHORT: 'another' }),
    (error) => error instanceof NoSuchSerialPort && /ttyACM0/.test(error.message),
  )
  await assert.rejects(
    findSerialPort({ usb: { ID_VENDOR_ID: '2341' } }, async () => []),
    /shows no USB serial port at all/,
  )
})
