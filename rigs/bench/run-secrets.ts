import { randomBytes } from 'node:crypto'
import type { RunSecrets } from './profile-schema.js'

const draw = () => randomBytes(16).toString('hex')

/** The credentials of one run: those that the profile fixes, all others drawn afresh. */
export function drawSecrets(fixed: Partial<RunSecrets> = {}): RunSecrets {
  return {
    appId: `wx${randomBytes(8).toString('hex')}`,
    appSecret: draw(),
    wechatToken: draw(),
    wechatAesKey: (draw() + draw()).slice(0, 43),
    cloudToken: draw(),
    operatorToken: draw(),
    webhookSecret: draw(),
    controlToken: draw(),
    cloudBrokerPassword: draw(),
    platformBrokerPassword: draw(),
    ...fixed,
  }
}

/** A password for one device at the broker. */
export const drawDevicePassword = draw
