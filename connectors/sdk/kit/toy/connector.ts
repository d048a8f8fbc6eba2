import { z } from 'zod'
import { defineConnector, type ConnectorDefinition } from '../../connector.ts'
import { secret } from '../../schema.ts'
import { approvals } from './approvals.ts'
import { noteSave } from './note.ts'
import { failures, logIn, text, type Mistake, type Toy, type ToySettings } from './site.ts'

/** A small connector with at most one mistake. */
export function toyConnector(
  mistake?: Mistake,
  parts: { sources?: false; operations?: false } = {},
): ConnectorDefinition<ToySettings, Toy> {
  const has = (one: Mistake): boolean => one === mistake
  const marked = secret('The key.', '${env:TOY_KEY}')
  const unmarked = z.string().meta({ description: 'The key.', examples: ['abc'] })
  return defineConnector<ToySettings, Toy>({
    name: 'toy',
    title: text('Toy', has('speaks one language') ? 'Toy' : '玩具'),
    summary: text('For the kit’s own tests.', '用于验收套件自身的测试。'),
    settings: z.strictObject({
      url: z.string().meta({ description: 'Address.', examples: ['https://toy.example.com'] }),
      secret: has('leaves its key unmarked') ? unmarked : marked,
    }),
    addresses: ({ url }) => [url],
    limits: () => ({ concurrency: 4, perSecond: 0, perMonth: 0 }),
    open: (settings, ground) => ({ ground, ...settings, has, token: undefined }),
    sources: parts.sources === false ? {} : { approval: approvals(has) },
    hooks:
      parts.sources === false
        ? {}
        : {
            push: {
              title: text('Push', '推送'),
              open: () => () => ({ is: 'refused', status: 401, because: 'nobody signs here' }),
            },
          },
    operations: parts.operations === false ? {} : { 'note.save': noteSave(has) },
    // Only a send can be in doubt.
    failures:
      parts.operations === false ? { ...failures, unclear: { ...failures.unclear, class: 'transient' } } : failures,
    budget: () => ({ perMonth: 0, lines: [{ what: { en: 'notes saved', zh: '保存便签' }, calls: 3100 }] }),
    check: async (link) => [await checkKey(link)],
    discover: async () => ({ forms: [], lists: { account: [] } }),
  })
}

async function checkKey(link: Toy) {
  const what = text('The key works', '密钥有效')
  const ok = await logIn(link).then(
    () => true,
    () => false,
  )
  return ok ? { ok, what } : { ok, what, help: failures.key.help }
}
