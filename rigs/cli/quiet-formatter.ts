import { Formatter } from '@cucumber/cucumber'

/** A formatter that says nothing: whoever runs the scenarios tells of them in their own way. */
export default class QuietFormatter extends Formatter {
  static override readonly documentation = 'Says nothing.'
}
