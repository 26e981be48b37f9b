/** TypeScript's view of `phone.openapi.yaml`, which is the authority. */
export interface UserRequest {
  readonly device: 'phone' | 'tablet'
}

export interface SubscribeRequest {
  readonly appId: string
  readonly scene?: string
}

export interface UnsubscribeRequest {
  readonly appId: string
}

export interface TextRequest {
  readonly appId: string
  readonly content: string
}

export interface LocationRequest {
  readonly appId: string
  /** GCJ-02 degrees. */
  readonly latitude: number
  readonly longitude: number
  readonly label: string
}

export interface PhoneMessage {
  readonly seq: number
  readonly from: 'user' | 'account'
  readonly kind: 'text' | 'image' | 'location' | 'news' | 'notice'
  readonly text?: string
  readonly mediaId?: string
  /** RFC 3339. */
  readonly at: string
}

export interface PhoneConversation {
  readonly device: 'phone' | 'tablet'
  readonly messages: readonly PhoneMessage[]
}

export interface PhoneFaults {
  readonly repeatDeliveries: number
}

export type PhoneProblem =
  | 'request-invalid'
  | 'user-unknown'
  | 'account-unknown'
  | 'media-unknown'
  | 'not-subscribed'
  | 'unauthorised'
  | 'control-off'
  | 'failed'
