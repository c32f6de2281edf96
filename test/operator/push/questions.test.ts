// A question about a call travels to the proxy on its stream, and its answer comes back; a silent proxy is an answer.
import { expect, test } from 'vitest'
import { ANSWER_LIMIT_MS, MAX_WAITING } from '../../../operator/push/questions.ts'
import { waitUntil } from '../../support/kubernetes/wait-until.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { useRigs } from '../../support/use-rigs.ts'

const { rigged, bare, proxied } = useRigs()

test('the proxy of a pod is asked on its own stream', async () => {
  const rig = await rigged()
  await proxied(rig)
  await waitUntil('the stream is open', () => rig.push.proxies().length === 1)
  const [connected] = rig.push.proxies()
  await expect(rig.push.explain(connected?.identity.podUid ?? '', 'a call')).resolves.toEqual({
    status: 200,
    text: 'explained a call',
  })
  expect(rig.push.explain('another', 'a call')).toBeNull()
})

test('a proxy that is silent, and one that is asked too much, are answers too', async () => {
  const clock = new ManualClock()
  const rig = await rigged({ clock })
  const proxy = bare(rig).hello()
  await waitUntil('the stream is open', () => rig.push.proxies()[0]?.version !== undefined)
  const [connected] = rig.push.proxies()
  const ask = async () => await rig.push.explain(connected?.identity.podUid ?? '', 'a call')
  const asked = Array.from({ length: MAX_WAITING }, ask)
  expect((await ask())?.status).toBe(503)
  clock.advance(ANSWER_LIMIT_MS)
  expect((await Promise.all(asked)).map((answer) => answer?.status)).toEqual(Array(MAX_WAITING).fill(504))
  const last = ask()
  proxy.close()
  expect((await last)?.status).toBe(502)
})
