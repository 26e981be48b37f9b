import type { Aedes, Client } from 'aedes'

/** The parts of aedes 1.2 that its types leave out. */
interface Registry {
  readonly clients: Record<string, Client | undefined>
  connectedClients: number
  readonly persistence: { delWill(client: { readonly id: string }): Promise<unknown> }
  unregisterClient(client: Client): void
}

/**
 * Keeps aedes's list of connected clients true when connections are reset during CONNECT. Of itself aedes registers a
 * client whose socket has closed meanwhile, and never removes it with its subscriptions and its will; and one that
 * closes before it is registered takes the connected client of the same id off the list.
 * @param onRegistered called for every registration, that of a closed client included
 */
export function keepRegistryTrue(aedes: Aedes, onRegistered: (client: Client) => void): void {
  const registry = aedes as unknown as Registry
  const registered = new Map<string, Client>()
  aedes.on('client', (client) => {
    registered.set(client.id, client)
    onRegistered(client)
    if (!client.closed) return
    const { subscriptions } = client as unknown as { subscriptions: Record<string, unknown> }
    const unsubscriptions = Object.keys(subscriptions)
    client.unsubscribe({ unsubscriptions } as Parameters<Client['unsubscribe']>[0], () => undefined)
    registry.persistence.delWill({ id: client.id }).catch((error: unknown) => aedes.emit('error', error))
    registry.unregisterClient(client)
  })
  aedes.on('clientDisconnect', (client) => {
    const other = registered.get(client.id)
    if (other === client) registered.delete(client.id)
    else if (other && !other.closed) {
      registry.clients[client.id] = other
      registry.connectedClients++
    }
  })
}
