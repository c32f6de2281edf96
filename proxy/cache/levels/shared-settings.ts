// Where a shared cache is, as the table names it: `rediss://user@redis.cache.svc:6379/0`. Its password is not in the
// URL; it comes on the keys channel under its own name.

export interface SharedSettings {
  /** In the table. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  /** Null: the platform's own authorities. */
  readonly caPem: string | null
  readonly username: string | null
  readonly database: number
  /** On the keys channel; null: no password. */
  readonly passwordId: string | null
}

/** An entry of the table's `sharedCaches`. */
export interface SharedCacheRow {
  readonly url: string
  readonly ca?: string | undefined
  readonly password?: string | undefined
}

const DEFAULT_PORT = 6379

/** Null: not a URL of Redis; the table's schema has refused it before. */
export function parseSharedCache(name: string, row: SharedCacheRow): SharedSettings | null {
  const url = URL.canParse(row.url) ? new URL(row.url) : null
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === '') return null
  return {
    name,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    isTls: url.protocol === 'rediss:',
    caPem: row.ca ?? null,
    username: url.username === '' ? null : decodeURIComponent(url.username),
    database: Number(/^\/(\d+)$/.exec(url.pathname)?.[1] ?? 0),
    passwordId: row.password ?? null,
  }
}
