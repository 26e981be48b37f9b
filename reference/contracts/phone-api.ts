/** TypeScript's view of `phone.openapi.yaml`, which is the authority. */
export interface UserRequest {
  readonly device: 'phone' | 'tablet'
}

export interface AccountRequest {
  readonly appId: string
}

export interface SubscribeRequest extends AccountRequest {
  readonly scene?: string
}

export interface ScanRequest {
  /** What the picture of a scene code holds. */
  readonly url: string
}

export interface AuthoriseRequest {
  readonly url: string
}

export interface TextRequest extends AccountRequest {
  readonly content: string
}

export interface ChoiceRequest extends AccountRequest {
  readonly seq: number
  readonly id: string
}

/** Degrees. */
export interface Position {
  readonly latitude: number
  readonly longitude: number
}

export interface PhonePosition extends Position {
  readonly datum?: 'GCJ-02' | 'WGS-84'
}

export interface LocationRequest extends AccountRequest, PhonePosition {
  readonly label: string
  readonly scale?: number
}

export interface PositionRequest extends AccountRequest, PhonePosition {
  readonly precisionMetres?: number
}

export interface MediaRequest extends AccountRequest {
  readonly type: 'image' | 'voice' | 'video' | 'shortvideo'
  readonly base64: string
  readonly recognition?: string
}

export interface LinkRequest extends AccountRequest {
  readonly title: string
  readonly description: string
  readonly url: string
}

export interface MenuTap extends AccountRequest {
  /** Which button of the bar, and which of those below it. */
  readonly path: readonly number[]
  /** What the scanner read. */
  readonly result?: string
  readonly place?: PhonePosition & { readonly label: string; readonly name?: string; readonly scale?: number }
}

export interface TemplatesRequest extends AccountRequest {
  readonly blocked: boolean
}

export interface SubscriptionRequest extends AccountRequest {
  readonly templateId: string
  readonly status: 'accept' | 'reject'
  /** In the question itself, or later in the account's settings. */
  readonly where?: 'popup' | 'change'
}

export interface PageSignature extends AccountRequest {
  readonly url: string
  readonly nonceStr: string
  readonly timestamp: string
  readonly signature: string
}

export interface PhoneMessage {
  readonly seq: number
  readonly from: 'user' | 'account'
  /** `notice` is what the platform itself shows, e.g. when the account fails. */
  readonly kind:
    | 'text'
    | 'image'
    | 'voice'
    | 'video'
    | 'link'
    | 'location'
    | 'news'
    | 'music'
    | 'menu'
    | 'template'
    | 'notice'
  readonly text?: string
  readonly title?: string
  readonly mediaId?: string
  /** Where a card leads. */
  readonly url?: string
  /** The picture of a card. */
  readonly picUrl?: string
  readonly choices?: readonly { readonly id: string; readonly text: string }[]
  /** RFC 3339. */
  readonly at: string
}

export interface PhoneConversation {
  readonly device: 'phone' | 'tablet'
  readonly messages: readonly PhoneMessage[]
}

export type PhoneProblem =
  | 'request-invalid'
  | 'user-unknown'
  | 'account-unknown'
  | 'media-unknown'
  | 'code-unknown'
  | 'button-unknown'
  | 'button-opens'
  | 'button-not-played'
  | 'datum-not-convertible'
  | 'not-subscribed'
  | 'unauthorised'
  | 'control-off'
  | 'failed'
