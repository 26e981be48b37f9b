export type XmlRefusal =
  | 'xml-too-large'
  | 'xml-not-utf8'
  | 'xml-control-character'
  | 'xml-document-type'
  | 'xml-entity-unknown'
  | 'xml-malformed'
  | 'xml-too-deep'
  | 'xml-too-many-fields'
  | 'xml-root-wrong'
  | 'xml-field-twice'

/** Thrown for XML that is not taken; it says why, and repeats nothing of it. */
export class XmlRefused extends Error {
  override readonly name = 'XmlRefused'
  constructor(readonly reason: XmlRefusal) {
    super(`the XML is refused: ${reason}`)
  }
}
