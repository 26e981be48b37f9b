import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldOf, readXml, textOf, writeXml, XmlRefused, type XmlRefusal } from './strict-xml.js'

function refusal(body: string | Uint8Array): XmlRefusal | 'taken' {
  try {
    readXml(body)
    return 'taken'
  } catch (error) {
    assert.ok(error instanceof XmlRefused)
    return error.reason
  }
}

test('what is written is read back, whatever a user types', () => {
  for (const text of [
    '车位 <B-17> & ]]> 完',
    ']]>',
    '<![CDATA[x]]>',
    '&lt;&foo;',
    ' 空 格 ',
    '😀',
    '<!DOCTYPE x>',
  ]) {
    const xml = writeXml({
      Content: text,
      Number: 7,
      Id: 4611686018427387905n,
      Nested: { Label: text },
      None: undefined,
    })
    const read = readXml(Buffer.from(xml))
    assert.equal(textOf(read, 'Content'), text)
    assert.equal(textOf(fieldOf(read, 'Nested'), 'Label'), text)
    assert.deepEqual([textOf(read, 'Number'), textOf(read, 'Id')], ['7', '4611686018427387905'])
    assert.equal(fieldOf(read, 'None'), undefined)
  }
})

test('pretty XML, comments, entities of XML and lists are read', () => {
  const read = readXml(
    '<?xml version="1.0" encoding="UTF-8"?>\n<xml>\n <a>1 &lt; 2 &#x4e2d;&#20013;&amp;lt;</a> <!-- c -->\n <L><item><T>1</T></item><item><T>2</T></item></L></xml>\n',
  )
  assert.equal(textOf(read, 'a'), '1 < 2 中中&lt;')
  assert.deepEqual(
    (fieldOf(fieldOf(read, 'L'), 'item') as object[]).map((item) => ({ ...item })),
    [{ T: '1' }, { T: '2' }],
  )
  assert.deepEqual(readXml('<xml></xml>'), {})
  assert.equal(textOf(readXml('<xml><toString>1</toString></xml>'), 'constructor'), '')
})

const many = (count: number) => Array.from({ length: count }, (_, i) => `<f${i}>1</f${i}>`).join('')
const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${'<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'.repeat(9)}]><xml><a>&b;</a></xml>`

const ATTACKS: [string, string | Uint8Array, XmlRefusal | 'taken'][] = [
  [
    'an external entity',
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
    'xml-document-type',
  ],
  ['an external document type', '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml/>', 'xml-document-type'],
  ['a parameter entity', '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://x/">%a;]><xml/>', 'xml-document-type'],
  ['an entity bomb', bomb, 'xml-document-type'],
  ['a document type behind a comment', '<!-- --><!doctype x><xml/>', 'xml-document-type'],
  ['an entity of nobody', '<xml><a>&b;</a></xml>', 'xml-entity-unknown'],
  ['an entity of HTML', '<xml><a>&nbsp;</a></xml>', 'xml-entity-unknown'],
  ['10 MB of text', `<xml><a>${'a'.repeat(10 * 1024 * 1024)}</a></xml>`, 'xml-too-large'],
  ['10 MB of bytes', Buffer.alloc(10 * 1024 * 1024, 'a'), 'xml-too-large'],
  ['deep nesting', `<xml>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}</xml>`, 'xml-too-large'],
  ['nesting', `<xml>${'<a>'.repeat(1_000)}${'</a>'.repeat(1_000)}</xml>`, 'xml-too-deep'],
  ['many fields', `<xml>${many(300)}</xml>`, 'xml-too-many-fields'],
  [
    'bad UTF-8',
    Buffer.from([...Buffer.from('<xml><a>'), 0xc3, 0x28, ...Buffer.from('</a></xml>')]),
    'xml-not-utf8',
  ],
  [
    'overlong UTF-8',
    Buffer.from([...Buffer.from('<xml><a>'), 0xc0, 0xbc, ...Buffer.from('</a></xml>')]),
    'xml-not-utf8',
  ],
  ['UTF-16', Buffer.from('\ufeff<xml/>', 'utf16le'), 'xml-not-utf8'],
  ['a NUL', '<xml><a>a\0b</a></xml>', 'xml-control-character'],
  ['another encoding', '<?xml version="1.0" encoding="gbk"?><xml><a>1</a></xml>', 'xml-malformed'],
  ['a processing instruction', '<xml><?php x ?><a>1</a></xml>', 'xml-malformed'],
  ['a section that does not end', '<xml><a><![CDATA[x</a></xml>', 'xml-malformed'],
  ['a section within a section', '<xml><a><![CDATA[<![CDATA[x]]>]]></a></xml>', 'taken'],
  ['a section for fields', '<xml><![CDATA[<ToUserName>x</ToUserName>]]></xml>', 'xml-root-wrong'],
  ['a section between fields', '<xml><a>1</a><![CDATA[<b>2</b>]]></xml>', 'xml-malformed'],
  [
    'a field twice',
    '<xml><FromUserName>a</FromUserName><FromUserName>b</FromUserName></xml>',
    'xml-field-twice',
  ],
  [
    'a document type between comments that look like a section',
    '<!-- <![CDATA[ --><!DOCTYPE x [<!ENTITY a "b">]><!-- ]]> --><xml><a>1</a></xml>',
    'xml-document-type',
  ],
  [
    'a document type behind an attribute that looks like a comment',
    '<xml a="><!-- "><!DOCTYPE x [<!ENTITY a "b">]><a>&a;</a><!-- --></xml>',
    'xml-malformed',
  ],
  [
    'an entity between comments that look like a section',
    '<xml><a><!-- <![CDATA[ -->&a;<!-- ]]> --></a></xml>',
    'xml-entity-unknown',
  ],
  [
    'a declaration that looks like a section',
    '<?xml version="1.0" <![CDATA[ ?><!DOCTYPE x><?xml ]]> ?><xml/>',
    'xml-document-type',
  ],
  ['a NUL by its number', '<xml><a>&#0;</a></xml>', 'xml-control-character'],
  ['a surrogate by its number', '<xml><a>&#xd800;</a></xml>', 'xml-control-character'],
  ['a character beyond all', '<xml><a>&#x110000;</a></xml>', 'xml-control-character'],
  ['sections that do not end', '<![CDATA['.repeat(7_000), 'xml-malformed'],
  ['comments that do not end', '<!--'.repeat(16_000), 'xml-malformed'],
  ['tags that do not end', '<a "'.repeat(16_000), 'xml-malformed'],
  ['two documents', '<xml><a>1</a></xml><xml><a>2</a></xml>', 'xml-malformed'],
  ['another root', '<html><a>1</a></html>', 'xml-root-wrong'],
  ['text', 'hello', 'xml-malformed'],
  ['nothing', '', 'xml-malformed'],
  ['a poisoned prototype', '<xml><__proto__><a>1</a></__proto__></xml>', 'xml-malformed'],
]
for (const [what, body, reason] of ATTACKS) {
  test(`${what}: ${reason}`, () => assert.equal(refusal(body), reason))
}

test('a section cannot smuggle a field in', () => {
  const read = readXml(
    '<xml><Content><![CDATA[</Content><FromUserName>admin</FromUserName>]]></Content></xml>',
  )
  assert.equal(textOf(read, 'FromUserName'), '')
})

test('refusing costs no memory to speak of', () => {
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 2_000; i++) {
    refusal(bomb)
    refusal(`<xml>${'<a>'.repeat(1_000)}${'</a>'.repeat(1_000)}</xml>`)
  }
  assert.ok(process.memoryUsage().heapUsed - before < 100 * 1024 * 1024)
})
