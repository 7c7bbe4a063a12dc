// The server is restarted: phones on connections come back by themselves, and nobody has to look after the page.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { dialled, hearEachOther, talk } from '../fixtures/call.ts'
import { expect, test } from '../fixtures/test.ts'

const data = fs.mkdtempSync(path.join(os.tmpdir(), 'crosspoint-data-'))
test.use({
  settings: {
    CROSSPOINT__STORE__EPHEMERAL: 'false',
    CROSSPOINT__STORE__DIR: data,
    CROSSPOINT__SIP__MIN_EXPIRES: '5s',
  },
})
test.afterAll(() => fs.rmSync(data, { recursive: true, force: true }))

test('phones on TCP and TLS are back after a restart', async ({ board, phone, server, api }) => {
  await board.open()
  const alice = await phone('alice', { transport: 'tcp', interval: 10 })
  const bob = await phone('bob', { transport: 'tls', interval: 10 })
  await board.shows(board.call('alice', 'bob'))

  await server.restart()
  expect(await api.devices(alice.aor), 'its Contact says where it listens').toEqual([expect.objectContaining({ reachable: true })])
  expect(await api.devices(bob.aor), 'its connection is gone').toEqual([expect.objectContaining({ reachable: false })])
  // Registrations are due again within their interval.
  for (const { aor } of [alice, bob]) {
    await expect.poll(() => api.devices(aor), { timeout: 15_000 }).toEqual([expect.objectContaining({ reachable: true })])
  }
  await expect(board.page.getByText('Live', { exact: true })).toBeVisible({ timeout: 20_000 })

  await dialled(bob, alice)
  await board.says('bob', 'alice', /\d:\d\d/)
  await hearEachOther(bob, alice)
  await alice.hangUp()
  await bob.closed()
  await board.isClear('bob', 'alice')
  for (const one of [alice, bob]) one.forget()
  await talk(board, alice, bob)
})
