import { ProductFault } from '../../../reference/ports/faults.js'

/** The head unit does not show what the scenario expects. */
export class NotShown extends ProductFault {
  override readonly name = 'NotShown'
}
