/** What Mosquitto did not let a client do; `?` where its name is not known to be true. */
export interface MosquittoRefusal {
  readonly username: string
  readonly what: 'connect' | 'publish' | 'packet'
  readonly reason: 'credential-wrong' | 'topic-not-allowed' | 'packet-too-long'
  readonly topic?: string
}

/** As Mosquitto 2.0 writes them; the client id is the user's name, since the settings say so. */
const DENIED = /: Denied PUBLISH from (\S+) \(.*?, '(.*)', \.\.\. \(\d+ bytes\)\)$/
const NOT_LET_IN = /: Client .+ disconnected, not authorised\.$/
const OVERSIZE = /: Client (\S+) disconnected due to oversize packet\.$/

/**
 * The refusal that a line of Mosquitto's log tells of, if it does. A forbidden subscription is in no log: Mosquitto
 * grants it, and passes nothing on by it.
 */
export function mosquittoRefusal(line: string): MosquittoRefusal | undefined {
  const [, username, topic] = DENIED.exec(line) ?? []
  if (username !== undefined && topic !== undefined) {
    return { username, what: 'publish', reason: 'topic-not-allowed', topic }
  }
  if (NOT_LET_IN.test(line)) return { username: '?', what: 'connect', reason: 'credential-wrong' }
  const [, sender] = OVERSIZE.exec(line) ?? []
  return sender === undefined ? undefined : { username: sender, what: 'packet', reason: 'packet-too-long' }
}
