// What phones do among themselves: they dial each other through the proxy, over every transport, with passwords, and the
// board shows it.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { allFree, dialled, hearEachOther } from '../fixtures/call.ts'
import { BINARY } from '../fixtures/server.ts'
import { expect, test } from '../fixtures/test.ts'

test('a phone dials another, and the board shows their call', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob', { transport: 'tcp' })]
  await alice.dial(bob.aor)
  await bob.incoming()
  await board.says('alice', 'bob', 'bob rings')
  await bob.accept()
  await Promise.all([alice.established(), bob.established()])
  await board.says('alice', 'bob', /\d:\d\d/)
  await hearEachOther(alice, bob)
  await bob.hangUp()
  await alice.closed()
  await board.says('alice', 'bob', 'bob hung up after')
  await allFree(board, alice, bob)
})

test('the operator ends a call that a phone has placed', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await dialled(alice, bob)
  await board.shows(board.end('alice', 'bob'))
  await board.end('alice', 'bob').click()
  await Promise.all([alice.closed(), bob.closed()])
  await allFree(board, alice, bob)
})

test('a caller gives up while the other phone rings', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await alice.dial(bob.aor)
  await bob.incoming()
  await board.says('alice', 'bob', 'bob rings')
  await alice.hangUp()
  await Promise.all([alice.closed(), bob.closed()])
  await allFree(board, alice, bob)
})

test('hold and resume pass through', async ({ phone }) => {
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await dialled(alice, bob)
  await alice.hold()
  await expect.poll(() => bob.log, { message: 'bob hears of the hold' }).toContain('a=sendonly')
  await alice.resume()
  await hearEachOther(alice, bob)
  await alice.hangUp()
  await bob.closed()
})

test('a phone on TLS is dialled from one on UDP', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob', { transport: 'tls' })]
  await board.shows(board.call('alice', 'bob'))
  await dialled(alice, bob)
  await hearEachOther(alice, bob)
  await alice.hangUp()
  await bob.closed()
  await allFree(board, alice, bob)
})

test.describe('where passwords are asked for', () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'crosspoint-data-'))
  test.use({
    settings: {
      CROSSPOINT__AUTH__MODE: 'digest',
      CROSSPOINT__STORE__EPHEMERAL: 'false',
      CROSSPOINT__STORE__DIR: data,
    },
  })
  test.beforeAll(() => {
    for (const user of ['alice', 'bob']) {
      const added = spawnSync(BINARY, ['user', 'add', user, '--data-dir', data], { input: `password-of-${user}\n` })
      expect(added.status, added.stderr.toString()).toBe(0)
    }
  })
  test.afterAll(() => fs.rmSync(data, { recursive: true, force: true }))

  test('phones with the right one register and call each other', async ({ board, phone }) => {
    await board.open()
    const alice = await phone('alice', { password: 'password-of-alice' })
    const bob = await phone('bob', { password: 'password-of-bob' })
    await dialled(alice, bob)
    await hearEachOther(alice, bob)
    await alice.hangUp()
    await bob.closed()
    await allFree(board, alice, bob)
    await expect(phone('alice', { password: 'a guess' })).rejects.toThrow('not registered')
  })
})
