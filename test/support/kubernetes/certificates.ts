// A certificate authority for one test cluster, by the openssl command (Debian package `openssl`).
// Keys are P-256; everything is valid for a month and thrown away with the cluster's folder.
import { readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { mustRun } from './run-command.ts'

export interface KeyPair {
  readonly certificatePath: string
  readonly keyPath: string
}

export interface Authority extends KeyPair {
  readonly folder: string
  readonly pem: string
}

export interface CertificateRequest {
  readonly name: string
  /** As openssl writes it: `/O=system:masters/CN=admin`. */
  readonly subject: string
  readonly usage: 'serverAuth' | 'clientAuth'
  /** DNS names and IP addresses; clients need none. */
  readonly hosts?: readonly string[]
}

const days = '30'
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export async function createAuthority(folder: string): Promise<Authority> {
  const pair = pathsOf(folder, 'ca')
  const configuration = writeConfiguration(folder, 'ca', [
    'basicConstraints = critical, CA:TRUE',
    'keyUsage = critical, keyCertSign, cRLSign, digitalSignature',
    'subjectKeyIdentifier = hash',
  ])
  const output = ['-keyout', pair.keyPath, '-out', pair.certificatePath]
  const subject = ['-subj', '/CN=modelroute-test-ca', '-days', days]
  await mustRun('openssl', ['req', '-x509', ...newKey, ...output, ...subject, '-config', configuration])
  return { ...pair, folder, pem: readFileSync(pair.certificatePath, 'utf8') }
}

export async function issueCertificate(authority: Authority, request: CertificateRequest): Promise<KeyPair> {
  const pair = pathsOf(authority.folder, request.name)
  const names = (request.hosts ?? []).map((host) => (isIP(host) ? `IP:${host}` : `DNS:${host}`))
  const configuration = writeConfiguration(authority.folder, request.name, [
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature',
    `extendedKeyUsage = ${request.usage}`,
    ...(names.length > 0 ? [`subjectAltName = ${names.join(', ')}`] : []),
  ])
  const signer = ['-CA', authority.certificatePath, '-CAkey', authority.keyPath]
  const output = ['-keyout', pair.keyPath, '-out', pair.certificatePath]
  const subject = ['-subj', request.subject, '-days', days]
  await mustRun('openssl', ['req', '-x509', ...signer, ...newKey, ...output, ...subject, '-config', configuration])
  return pair
}

function pathsOf(folder: string, name: string): KeyPair {
  return { certificatePath: join(folder, `${name}.crt`), keyPath: join(folder, `${name}.key`) }
}

/** A configuration of our own, so that the machine's openssl.cnf has no say. */
function writeConfiguration(folder: string, name: string, extensions: readonly string[]): string {
  const path = join(folder, `${name}.cnf`)
  const lines = ['[req]', 'distinguished_name = subject', 'x509_extensions = extensions', '[subject]', '[extensions]']
  writeFileSync(path, [...lines, ...extensions, ''].join('\n'))
  return path
}
