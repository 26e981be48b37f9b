import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MalformedCanFrame, type CanFrame } from '../../../reference/ports/can-bus.js'
import { createMemoryCan } from '../../simulated/memory-can/memory-can.js'
import { openCanWire } from './can-wire.js'

const frame = (id: number, ...bytes: number[]): CanFrame => ({
  id,
  extended: false,
  data: Uint8Array.from(bytes),
})

async function openWire() {
  const can = createMemoryCan()
  const wire = await openCanWire(async (name, options) => can.join(name, options), ['A', 'B'])
  const heard: string[] = []
  wire.tap(({ id }, sender) => heard.push(`${id} from ${sender ?? 'another node'}`))
  return { can, wire, heard }
}

test('each frame is told with the node that sent it, and a foreign one as foreign', async () => {
  const { can, wire, heard } = await openWire()
  const foreign = can.join('foreign')
  await wire.node('A').send(frame(1, 1))
  await wire.node('B').send(frame(2))
  await foreign.send(frame(1, 1))
  await wire.node('A').send(frame(1, 1))
  assert.deepEqual(heard, ['1 from A', '2 from B', '1 from another node', '1 from A'])
  await wire.close()
  await can.close()
})

test('a frame that was refused is not taken for one that comes later', async () => {
  const { can, wire, heard } = await openWire()
  await assert.rejects(wire.node('A').send(frame(0x900)), MalformedCanFrame)
  await can.join('foreign').send({ ...frame(0x900), extended: true })
  await wire.node('B').send(frame(3))
  assert.deepEqual(heard, ['2304 from another node', '3 from B'])
  await wire.close()
  await can.close()
})

test('a node that the wire does not have is refused', async () => {
  const { can, wire } = await openWire()
  assert.throws(() => wire.node('C'), RangeError)
  await wire.close()
  await can.close()
})
