import { Instant, type Value } from '@shuniu/contracts'
import type { Handed, Reading, Source } from '../../source.ts'
import { call, logIn, text, textOf, type Toy } from './site.ts'

type Has = Toy['has']

const handed = (id: string): Handed => ({ source: 'approval', key: `sweep:${id}`, subject: id, form: 'F', body: id })

async function list(link: Toy): Promise<Handed[]> {
  await (link.token ?? logIn(link))
  const rows = await call(link, 'GET', '/approvals')
  return (Array.isArray(rows) ? rows : []).map((row: Value) => handed(textOf(row, 'id')))
}

/** The approvals of the toy system. */
export function approvals(has: Has): Source<Toy> {
  return {
    title: text('Approvals', '审批'),
    documentType: () => ({ kind: 'record', fields: {} }),
    async read(link, { subject }) {
      await (link.token ?? logIn(link))
      return readingOf(await call(link, 'GET', `/approvals/${subject}`), has)
    },
    sweep: has('sweeps nothing and gives no reason')
      ? { none: ' ' }
      : { rhythm: [{ window: 7_200_000, every: 3_600_000 }], page: async (link) => ({ handed: await list(link) }) },
    sample: async (link, _form, last) => (await list(link)).slice(-last),
  }
}

function readingOf(row: Value, has: Has): Reading {
  const [id, root, said] = [textOf(row, 'id'), textOf(row, 'root'), textOf(row, 'kind')]
  const kind = said === 'revoke' && !has('takes a revocation for a payment') ? said : said === 'modify' ? said : 'new'
  const at = new Instant(Number(textOf(row, 'at')))
  const document = { form: 'F', id, root, kind, number: id, final: true, at, version: said, values: {} } as const
  // In the toy every change comes before the revocation, and everything of a chain happens at once.
  return { is: 'document', document: { ...document, rootAt: new Instant(0), agreedChanges: kind === 'new' ? 0 : 1 } }
}
