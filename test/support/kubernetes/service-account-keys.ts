// The key pair with which the API server signs service account tokens.
// Kept for the cluster's life, so that tokens stay valid over a restart of the API server.
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ServiceAccountKeys {
  readonly privateKeyPath: string
  readonly publicKeyPath: string
}

export function writeServiceAccountKeys(folder: string): ServiceAccountKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const paths = {
    privateKeyPath: join(folder, 'service-account.key'),
    publicKeyPath: join(folder, 'service-account.pub'),
  }
  writeFileSync(paths.privateKeyPath, privateKey, { mode: 0o600 })
  writeFileSync(paths.publicKeyPath, publicKey)
  return paths
}
