/** Why a broker cannot be used, and what to do about it. */
export interface WhyNot {
  readonly reason: string
  readonly mend: string
}

const ACCESS = 'users and access list: docs/several-instances.md'

/** By the code of Node's error, or of MQTT's CONNACK (3.1.1, table 3.1: 4 and 5). */
const REASONS: Readonly<Record<string, (url: string) => WhyNot>> = {
  ECONNREFUSED: (url) => ({
    reason: 'nothing listens there',
    mend: `start the broker, or correct broker.url (${url})`,
  }),
  ENOTFOUND: () => ({ reason: 'no such host', mend: 'correct the host in broker.url' }),
  EAI_AGAIN: () => ({ reason: 'the host’s name cannot be resolved', mend: 'correct the host in broker.url' }),
  ETIMEDOUT: () => ({ reason: 'no answer', mend: 'is a firewall between, or the host away?' }),
  ERR_TLS_CERT_ALTNAME_INVALID: () => ({
    reason: 'its certificate is for another name',
    mend: 'write the name that the certificate is for into broker.url, or have one made for this host',
  }),
  CERT_HAS_EXPIRED: () => ({ reason: 'its certificate has expired', mend: 'have a new one made' }),
  4: () => ({
    reason: 'user name or password are wrong',
    mend: `correct broker.passwords in the profile; ${ACCESS}`,
  }),
  5: () => ({
    reason: 'user name or password are wrong',
    mend: `correct broker.passwords in the profile; ${ACCESS}`,
  }),
}

/** Codes of OpenSSL's verification (X509_V_ERR_…) that mean: somebody else signed it. */
const OTHER_AUTHORITY =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_SIGNATURE_FAILURE)$/
const NO_TLS = /^(EPROTO|ERR_SSL_\w+)$/

/** @param error what the client was told when it connected */
export function whyNotLetIn(url: string, error: unknown): WhyNot {
  const { code: given = '' } = (error ?? {}) as { readonly code?: string | number }
  const code = String(given)
  const known = REASONS[code]
  if (known) return known(url)
  if (OTHER_AUTHORITY.test(code)) {
    return {
      reason: 'its certificate is signed by an authority that is not known here',
      mend: 'name the authority’s certificate (PEM) in broker.ca',
    }
  }
  if (NO_TLS.test(code))
    return { reason: 'it speaks no TLS there', mend: 'write mqtt:// for a port without TLS' }
  const reason = error instanceof Error ? error.message : String(error)
  return { reason, mend: `is it a broker, and does it let everybody in? ${ACCESS}` }
}
