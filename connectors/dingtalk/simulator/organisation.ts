/** The one application this simulator knows; its credentials never change, so that examples can name them. */
export const application = {
  clientId: 'dinga1b2c3d4e5f6g7h8',
  clientSecret: 'MADE-UP-client-secret',
  corpId: 'ding7f3c9a1e5b2d4c6835c2f4657eb6378f',
  agentId: 2894617350,
  /** The unified app id that stream frames carry. */
  appId: '6d1f0b7e-3c52-4a98-9e41-5b7f20c8d913',
} as const

/** Settings of the HTTP push when nobody chose others. */
export const callbackDefaults = {
  token: 'Hub2024TokenAbc',
  aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
  receiveId: application.clientId,
} as const

/** One department as `department/listsub` gives it (dingtalk.md §6). The root has no parent. */
export interface Department {
  readonly dept_id: number
  readonly name: string
  readonly parent_id?: number
  readonly create_dept_group: boolean
  readonly auto_add_user: boolean
}

/** One colleague. Fields without a value are absent, as in the vendor's answers. */
export interface User {
  readonly userid: string
  readonly unionid: string
  readonly name: string
  readonly mobile: string
  readonly title: string
  readonly job_number: string
  readonly department: number
  readonly order: number
  readonly leader: boolean
  readonly work_place: string
  readonly email?: string
  readonly hired_date?: number
  readonly manager_userid?: string
  readonly extension?: string
  readonly role?: { readonly id: number; readonly name: string; readonly group_name: string }
}

export const ROOT = 1

const department = (dept_id: number, name: string, group = true): Department => ({
  dept_id,
  name,
  parent_id: ROOT,
  create_dept_group: group,
  auto_add_user: group,
})

/** 新业务部 is new: no table and no ledger knows it yet. */
export const departments: readonly Department[] = [
  { dept_id: ROOT, name: '华岳精密制造有限公司', create_dept_group: true, auto_add_user: true },
  department(587120341, '市场部'),
  department(587120342, '财务部'),
  department(587120343, '采购部', false),
  department(587120344, '销售部'),
  department(587120345, '研发部'),
  department(587120347, '行政部'),
  department(587120349, '新业务部'),
]

const colleague = (user: Omit<User, 'order' | 'leader' | 'work_place'> & Partial<User>): User => ({
  order: 1,
  leader: false,
  work_place: '深圳',
  ...user,
})

/** The manager agrees first, then finance (赵强). */
export const users: readonly User[] = [
  colleague({
    userid: '01482567391029374',
    unionid: 'kVdTq8ZiSxM7wYcN2rEo4QiEiE',
    name: '李晓敏',
    mobile: '13800000018',
    title: '市场专员',
    job_number: 'HY20210311',
    department: 587120341,
    email: 'lixm@huayue-jm.example',
    hired_date: 1615392000000,
    manager_userid: 'manager6812',
    extension: '{"成本中心":"CC-0301"}',
    role: { group_name: '职务', id: 2894617011, name: '市场专员' },
  }),
  colleague({
    userid: '17650938244120563',
    unionid: 'm2ZsPq6cUyJd9LxWe3FtNAiEiE',
    name: '孙雨桐',
    mobile: '13800000042',
    title: '市场专员',
    job_number: 'HY20240311',
    department: 587120341,
    email: 'sunyt@huayue-jm.example',
    manager_userid: 'manager6812',
  }),
  colleague({
    userid: 'manager6812',
    unionid: 'h7BvKn4aRgQe5TdYx1CsOwiEiE',
    name: '王建国',
    mobile: '13800000059',
    title: '部门负责人',
    job_number: 'HY20150608',
    department: 587120341,
    order: 3,
    leader: true,
  }),
  colleague({
    userid: '25341768092134750',
    unionid: 'c3RyHn7vWbKqE1sUoT6PzgiEiE',
    name: '陈雪',
    mobile: '13800000026',
    title: '财务主管',
    job_number: 'HY20190911',
    department: 587120342,
    order: 2,
    leader: true,
    email: 'chenx@huayue-jm.example',
    hired_date: 1568131200000,
  }),
  colleague({
    userid: '093621478512036700',
    unionid: 'a8GfJd4xCeYt0NuBi5VoMQiEiE',
    name: '赵强',
    mobile: '13800000034',
    title: '出纳',
    job_number: 'HY20220620',
    department: 587120342,
  }),
  colleague({
    userid: '30518742690017385',
    unionid: 'n5XkTw8uLfMz2PqCj7HaVgiEiE',
    name: '郑悦',
    mobile: '13800000067',
    title: '会计',
    job_number: 'HY20230402',
    department: 587120342,
  }),
  colleague({
    userid: '41207965830264719',
    unionid: 'p9DmFs3yGhRb6WnKt0ZeJQiEiE',
    name: '周浩',
    mobile: '13800000075',
    title: '销售经理',
    job_number: 'HY20200715',
    department: 587120344,
    leader: true,
  }),
  colleague({
    userid: '52760138491725063',
    unionid: 'q4CxLv7tNkSj1YbUr8MgDAiEiE',
    name: '林静',
    mobile: '13800000083',
    title: '研发工程师',
    job_number: 'HY20211108',
    department: 587120345,
  }),
  colleague({
    userid: '63814520976038421',
    unionid: 'r6EzHw2pQmVc9XdOa5TiBwiEiE',
    name: '何敏',
    mobile: '13800000091',
    title: '行政主管',
    job_number: 'HY20180523',
    department: 587120347,
    leader: true,
  }),
  colleague({
    userid: '74903652187460932',
    unionid: 's1GyKu5nTlWa8ZfPe3RhCgiEiE',
    name: '许诺',
    mobile: '13800000109',
    title: '业务拓展',
    job_number: 'HY20260901',
    department: 587120349,
  }),
]

const usersById = new Map(users.map((user) => [user.userid, user]))
const departmentsById = new Map(departments.map((one) => [one.dept_id, one]))

export const userById = (userid: string): User | undefined => usersById.get(userid)
export const departmentById = (id: number): Department | undefined => departmentsById.get(id)

/** Finds a department as people write it: by name or by id. */
export function findDepartment(written: string): Department | undefined {
  return departmentById(Number(written)) ?? departments.find(({ name }) => name === written)
}

/** Finds a colleague by name or by userid. */
export function findUser(written: string): User | undefined {
  return userById(written) ?? users.find(({ name }) => name === written)
}
