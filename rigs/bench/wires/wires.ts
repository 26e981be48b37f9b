/** Every wire of the system, and who speaks on it (DESIGN 1). */
export const WIRES = {
  phone: { wire: 'phone ↔ WeChat', from: 'phone', to: 'WeChat' },
  push: { wire: 'WeChat → cloud (push)', from: 'WeChat', to: 'cloud' },
  api: { wire: 'cloud → WeChat (API)', from: 'cloud', to: 'WeChat' },
  platform: { wire: 'cloud → platform (REST)', from: 'cloud', to: 'platform' },
  webhook: { wire: 'platform → cloud (webhook)', from: 'platform', to: 'cloud' },
  lock: { wire: 'platform ↔ lock (MQTT)', from: 'platform', to: 'lock' },
  vehicle: { wire: 'cloud ↔ T-BOX (MQTT)', from: 'cloud', to: 'T-BOX' },
  can: { wire: 'T-BOX ↔ head unit (CAN)', from: 'T-BOX', to: 'head unit' },
  light: { wire: 'phone → scanner (light)', from: 'phone', to: 'lock' },
  board: { wire: 'lock ↔ board (Firmata)', from: 'lock', to: 'board' },
} as const

export type WireName = keyof typeof WIRES
