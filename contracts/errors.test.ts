import { describe, expect, it } from 'vitest'
import { fill, HubError } from './errors.ts'

describe('an error for users', () => {
  it('says in both languages what is wrong and what to do', () => {
    const error = new HubError('flow.unknown-connection', { connection: 'kingdee', nearest: 'kingdee-main' })
    expect(error.say('en')).toBe('There is no connection kingdee.')
    expect(error.help('en')).toBe('Did you mean kingdee-main? Connections stand in connections/*.yaml.')
    expect(error.help('zh')).toBe('是否想写 kingdee-main？连接写在 connections/*.yaml 中。')
  })

  it('does not put a second stop behind the sentence of somebody else', () => {
    expect(fill('The target says: {message}. Correct it.', { message: '分录不合法！' })).toBe(
      'The target says: 分录不合法！ Correct it.',
    )
    expect(fill('It says: {message}.', { message: 'no' })).toBe('It says: no.')
  })

  it('guesses nothing where there is nothing to guess among', () => {
    const error = new HubError('flow.unknown-connection', { connection: 'kingdee', nearest: '' })
    expect(error.help('en')).toBe('Connections stand in connections/*.yaml.')
    expect(error.help('zh')).toBe('连接写在 connections/*.yaml 中。')
    expect(new HubError('flow.unknown-operation', { nearest: '' }).help('en')).toBe('')
  })
})
