// Credentials in URLs: `scheme://name:word@host`, and addresses that are themselves the secret (webhooks). Secrets in a
// URL's query have labels, and are labelled.ts's.

import type { Detection } from '../detection.ts'
import { URL_CREDENTIALS, WEBHOOK_URL } from './names.ts'
import { isStandIn } from './placeholders.ts'
import type { Units } from '../text/units.ts'

const MAX_AUTHORITY = 512

/** Sticky, each with one bounded run behind a fixed host. */
const WEBHOOKS: readonly RegExp[] = [
  /https?:\/\/hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9+/_-]{20,90}/y,
  /https?:\/\/(?:\w{2,10}\.)?discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/\d{17,20}\/[\w-]{60,80}/y,
  /https?:\/\/[a-z0-9-]{1,63}\.webhook\.office\.com\/webhookb2\/[A-Za-z0-9@/_-]{60,250}/y,
  /https?:\/\/outlook\.office(?:365)?\.com\/webhook\/[A-Za-z0-9@/_-]{60,250}/y,
  /https?:\/\/hooks\.zapier\.com\/hooks\/catch\/\d{3,12}\/[\w/-]{5,60}/y,
  /https?:\/\/qyapi\.weixin\.qq\.com\/cgi-bin\/webhook\/send\?key=[0-9a-f-]{36}/y,
  /https?:\/\/oapi\.dingtalk\.com\/robot\/send\?access_token=[0-9a-f]{40,80}/y,
  /https?:\/\/open\.(?:feishu|larksuite)\.(?:cn|com)\/open-apis\/bot\/v2\/hook\/[0-9a-f-]{36}/y,
  /https?:\/\/chat\.googleapis\.com\/v1\/spaces\/[\w-]{5,30}\/messages\?key=[\w-]{20,60}&token=[\w%-]{20,80}/y,
]
const HOSTS_OF_WEBHOOKS =
  /^(?:hooks\.|outlook|qyapi|oapi|open\.|chat\.|(?:\w{2,10}\.)?discord|[a-z0-9-]{1,63}\.webhook)/

/** The secret of the URL whose `://` starts at `colon`. */
export function readUrl(text: Units, colon: number): Detection | null {
  const start = colon + 3
  const end = authorityEnd(text, start)
  if (end < 0) return null
  const authority = text.slice(start, end)
  const at = authority.lastIndexOf('@')
  if (at > 0) return readUserinfo(authority.slice(0, at), start)
  return HOSTS_OF_WEBHOOKS.test(authority) ? readWebhook(text, colon) : null
}

function authorityEnd(text: Units, start: number): number {
  const limit = Math.min(text.length, start + MAX_AUTHORITY)
  let at = start
  while (at < limit && !ENDS_AUTHORITY.has(text.charAt(at))) at++
  return at === limit && limit < text.length ? -1 : at
}

const ENDS_AUTHORITY = new Set(' \t\r\n/?#"\'`<>\\,;，。；、）】')

/** Names and words that manuals write; `user:password@` says nothing. */
const SAMPLE =
  /^(?:user(?:name)?|login|name|admin|root|postgres|guest|me|foo|your[-_]?\w*|my[-_]?\w*|\w*user\w*)?:(?:pass(?:word|wd)?|pwd|secret|token|bar|guest|your[-_]?\w*|my[-_]?\w*|x+|\*+)$/i

function readUserinfo(userinfo: string, start: number): Detection | null {
  const colon = userinfo.indexOf(':')
  const word = userinfo.slice(colon + 1)
  if (colon < 0 && userinfo.length < 16) return null
  if (word.length < 3 || SAMPLE.test(userinfo) || /[<>[\]{}$]|%[sdv]|\*{3}/.test(userinfo) || isStandIn(word))
    return null
  if (colon < 0 && !/^(?=.*\d)(?=.*[a-z])[\w-]+$/i.test(userinfo)) return null
  return { start, end: start + userinfo.length, type: URL_CREDENTIALS, evidence: 'userinfo of a URL' }
}

function readWebhook(text: Units, colon: number): Detection | null {
  const start = text.startsWith('https', colon - 5) ? colon - 5 : colon - 4
  for (const webhook of WEBHOOKS) {
    webhook.lastIndex = Math.max(0, start)
    const found = webhook.exec(text.text)
    if (found !== null) return { start, end: start + found[0].length, type: WEBHOOK_URL, evidence: 'known host' }
  }
  return null
}
