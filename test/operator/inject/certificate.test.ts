// Judged by independent implementations: node:crypto (OpenSSL) reads the certificates and real TLS uses them.
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import { describe, expect, test } from 'vitest'
import {
  AUTHORITY_LIFETIME_MS,
  CLOCK_SKEW_MS,
  createAuthority,
  DAY_MS,
  issueLeaf,
  LEAF_LIFETIME_MS,
  type KeyedCertificate,
  parseAuthority,
  parseCertificate,
} from '../../../operator/inject/certificate.ts'

const nowMs = Date.parse('2026-03-01T10:00:00Z')
const names = ['modelroute-webhook.modelroute-system.svc', '10.1.2.3', 'fd00::1']

describe('createAuthority', () => {
  test('signs itself for 365 days and may sign nothing but leaves', async () => {
    const certificate = new X509Certificate((await createAuthority({ nowMs })).pem)
    expect(certificate.ca).toBe(true)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(Date.parse(certificate.validTo)).toBe(nowMs + AUTHORITY_LIFETIME_MS)
    expect(Date.parse(certificate.validFrom)).toBe(nowMs - CLOCK_SKEW_MS)
  })

  test('gives every authority a subject of its own, so that two fit in one bundle', async () => {
    const [first, second] = await Promise.all([createAuthority({ nowMs }), createAuthority({ nowMs })])
    expect(new X509Certificate(first.pem).subject).not.toBe(new X509Certificate(second.pem).subject)
  })
})

describe('issueLeaf', () => {
  test('makes a certificate for 7 days, for these names and no others', async () => {
    const authority = await createAuthority({ nowMs })
    const leaf = new X509Certificate((await issueLeaf(authority, { nowMs, names })).pem)
    expect(leaf.ca).toBe(false)
    expect(leaf.checkIssued(new X509Certificate(authority.pem))).toBe(true)
    expect(leaf.verify(new X509Certificate(authority.pem).publicKey)).toBe(true)
    expect(Date.parse(leaf.validTo)).toBe(nowMs + LEAF_LIFETIME_MS)
    expect(leaf.checkHost('modelroute-webhook.modelroute-system.svc')).toBeDefined()
    expect(leaf.checkHost('modelroute-webhook.other.svc')).toBeUndefined()
    expect(leaf.checkIP('10.1.2.3')).toBe('10.1.2.3')
    expect(leaf.checkIP('fd00::1')).toBe('fd00::1')
    expect(leaf.checkIP('10.1.2.4')).toBeUndefined()
  })

  test('never outlives its authority', async () => {
    const authority = await createAuthority({ nowMs, lifetimeMs: 2 * DAY_MS })
    const leaf = await issueLeaf(authority, { nowMs, names })
    expect(leaf.notAfterMs).toBe(authority.notAfterMs)
  })

  test('passes a real TLS 1.3 handshake against its own authority, and against no other', async () => {
    const authority = await createAuthority({ nowMs: Date.now() })
    const leaf = await issueLeaf(authority, { nowMs: Date.now(), names: ['127.0.0.1', 'modelroute.test'] })
    const other = await createAuthority({ nowMs: Date.now() })
    expect(await shakeHands(leaf, authority.pem, 'modelroute.test')).toBe('TLSv1.3')
    expect(await shakeHands(leaf, other.pem + authority.pem, 'modelroute.test')).toBe('TLSv1.3')
    expect(await shakeHands(leaf, authority.pem, 'another.test')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(await shakeHands(leaf, other.pem, 'modelroute.test')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  })
})

describe('parseAuthority', () => {
  test('reads back what was written, and it still signs', async () => {
    const authority = await createAuthority({ nowMs })
    const parsed = await parseAuthority(authority.pem, authority.key.reveal())
    expect(parsed).toMatchObject({ pem: authority.pem, notAfterMs: authority.notAfterMs })
    const leaf = new X509Certificate((await issueLeaf(parsed, { nowMs, names })).pem)
    expect(leaf.verify(new X509Certificate(authority.pem).publicKey)).toBe(true)
  })

  test('refuses a key that belongs to another certificate', async () => {
    const [one, other] = await Promise.all([createAuthority({ nowMs }), createAuthority({ nowMs })])
    await expect(parseAuthority(one.pem, other.key.reveal())).rejects.toThrow('does not belong')
  })

  test.each([
    ['empty texts', '', ''],
    ['a text that is no PEM', 'hello', 'hello'],
  ])('refuses %s', async (_case, certificate, key) => {
    await expect(parseAuthority(certificate, key)).rejects.toThrow(Error)
  })

  test('never shows the private key when a certificate is printed', async () => {
    const authority = await createAuthority({ nowMs })
    expect(JSON.stringify(authority)).not.toContain('PRIVATE KEY')
  })
})

test('parseCertificate gives the validity in milliseconds', async () => {
  const { pem } = await createAuthority({ nowMs, lifetimeMs: DAY_MS })
  expect(parseCertificate(pem)).toEqual({ pem, notBeforeMs: nowMs - CLOCK_SKEW_MS, notAfterMs: nowMs + DAY_MS })
})

async function shakeHands(leaf: KeyedCertificate, ca: string, servername: string): Promise<string> {
  const server = createServer({ cert: leaf.pem, key: leaf.key.reveal(), minVersion: 'TLSv1.3' })
  server.on('tlsClientError', () => undefined)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ca, servername })
  try {
    await once(socket, 'secureConnect')
    return socket.getProtocol() ?? 'none'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error)
  } finally {
    socket.destroy()
    server.close()
  }
}
