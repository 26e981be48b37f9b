/** What a value is, by the name of its field; the prefix of its fingerprint. */
export type SecretKind = 'code' | 'openid' | 'token' | 'secret' | 'password' | 'signature' | 'authorization'

const KINDS: Readonly<Record<SecretKind, readonly string[]>> = {
  code: ['code', 'unlockcode', 'scannedcode', 'authcode'],
  openid: ['openid', 'unionid', 'fromusername', 'tousername', 'touser', 'fromuser'],
  token: ['token', 'accesstoken', 'refreshtoken', 'idtoken', 'bearertoken', 'ticket', 'jsapiticket'],
  secret: [
    'secret',
    'appsecret',
    'clientsecret',
    'apikey',
    'encodingaeskey',
    'aeskey',
    'wechataeskey',
    'sessionkey',
    'privatekey',
    'rotatingkey',
  ],
  password: ['password', 'passwd', 'passphrase', 'pwd'],
  signature: ['signature', 'msgsignature', 'sign'],
  authorization: ['authorization', 'proxyauthorization', 'cookie', 'setcookie'],
}

const BY_NAME = new Map<string, SecretKind>(
  Object.entries(KINDS).flatMap(([kind, names]) => names.map((name) => [name, kind as SecretKind] as const)),
)

/** The kind of secret that a field of this name holds: `access_token`, `accessToken` and `Access-Token` are one name. */
export function secretKind(name: string): SecretKind | undefined {
  const last = name.slice(name.lastIndexOf('.') + 1)
  return last.length > 40 ? undefined : BY_NAME.get(last.toLowerCase().replace(/[^a-z]/g, ''))
}

/** Names of system errors, as Node has them in `error.code`. */
const ERROR_CODE = /^(E[A-Z]{3,}|ERR_[A-Z_]+)$/

/** A value that its field's name does not make a secret after all: the account's own id, an HTTP status, an error code. */
export function isHarmless(kind: SecretKind, value: string | number): boolean {
  if (kind === 'openid') return typeof value === 'string' && value.startsWith('gh_')
  if (kind !== 'code') return false
  return typeof value === 'number' ? Math.abs(value) < 1000 : ERROR_CODE.test(value)
}
