/** Errors by which the rig or the suite itself says that it failed: nothing is known about the product then. */
export const RIG_FAULT_NAMES: ReadonlySet<string> = new Set([
  'RigFault',
  'RigUnavailable',
  'RigTimeout',
  'RigProcessFailed',
  'UnknownProfile',
  'InvalidSettings',
  'EvidenceUnwritable',
  'StoreUnavailable',
  'DecoderFailed',
  'InvalidCanUrl',
  'CanBusUnavailable',
  'CanBusFault',
  'NoSuchSerialPort',
  'SeveralSerialPorts',
  'SerialPortForbidden',
  'SerialPortInUse',
  'SerialPortFailed',
  // A step that is no valid program says nothing about the product.
  'ReferenceError',
  'SyntaxError',
  'ParseError',
  'UndefinedParameterType',
])

/** Errors by which the rig says that it could not prove its actuators safe. */
export const SAFE_STATE_FAULT_NAMES: ReadonlySet<string> = new Set(['SafeStateUnconfirmed'])

/** Errors that are about the product even when a hook throws them. */
export const PRODUCT_FAULT_NAMES: ReadonlySet<string> = new Set(['ProductFault', 'ContractBroken'])
