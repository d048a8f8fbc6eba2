import { z } from 'zod'
import { oldAnswer, oldError } from './answers.ts'
import { ROOT, departmentById, departments, userById, users } from './organisation.ts'
import type { User } from './organisation.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'

const inDepartment = (id: number): User[] => users.filter(({ department }) => department === id)
const noDepartment = () => oldError(60003, '部门不存在')
const nothing = () => oldAnswer({ result: [] })
const withDepartment = z.object({ dept_id: z.coerce.number().default(ROOT) })
const DEPARTMENTS = 'qyapi_get_department_list'
const MEMBERS = 'qyapi_get_member'

/** Contacts: old API, exempt from the quota (dingtalk.md §6). */
export const contactRoutes: readonly Route[] = [
  route({
    at: 'POST /topapi/v2/department/listsub',
    operation: 'department.list',
    scope: DEPARTMENTS,
    empty: nothing,
    input: withDepartment,
    run({ dept_id }) {
      if (!departmentById(dept_id)) return noDepartment()
      return oldAnswer({ result: departments.filter(({ parent_id }) => parent_id === dept_id) })
    },
  }),
  route({
    at: 'POST /topapi/v2/department/listsubid',
    operation: 'department.list',
    scope: DEPARTMENTS,
    empty: () => oldAnswer({ result: { dept_id_list: [] } }),
    input: withDepartment,
    run({ dept_id }) {
      if (!departmentById(dept_id)) return noDepartment()
      const children = departments.filter(({ parent_id }) => parent_id === dept_id)
      return oldAnswer({ result: { dept_id_list: children.map((child) => child.dept_id) } })
    },
  }),
  route({
    at: 'POST /topapi/v2/department/get',
    operation: 'department.get',
    scope: DEPARTMENTS,
    input: withDepartment,
    run({ dept_id }) {
      const result = departmentById(dept_id)
      return result ? oldAnswer({ result }) : noDepartment()
    },
  }),
  route({
    at: 'POST /topapi/v2/user/list',
    operation: 'user.list',
    scope: MEMBERS,
    empty: () => oldAnswer({ result: { has_more: false, list: [] } }),
    input: withDepartment.extend({
      cursor: z.coerce.number().int().min(0).default(0),
      size: z.coerce.number().int().min(1).max(100),
    }),
    run({ dept_id, cursor, size }) {
      if (!departmentById(dept_id)) return noDepartment()
      const all = inDepartment(dept_id)
      const list = all.slice(cursor, cursor + size).map(listed)
      const end = cursor + size
      return oldAnswer({
        result: { has_more: end < all.length, list, ...(end < all.length && { next_cursor: end }) },
      })
    },
  }),
  route({
    at: 'POST /topapi/user/listid',
    operation: 'user.list',
    scope: MEMBERS,
    empty: () => oldAnswer({ result: { userid_list: [] } }),
    input: withDepartment,
    run({ dept_id }) {
      if (!departmentById(dept_id)) return noDepartment()
      return oldAnswer({ result: { userid_list: inDepartment(dept_id).map(({ userid }) => userid) } })
    },
  }),
  route({
    at: 'POST /topapi/v2/user/get',
    operation: 'user.get',
    scope: MEMBERS,
    input: z.object({ userid: z.string() }),
    run({ userid }) {
      const user = userById(userid)
      return user ? oldAnswer({ result: detailed(user) }) : oldError(33012, '无效的USERID')
    },
  }),
  route({
    at: 'POST /topapi/v2/user/getbymobile',
    operation: 'user.find',
    scope: MEMBERS,
    input: z.object({ mobile: z.string() }),
    run: ({ mobile }) => found(users.find((user) => user.mobile === mobile)),
  }),
  route({
    at: 'POST /topapi/user/getbyunionid',
    operation: 'user.find',
    scope: MEMBERS,
    input: z.object({ unionid: z.string() }),
    run: ({ unionid }) => found(users.find((user) => user.unionid === unionid)),
  }),
]

const found = (user: User | undefined) =>
  user ? oldAnswer({ result: { userid: user.userid } }) : oldError(60121, '找不到该用户')

/** What both `user/get` and `user/list` tell; fields without a value are absent. */
const common = (user: User) => ({
  active: true,
  admin: false,
  avatar: '',
  boss: false,
  dept_id_list: [user.department],
  ...(user.email !== undefined && { email: user.email, org_email: user.email }),
  exclusive_account: false,
  hide_mobile: false,
  ...(user.hired_date !== undefined && { hired_date: user.hired_date }),
  job_number: user.job_number,
  mobile: user.mobile,
  name: user.name,
  remark: '',
  state_code: '86',
  telephone: '',
  title: user.title,
  unionid: user.unionid,
  userid: user.userid,
  work_place: user.work_place,
})

const listed = (user: User) => ({ ...common(user), dept_order: user.order, leader: user.leader })

const detailed = (user: User) => ({
  ...common(user),
  dept_order_list: [{ dept_id: user.department, order: user.order }],
  ...(user.extension !== undefined && { extension: user.extension }),
  leader_in_dept: [{ dept_id: user.department, leader: user.leader }],
  ...(user.manager_userid !== undefined && { manager_userid: user.manager_userid }),
  real_authed: true,
  ...(user.role && { role_list: [user.role] }),
  senior: false,
})
