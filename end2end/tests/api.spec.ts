// One HTTP call does what a click does.
import { expect, test } from '../fixtures/test.ts'

test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, 'no page is involved: once is enough')

test('a program places, watches and ends a call', async ({ server, phone, request }) => {
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  const api = `${server.http}/api/v1`
  const placed = await request.post(`${api}/calls`, { data: { from: alice.aor, to: bob.aor } })
  expect(placed.status()).toBe(202)
  const { id } = await placed.json()
  expect(placed.headers().location).toBe(`/api/v1/calls/${id}`)

  await alice.incoming()
  const again = await request.post(`${api}/calls`, { data: { from: bob.aor, to: alice.aor } })
  expect(again.status()).toBe(409)
  expect((await again.json()).code).toBe('already_in_call')

  await alice.accept()
  await bob.incoming()
  await bob.accept()
  await Promise.all([alice.established(), bob.established()])
  await expect(async () => expect((await (await request.get(`${api}/calls/${id}`)).json()).state).toBe('talking')).toPass()

  expect((await request.delete(`${api}/calls/${id}`)).status()).toBe(204)
  expect((await request.delete(`${api}/calls/${id}`)).status()).toBe(204)
  await Promise.all([alice.closed(), bob.closed()])
})

test('a call is refused with a code and a remedy', async ({ server, phone, request }) => {
  const alice = await phone('alice')
  const place = (to: string) => request.post(`${server.http}/api/v1/calls`, { data: { from: alice.aor, to } })
  for (const [to, status, code] of [
    ['sip:nobody@click.test', 409, 'not_registered'],
    [alice.aor, 422, 'same_party'],
    ['alice', 422, 'bad_address'],
  ] as const) {
    const refused = await place(to)
    expect(refused.status()).toBe(status)
    expect(refused.headers()['content-type']).toBe('application/problem+json')
    const problem = await refused.json()
    expect(problem.code).toBe(code)
    expect(problem.detail.length).toBeGreaterThan(10)
  }
})

test('a second click on another page is refused in words', async ({ server, request, board }) => {
  const form = { from: 'sip:alice@click.test', to: 'sip:bob@click.test' }
  const answer = await request.post(`${server.http}/actions/place_call`, {
    form,
    headers: { accept: 'text/html', referer: `${server.http}/`, origin: server.http },
    maxRedirects: 0,
  })
  expect(answer.status()).toBe(302)
  await board.page.goto(new URL(answer.headers().location ?? '', server.http).href)
  await expect(board.page.getByRole('alert')).toContainText('alice@click.test is not registered')
})

test('a form of another site places no call', async ({ server, phone, request }) => {
  const [alice, bob] = [await phone('alice'), await phone('bob')]
  const answer = await request.post(`${server.http}/actions/place_call`, {
    form: { from: alice.aor, to: bob.aor },
    headers: { origin: 'http://elsewhere.test' },
    maxRedirects: 0,
  })
  expect(answer.status()).toBe(403)
  expect(await (await request.get(`${server.http}/api/v1/calls`)).json()).toEqual([])
})

test('the address of the old example leads to the board', async ({ server, request }) => {
  for (const path of ['/Click2CallAsync/', '/click2callasync/index.html']) {
    const answer = await request.get(server.http + path, { maxRedirects: 0 })
    expect(answer.status()).toBe(308)
    expect(answer.headers().location).toBe('/')
  }
})

test('health, readiness and metrics are told', async ({ server, request, phone }) => {
  await phone('alice')
  expect((await request.get(`${server.http}/healthz`)).status()).toBe(200)
  expect((await request.get(`${server.http}/readyz`)).status()).toBe(200)
  expect(await (await request.get(`${server.http}/metrics`)).text()).toContain('crosspoint_registrations 1')
})
