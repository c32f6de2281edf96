// X.509 for the operator's own TLS: an authority that signs itself, and short-lived leaves for its servers.
//
//   createAuthority -> Secret modelroute-ca (serving-certificates.ts) -> issueLeaf -> webhook and push servers
//
// Keys are ECDSA P-256. Nothing here stores, renews or serves anything: functions of their arguments, the time
// included. Local mode and tests use the same two functions without a Secret.
// The library's container refuses to load without Reflect.getMetadata.
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'
import { Secret } from '../../proxy/secret.ts'

export const DAY_MS = 24 * 60 * 60 * 1000
export const AUTHORITY_LIFETIME_MS = 365 * DAY_MS
export const LEAF_LIFETIME_MS = 7 * DAY_MS
/** Machines whose clock is this much behind ours still accept a certificate that was made just now. */
export const CLOCK_SKEW_MS = 60 * 60 * 1000

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export interface Certificate {
  readonly pem: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** A certificate with its private key, PKCS #8 in PEM. An authority and a leaf differ only in what they may sign. */
export interface KeyedCertificate extends Certificate {
  readonly key: Secret
}

export type Authority = KeyedCertificate
export type Leaf = KeyedCertificate

export interface AuthorityWish {
  readonly nowMs: number
  readonly lifetimeMs?: number
}

export interface LeafWish extends AuthorityWish {
  /** DNS names and IP addresses the server is called by; at least one. */
  readonly names: readonly string[]
}

export async function createAuthority(wish: AuthorityWish): Promise<Authority> {
  const keys = await generateKeys()
  const validity = validityOf(wish.nowMs, wish.lifetimeMs ?? AUTHORITY_LIFETIME_MS)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      // Two authorities overlap in one bundle; a name of their own keeps verifiers from mixing them up.
      name: `CN=modelroute authority ${randomHex(4)}`,
      serialNumber: serialNumber(),
      ...validity,
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return keyed(certificate, keys.privateKey)
}

/** Valid for `lifetimeMs` (7 days), but never longer than its authority. */
export async function issueLeaf(authority: Authority, wish: LeafWish): Promise<Leaf> {
  const keys = await generateKeys()
  const issuer = new x509.X509Certificate(authority.pem)
  const validity = validityOf(wish.nowMs, wish.lifetimeMs ?? LEAF_LIFETIME_MS)
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: 'CN=modelroute operator',
      issuer: issuer.subject,
      serialNumber: serialNumber(),
      notBefore: validity.notBefore,
      notAfter: new Date(Math.min(validity.notAfter.getTime(), authority.notAfterMs)),
      publicKey: keys.publicKey,
      signingKey: await importKey(authority.key),
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(wish.names.map(alternativeName)),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return keyed(certificate, keys.privateKey)
}

/** Throws when the text is no certificate, the key no PKCS #8 P-256 key, or the two do not belong together. */
export async function parseAuthority(certificatePem: string, keyPem: string): Promise<Authority> {
  const key = new Secret(keyPem)
  const certificate = parseCertificate(certificatePem)
  const signature = await webcrypto.subtle.sign(algorithm, await importKey(key), probe)
  const publicKey = await new x509.X509Certificate(certificate.pem).publicKey.export(algorithm, ['verify'], webcrypto)
  if (!(await webcrypto.subtle.verify(algorithm, publicKey, signature, probe))) {
    throw new Error('The private key does not belong to the certificate.')
  }
  return { ...certificate, key }
}

/** Throws when the text is no certificate. */
export function parseCertificate(pem: string): Certificate {
  const certificate = new x509.X509Certificate(pem)
  return {
    pem: asPem(certificate),
    notBeforeMs: certificate.notBefore.getTime(),
    notAfterMs: certificate.notAfter.getTime(),
  }
}

const probe = new TextEncoder().encode('modelroute')

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function importKey(key: Secret): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(key.reveal())
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}

async function keyed(certificate: x509.X509Certificate, privateKey: webcrypto.CryptoKey): Promise<KeyedCertificate> {
  const der = await webcrypto.subtle.exportKey('pkcs8', privateKey)
  const pem = x509.PemConverter.encode(der, x509.PemConverter.PrivateKeyTag)
  return { ...parseCertificate(certificate.toString('pem')), key: new Secret(`${pem}\n`) }
}

function asPem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`
}

/** X.509 counts whole seconds. */
function validityOf(nowMs: number, lifetimeMs: number): { notBefore: Date; notAfter: Date } {
  const second = Math.floor(nowMs / 1000) * 1000
  return { notBefore: new Date(second - CLOCK_SKEW_MS), notAfter: new Date(second + lifetimeMs) }
}

function alternativeName(name: string): { type: 'ip' | 'dns'; value: string } {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name }
}

/** A positive number of 127 random bits (RFC 5280 4.1.2.2: at most 20 octets, not negative). */
function serialNumber(): string {
  const hex = randomHex(16)
  return `${((Number.parseInt(hex.slice(0, 2), 16) & 0x7f) | 0x01).toString(16).padStart(2, '0')}${hex.slice(2)}`
}

function randomHex(bytes: number): string {
  return Buffer.from(webcrypto.getRandomValues(new Uint8Array(bytes))).toString('hex')
}
