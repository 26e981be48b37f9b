/**
 * Media type of the attachment with which a scenario says, before its first step, why it cannot be shown on this rig:
 * a sentence with what would make it possible.
 */
export const NOT_SHOWN_MEDIA_TYPE = 'text/vnd.lockstep.not-shown'
