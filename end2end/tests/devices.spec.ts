// Bob has two phones: both ring, the one that is picked up has the call, and the other one is free again.
import { hearEachOther } from '../fixtures/call.ts'
import { expect, test } from '../fixtures/test.ts'

test('all phones of a party ring, and the first that answers has the call', async ({ api, board, phone }) => {
  await board.open()
  const alice = await phone('alice')
  const desk = await phone('bob')
  const mobile = await phone('bob', { transport: 'tcp' })
  await expect.poll(() => api.devices(desk.aor)).toHaveLength(2)
  await board.shows(board.call('alice', 'bob'))
  await board.call('alice', 'bob').click()
  await alice.incoming()
  await alice.accept()
  for (const one of [desk, mobile]) {
    const ring = await one.incoming()
    expect(ring.peeruri, 'each of them shows the first party').toBe(alice.aor)
  }

  await mobile.accept()
  await Promise.all([alice.established(), mobile.established(), desk.closed()])
  await board.says('alice', 'bob', /\d:\d\d/)
  expect(desk.log, 'so it shows no missed call').toMatch(/^CANCEL (?:.+\r?\n)*Reason: SIP;cause=200;text="Call completed elsewhere"/m)
  expect(await desk.isIdle(), 'the phone that was not picked up is free').toBe(true)
  await hearEachOther(alice, mobile)

  await mobile.hangUp()
  await alice.closed()
  await board.says('alice', 'bob', 'bob hung up after')
  await board.isClear('alice', 'bob')
})

test('one phone of a party declines, and the other one goes on ringing', async ({ board, phone }) => {
  await board.open()
  const [alice, desk, mobile] = [await phone('alice'), await phone('bob'), await phone('bob', { transport: 'tls' })]
  await board.shows(board.call('alice', 'bob'))
  await board.call('alice', 'bob').click()
  await alice.incoming()
  await alice.accept()
  await Promise.all([desk.incoming(), mobile.incoming()])
  await desk.hangUp()
  await desk.closed()
  await board.says('alice', 'bob', 'bob rings')
  await mobile.accept()
  await Promise.all([alice.established(), mobile.established()])
  await board.end('alice', 'bob').click()
  await Promise.all([alice.closed(), mobile.closed()])
  await board.isClear('alice', 'bob')
})
