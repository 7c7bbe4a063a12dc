// Every state of the page in both themes and three widths: accessible (axe finds nothing) and pictured in shots/.
import path from 'node:path'

import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'

import { ringFirst, ringSecond, talk } from '../fixtures/call.ts'
import { expect, test } from '../fixtures/test.ts'

const SHOTS = path.resolve(import.meta.dirname, '../shots')
const WIDTHS = [390, 768, 1440]

/** Looks at the page as it is now. */
async function look(page: Page, state: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const found = await new AxeBuilder({ page }).analyze()
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`)).toEqual([])
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 })
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect(sideways, `${state} at ${width}: the page itself does not scroll sideways`).toBeLessThanOrEqual(0)
      await page.screenshot({ path: `${SHOTS}/${state}-${colorScheme}-${width}.png` })
    }
  }
}

test('no phone, one phone', async ({ board, raw }) => {
  await board.open()
  await look(board.page, 'empty')
  await (await raw()).register({ aor: 'sip:alice@click.test', name: '"Alice Ampère" ', userAgent: 'Yealink SIP-T54W 96.86.0.70' })
  await board.shows(board.row('Alice Ampère'))
  await look(board.page, 'one')
})

test('two phones from ring to failure', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await board.shows(board.call('alice', 'bob'))
  await look(board.page, 'two')
  await ringFirst(board, alice, bob)
  await look(board.page, 'ringing-first')
  await alice.hangUp()
  await board.says('alice', 'bob', 'alice is busy')
  await look(board.page, 'failed')
})

test('two phones from second ring to talk', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await ringSecond(board, alice, bob)
  await look(board.page, 'ringing-second')
  await board.end('alice', 'bob').click()
  await board.isClear('alice', 'bob')
  alice.forget()
  bob.forget()
  await talk(board, alice, bob)
  await look(board.page, 'talking')
})

test('a desk at work', async ({ board, phone, raw }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  const carol = await phone('carol', { transport: 'tcp' })
  await (await raw()).register({ aor: 'sip:desk@click.test', name: '"Front desk" ', userAgent: 'Yealink SIP-T54W 96.86.0.70' })
  await talk(board, alice, bob)
  await board.call('carol', 'Front desk').click()
  await carol.incoming()
  await board.says('carol', 'Front desk', 'carol rings')
  await look(board.page, 'desk')
  // The picture of the README.
  await board.page.emulateMedia({ colorScheme: 'light' })
  await board.page.setViewportSize({ width: 1280, height: 540 })
  await board.page.screenshot({ path: `${SHOTS}/board.png` })
})

test('twelve phones with names as people have them', async ({ board, raw }) => {
  const people = [
    ['alice', 'Alice Ampère', 'Yealink SIP-T54W 96.86.0.70'],
    ['bob', 'Bob', 'baresip v1.0.0 (x86_64/linux)'],
    ['carol', 'Carolina Fernández-Villanueva de la Torre', 'Grandstream GXP2170 1.0.11.64'],
    ['dave', 'Dave', 'Zoiper v2.10.20.4'],
    ['erin', 'Erin O’Malley', 'LinphoneAndroid/5.2.0 (Pixel 8)'],
    ['frank', 'Frank', 'MicroSIP/3.21.3'],
    ['front-desk', 'Front desk (ground floor, left of the lift)', 'snomD785/10.1.175.16'],
    ['grace', 'Grace', 'PolyVVX-VVX_450-UA/6.4.6.2453'],
    ['heidi', 'Heidi', 'Cisco-CP8841-3PCC/12.0.1'],
    ['ivan', 'Иван Петров', 'Telephone 1.6'],
    ['judy', 'Judy', 'Acrobits Groundwire'],
    ['warehouse', '', ''],
  ] as const
  await board.open()
  const peer = await raw()
  for (const [user, name, userAgent] of people) {
    await peer.register({ aor: `sip:${user}@click.test`, name: name && `"${name}" `, userAgent: userAgent || 'x' })
  }
  await board.shows(board.row('warehouse'))
  await look(board.page, 'twelve')
})
