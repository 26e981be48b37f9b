/** Thrown when the server of an account does not prove that it knows the account's token. */
export class CallbackRefused extends Error {
  override readonly name = 'CallbackRefused'
  constructor(appId: string, url: string, found: string, options?: ErrorOptions) {
    super(
      `the callback ${url} of ${appId} failed its verification: ${found}; it must echo echostr to a signed GET`,
      options,
    )
  }
}
