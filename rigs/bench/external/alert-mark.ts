import type { Alert } from '../../../reference/contracts/platform-api.js'

/** Changes when an alert is raised again: what repeats within an hour is one alert that counts up. */
export function alertMark({ alertId, times = 1, lastAt }: Alert): string {
  return [alertId, times, lastAt ?? ''].join(' ')
}
