import { secret } from '@shuniu/sdk'
import { z } from 'zod'

/** Kingdee's default slots of the auxiliary dimensions (kingdee.md §6.3); a tenant's own come on top. */
const defaultSlots = {
  supplier: 'FFLEX4',
  department: 'FFLEX5',
  customer: 'FFLEX6',
  employee: 'FFLEX7',
  expenseItem: 'FFLEX9',
}

/** The base data form behind each default slot, for the check that a record exists and may be used. */
const defaultForms: Readonly<Record<string, string>> = {
  FFLEX4: 'BD_Supplier',
  FFLEX5: 'BD_Department',
  FFLEX6: 'BD_Customer',
  FFLEX7: 'BD_Empinfo',
  FFLEX9: 'BD_Expense',
}

const key = z.string().regex(/^[A-Za-z_]\w*$/, 'must be a Kingdee key such as FFLEX5')

/** Scheme, host and port as they are written: a URL would turn `127.1` into another text, and the guard could not tell. */
const WRITTEN_ORIGIN = /^[^/]*\/\/[^/?#]*/

/** The address a connection may call, as it is written. */
export function writtenOrigin({ serverUrl }: { readonly serverUrl: string }): string {
  return WRITTEN_ORIGIN.exec(serverUrl)?.[0] ?? serverUrl
}

/** The root of the web API: a bare origin gets `/k3cloud/`, and a closing slash is added. */
function apiRoot(serverUrl: string): string {
  const { pathname } = new URL(serverUrl)
  const path = pathname === '/' ? '/k3cloud/' : pathname.endsWith('/') ? pathname : `${pathname}/`
  return `${writtenOrigin({ serverUrl })}${path}`
}

/** The form and fields are the simulator's; no confirmed query exists (kingdee.md §13). */
const defaultPeriodQuery = {
  form: 'BD_ACCOUNTCALENDAR',
  filter: "FAccountBookID.FNumber='{book}'",
  fields: { year: 'FYEAR', period: 'FPERIOD', closed: 'FISCLOSED' },
}

const periodQuery = z.strictObject({
  form: key.meta({ description: 'Form that holds the periods of a book.', examples: ['BD_ACCOUNTCALENDAR'] }),
  filter: z.string().meta({
    description: 'Filter text; {book} stands for the quoted number of the account book.',
    examples: ["FAccountBookID.FNumber='{book}'"],
  }),
  fields: z
    .strictObject({
      year: key.meta({ description: 'Field of the fiscal year.', examples: ['FYEAR'] }),
      period: key.meta({ description: 'Field of the period, 1 to 12.', examples: ['FPERIOD'] }),
      closed: key.optional().meta({ description: 'Field that is true when it is closed.', examples: ['FISCLOSED'] }),
    })
    .meta({
      description: 'Fields of year, period and "is closed". Without `closed`, the one row names the first open period.',
      examples: [{ year: 'FYEAR', period: 'FPERIOD', closed: 'FISCLOSED' }],
    }),
})

/** What a connection to Kingdee Cloud Galaxy says. Each setting has its help and an example here and nowhere else. */
export const settings = z.strictObject({
  serverUrl: z
    .url({ protocol: /^https?$/ })
    .meta({
      description: 'Address of the site; `/k3cloud/` is added to a bare origin.',
      examples: ['https://erp.example.com/k3cloud/'],
    })
    .transform(apiRoot),
  acctId: z
    .string()
    .min(1)
    .meta({ description: 'Id of the data centre (账套).', examples: ['6543a1b2c3d4e5'] }),
  userName: z
    .string()
    .min(1)
    .meta({
      description:
        'The integration user; it becomes the maker (制单) of every voucher, so it must not be the reviewer.',
      examples: ['hub_bot'],
    }),
  appId: z
    .string()
    .min(1)
    .meta({ description: 'Application id of the third-party grant.', examples: ['219903_WEVX…'] }),
  appSecret: secret('Secret of the third-party grant.', '${env:KINGDEE_SECRET}'),
  login: z
    .enum(['signature', 'app-secret'])
    .default('signature')
    .meta({
      description:
        'How calls prove who they are: signed headers (third-party grant), or a session by LoginByAppSecret.',
      examples: ['signature'],
    }),
  lcid: z
    .int()
    .default(2052)
    .meta({ description: 'Language of texts; 2052 is simplified Chinese.', examples: [2052] }),
  orgNum: z
    .string()
    .default('0')
    .meta({ description: 'Number of the default organisation; 0 = none.', examples: ['100'] }),
  referenceField: key.default('F_HUB_SourceId').meta({
    description:
      'Text field of the voucher header that holds our reference. FBUSNO = no such field: use 业务编号 of every entry.',
    examples: ['F_HUB_SourceId'],
  }),
  dimensions: z
    .record(z.string(), key)
    .default({})
    .meta({
      description: 'Slot of each dimension that an entry may name; the usual ones are known, add your own.',
      examples: [{ project: 'FF100004', bankAccount: 'FF100005' }],
    })
    .transform((own): Readonly<Record<string, string>> => ({ ...defaultSlots, ...own })),
  dimensionForms: z
    .record(key, z.union([key, z.literal('')]))
    .default({})
    .meta({
      description:
        'Base data form behind a slot, to check that a record exists; an empty text leaves the check to Kingdee.',
      examples: [{ FF100004: 'BAS_PreBaseDataOne' }],
    })
    .transform((own): Readonly<Record<string, string>> => ({ ...defaultForms, ...own })),
  periodQuery: periodQuery.default(defaultPeriodQuery).meta({
    description:
      'Where the state of periods is read. The default is not confirmed on a real tenant: `connection check` tries it.',
    examples: [defaultPeriodQuery],
  }),
})

export type Settings = z.output<typeof settings>
