import type { Profile } from '../profile-schema.js'
import { unmovableParty } from './external-parties.js'

/** What a tagged scenario needs of an external party, and may be missing. */
interface Need {
  readonly tag: string
  /** @returns why it is not there */
  readonly missing: (profile: Profile) => string | undefined
  readonly remedy: string
}

const NEEDS: readonly Need[] = [
  {
    tag: '@movable-time',
    missing: unmovableParty,
    remedy: 'give it a clock that can be moved, and name it in the profile (`clock`)',
  },
  {
    tag: '@encrypted-push',
    // A cloud that has a key takes no plain push, and one that has none no other: it keeps to the profile's mode.
    missing: ({ parties, wechat, fixed }) =>
      typeof parties.cloud === 'object' && (wechat.mode === 'plain' || !fixed?.secrets?.wechatAesKey)
        ? `the external cloud at ${parties.cloud.external} takes plain pushes`
        : undefined,
    remedy: 'give it a key, and the profile wechat.mode: safe and fixed.secrets.wechatAesKey',
  },
]

/** Why a scenario with these tags cannot be shown on a rig, and what would make it possible; undefined when it can. */
export function whyNotShown(tags: readonly string[], profile: Profile): string | undefined {
  const reasons = NEEDS.filter(({ tag }) => tags.includes(tag)).flatMap(({ missing, remedy }) => {
    const what = missing(profile)
    return what === undefined ? [] : [`${what}; ${remedy}`]
  })
  return reasons.length === 0 ? undefined : reasons.join('; ')
}
