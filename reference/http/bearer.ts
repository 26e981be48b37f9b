/**
 * The credential of an `Authorization` header, RFC 6750; empty when it has none. The scheme's name is of any case, and
 * one or more spaces follow it (RFC 9110, 11.1 and 11.4).
 */
export function bearerOf(authorization: string | undefined): string {
  return /^bearer +(\S.*)$/i.exec(authorization ?? '')?.[1]?.trimEnd() ?? ''
}
