// The table's words for caches that pods share: where a Redis or Valkey server is. A rule names one of them
// (cache-schema.ts); its password is no part of a table and comes on the keys channel.
import * as z from 'zod'

const URL_TEXT = /^rediss?:\/\/([^\s/@:]+@)?([^\s/@:?#[\]]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?(\/\d{1,4})?$/

export const sharedCaches = z.record(
  z.string().min(1).max(512),
  z.strictObject({
    /** `rediss://user@host:6379/0`; without a password. */
    url: z.string().max(1024).regex(URL_TEXT),
    /** Certificates in PEM that the server's is checked against; absent: the platform's own. */
    ca: z.string().max(65_536).optional(),
    /** The password's name on the keys channel; absent: none is sent. */
    password: z.string().min(1).max(512).optional(),
  }),
)
