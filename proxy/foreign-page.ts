// Refuses calls that a web page of another site makes a browser send to this machine, where a proxy holds real keys
// (`npm start`). Such a page cannot read the answers of simple requests, but they are paid for; those of a WebSocket it
// can. In a pod nobody browses, and applications hand on headers of their own users, so it is off there.
//
//   no Origin, no Sec-Fetch-Site                  not a browser                                       served
//   Host is not a name of this machine            a page led here by a name of its own (DNS rebinding) refused
//   Origin is a page of this machine              somebody's own page under development               served
//   Origin is anything else, `null` too           another site                                        refused
//   no Origin, Sec-Fetch-Site: cross-site         another site's image, link or script                refused
//
// Source: Fetch Metadata (W3C), section 2.1; the Origin header in the Fetch standard, section 3.1.
import { failure, type Failure } from './errors.ts'
import { headerOf } from './raw-headers.ts'

const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i
const OWN_PAGE = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

export function refuseForeignPage(rawHeaders: readonly string[]): Failure | null {
  const origin = headerOf(rawHeaders, 'origin')
  const site = headerOf(rawHeaders, 'sec-fetch-site')
  if (origin === null && site === null) return null
  const isLedHere = !OWN_HOST.test(headerOf(rawHeaders, 'host') ?? '')
  const isForeign = origin === null ? site === 'cross-site' : !OWN_PAGE.test(origin)
  if (!isLedHere && !isForeign) return null
  return failure('foreign_page', 'This call comes from a web page of another site, which may not use this proxy.')
}
