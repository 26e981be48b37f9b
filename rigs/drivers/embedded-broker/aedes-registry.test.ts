import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Aedes } from 'aedes'
import { keepRegistryTrue } from './aedes-registry.js'
import { connectPacket, rawSocket } from './fixtures/raw-mqtt.js'

test('clients that close before they are registered stay in no list, and take no other off it', async (t) => {
  // Each connection closes while its password is being checked, as a reset in mid-CONNECT does.
  let closesEarly = false
  const registered: boolean[] = []
  const aedes = await Aedes.createBroker({
    authenticate(client, _username, _password, done) {
      done(null, true)
      if (closesEarly) client.close()
    },
  })
  keepRegistryTrue(aedes, (client) => registered.push(client.closed))
  const server = createServer((socket) => void aedes.handle(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    aedes.close()
    server.close()
  })
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
  const hello = (clientId: string) =>
    connectPacket({ clientId, username: 'u', password: 'p', clean: false, will: 'gone' })
  const standing = await rawSocket(url)
  standing.write(hello('standing'))
  await once(standing, 'data')
  closesEarly = true
  for (const id of ['one', 'two', 'standing', 'three']) {
    const socket = await rawSocket(url)
    socket.write(hello(id))
    await once(socket, 'close')
  }
  const lists = aedes as unknown as {
    clients: object
    persistence: { getWill(of: object): Promise<unknown> }
  }
  assert.ok(registered.filter((closed) => closed).length >= 3, 'aedes registers what has closed')
  assert.ok(Object.keys(lists.clients).every((id) => id === 'standing'))
  assert.equal(await lists.persistence.getWill({ id: 'one' }), undefined)
  standing.destroy()
})
