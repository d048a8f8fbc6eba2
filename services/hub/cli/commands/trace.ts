import { itemsOf, textOf } from '../api.ts'
import type { CliCommand } from '../command.ts'
import { exits } from '../failure.ts'
import { momentOf } from '../listing.ts'
import { padTo, widthOf } from '../width.ts'

/** `shuniu trace <number>`: the story of one item, from receipt to voucher. */
export const trace: CliCommand = {
  usage: 'trace <number>',
  help: 'help.trace',
  needs: 'hub',
  async run({ api, screen }, { args: [number = ''] }) {
    const found = await api.get(`trace/${encodeURIComponent(number)}`)
    if (screen.json) {
      screen.data(found)
      return exits.fine
    }
    const { zone } = api
    screen.line(
      `${screen.paint('bold', textOf(found['number']))}  ${screen.paint('dim', screen.say('said.times-in', { zone }))}`,
    )
    const story = itemsOf(found['story']).map(({ at, text }) => ({ at: momentOf(at, zone), text: textOf(text) }))
    const width = Math.max(0, ...story.map(({ at }) => widthOf(at)))
    let before = ''
    for (const { at, text } of story) {
      screen.line(`${screen.paint('dim', padTo(at === before ? '' : at, width))}  ${text}`)
      before = at
    }
    return exits.fine
  },
}
