// The job itself: one click, two real phones, one conversation.
import { allFree, ringFirst, ringSecond, talk } from '../fixtures/call.ts'
import { expect, test } from '../fixtures/test.ts'

test('one click connects two phones, and hanging up releases both', async ({ board, phone }) => {
  await board.open()
  await board.shows(board.page.getByText('No registered users. Please register at least two SIP User Agents.'))
  const alice = await phone('alice')
  await board.shows(board.page.getByText('One phone is registered. Register one more.'))
  const bob = await phone('bob')

  await test.step('alice rings first, then bob; each sees the other', () => talk(board, alice, bob))

  await test.step('audio flows both ways, from phone to phone', async () => {
    for (const [one, other] of [[alice, bob], [bob, alice]] as const) {
      const before = await one.rtp()
      const [low, high] = other.rtpPorts
      expect(before.remotePort, 'the audio goes to the other phone').toBeGreaterThanOrEqual(low)
      expect(before.remotePort, 'the audio goes to the other phone').toBeLessThanOrEqual(high)
      await expect(async () => {
        const now = await one.rtp()
        expect(now.sent - before.sent).toBeGreaterThan(40)
        expect(now.received - before.received).toBeGreaterThan(40)
      }).toPass({ timeout: 5_000 })
    }
  })

  await alice.hangUp()
  await bob.closed()
  await board.says('alice', 'bob', 'alice hung up after')
  await allFree(board, alice, bob)
  expect(await bob.heardTone(), 'bob heard what alice said').toBe(alice.tone)
  expect(await alice.heardTone(), 'alice heard what bob said').toBe(bob.tone)
})

test('the second phone hangs up', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob', { transport: 'tcp' })]
  await talk(board, alice, bob)
  await bob.hangUp()
  await alice.closed()
  await board.says('alice', 'bob', 'bob hung up after')
  await allFree(board, alice, bob)
})

test('the first phone declines', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await ringFirst(board, alice, bob)
  await alice.hangUp()
  await board.says('alice', 'bob', 'alice is busy')
  expect(bob.heard).not.toContain('CALL_INCOMING')
  await allFree(board, alice, bob)
})

test('the second phone declines', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await ringSecond(board, alice, bob)
  await bob.hangUp()
  await alice.closed()
  await board.says('alice', 'bob', 'bob is busy')
  await allFree(board, alice, bob)
})

test.describe('with little patience for the second phone', () => {
  test.use({ settings: { CROSSPOINT__CALLS__RING_B: '2s' } })

  test('it does not answer', async ({ board, phone }) => {
    await board.open()
    const [alice, bob] = [await phone('alice'), await phone('bob')]
    await ringSecond(board, alice, bob)
    await Promise.all([alice.closed(), bob.closed()])
    await board.says('alice', 'bob', 'bob did not answer')
    await allFree(board, alice, bob)
  })
})

test.describe('with little patience for the first phone', () => {
  test.use({ settings: { CROSSPOINT__CALLS__RING_A: '2s' } })

  test('it does not answer', async ({ board, phone }) => {
    await board.open()
    const [alice, bob] = [await phone('alice'), await phone('bob')]
    await ringFirst(board, alice, bob)
    await alice.closed()
    await board.says('alice', 'bob', 'alice did not answer')
    expect(bob.heard).not.toContain('CALL_INCOMING')
    await allFree(board, alice, bob)
  })
})

test('the operator ends a call while the first phone rings', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await ringFirst(board, alice, bob)
  await board.end('alice', 'bob').click()
  await alice.closed()
  await board.says('alice', 'bob', 'Cancelled')
  expect(bob.heard).not.toContain('CALL_INCOMING')
  await allFree(board, alice, bob)
})

test('the operator ends a call while the second phone rings', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await ringSecond(board, alice, bob)
  await board.end('alice', 'bob').click()
  await Promise.all([alice.closed(), bob.closed()])
  await board.says('alice', 'bob', 'Cancelled')
  await allFree(board, alice, bob)
})

test('the operator ends a conversation', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob', { transport: 'tcp' })]
  await talk(board, alice, bob)
  await board.end('alice', 'bob').click()
  await Promise.all([alice.closed(), bob.closed()])
  await board.says('alice', 'bob', 'Ended after')
  await allFree(board, alice, bob)
})

test('the other way round the other phone rings first', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await talk(board, bob, alice)
  await bob.hangUp()
  await alice.closed()
  await allFree(board, bob, alice)
})

test('a reloaded page shows the same conversation', async ({ board, phone }) => {
  await board.open()
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  await talk(board, alice, bob)
  await board.open()
  await board.says('alice', 'bob', /\d:\d\d/)
  await board.end('alice', 'bob').click()
  await Promise.all([alice.closed(), bob.closed()])
  await allFree(board, alice, bob)
})
