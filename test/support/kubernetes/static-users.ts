// Users whom the API server knows by a fixed token, and the files that say so:
// the server's token file and a kubeconfig with one context per user.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dump } from 'js-yaml'

export interface StaticUser {
  /** What the API server calls the user; also the kubeconfig's context. */
  readonly name: string
  readonly groups: readonly string[]
}

export const admin: StaticUser = { name: 'admin', groups: ['system:masters'] }

export type Tokens = Readonly<Record<string, string>>

/** Writes `tokens.csv` and returns each user's token. */
export function writeTokenFile(folder: string, users: readonly StaticUser[]): { path: string; tokens: Tokens } {
  const path = join(folder, 'tokens.csv')
  const tokens = Object.fromEntries(users.map((user) => [user.name, randomBytes(24).toString('base64url')]))
  const lines = users.map((user) => `${tokens[user.name]},"${user.name}","${user.name}","${user.groups.join(',')}"`)
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 })
  return { path, tokens }
}

export interface KubeconfigOptions {
  readonly path: string
  readonly url: string
  readonly caPem: string
  readonly tokens: Tokens
  readonly currentUser: string
}

export function writeKubeconfig(options: KubeconfigOptions): string {
  const authority = Buffer.from(options.caPem).toString('base64')
  const names = Object.keys(options.tokens)
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: options.url, 'certificate-authority-data': authority } }],
    users: names.map((name) => ({ name, user: { token: options.tokens[name] } })),
    contexts: names.map((name) => ({ name, context: { cluster: 'test', user: name } })),
    'current-context': options.currentUser,
  }
  writeFileSync(options.path, dump(kubeconfig), { mode: 0o600 })
  return options.path
}
