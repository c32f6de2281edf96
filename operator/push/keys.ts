// The second channel: turns KeyReferences into key values and says what became of each.
//
//   Publication.keys -> SecretWatch -> values (Secret, memory only) -> deliver(references) -> session -> proxy
//                                   -> states -> ResolvedRefs
//
// A reference to another namespace than the publication's is never followed. A Secret or key that is gone is revoked
// at once; one that cannot be read any more (API server away, right withdrawn) stays in use, and its state says so.
import { createHash } from 'node:crypto'
import { MAX_KEY_CHARACTERS, MAX_WORDS_CHARACTERS } from '../../proxy/table/messages.ts'
import { Secret } from '../../proxy/secret.ts'
import type { Logger } from '../../proxy/telemetry/log.ts'
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { SecretRead, SecretSource } from '../kube/source.ts'
import type { NamespaceKeySet } from '../redaction/namespace-keys.ts'
import type { PushMetrics } from './metrics.ts'
import type { KeyReference, KeyState } from './publication.ts'
import { SECRET_INTERVAL_MS, SecretWatch } from './secret-watch.ts'
import type { SecretName } from './secret-watch.ts'
import { Throttle } from './throttle.ts'

/** Secrets followed for one namespace; a namespace has fewer providers than this. */
export const MAX_SECRETS_PER_NAMESPACE = 1024

export interface KeyDelivery {
  /** Changes when an entry does; tells nothing about the values. */
  readonly version: string
  readonly entries: readonly { readonly id: string; readonly value: Secret }[]
}

export interface KeyStoreDeps {
  readonly secrets: SecretSource
  readonly clock: Clock
  readonly metrics: PushMetrics
  readonly logger: Logger
  /** Some key of the namespace got another value or state. */
  readonly onChange: (namespace: string) => void
}

interface HeldKey {
  readonly state: KeyState
  readonly value: Secret | null
  readonly resourceVersion: string
}

export class KeyStore {
  readonly #deps: KeyStoreDeps
  readonly #watch: SecretWatch
  /** A whole fleet may be refused at once: each Secret is read for it no more often than it is looked at anyway. */
  readonly #refused: Throttle
  readonly #references = new Map<string, readonly KeyReference[]>()
  /** By place (namespace/secret/key), only while a reference names it. */
  readonly #held = new Map<string, HeldKey>()

  constructor(deps: KeyStoreDeps) {
    const { secrets, clock, metrics, logger } = deps
    this.#deps = deps
    this.#watch = new SecretWatch({
      secrets,
      clock,
      onAnswer: (secret, answer) => this.#take(secret, answer),
      onGet: (kind, result) => metrics.keyReads.inc({ kind, result }),
    })
    const readAgain = (place: string) => {
      const [namespace = '', name = ''] = place.split('/')
      logger.info({ namespace, secret: name }, 'a provider refused a key: its Secret is read again')
      this.#watch.refresh({ namespace, name })
    }
    this.#refused = new Throttle(readAgain, SECRET_INTERVAL_MS, clock)
  }

  /** A provider has refused this key: its Secret is read again at once. */
  refused(reference: KeyReference): void {
    if (this.#isFollowed(reference.namespace, reference)) this.#refused.mark(secretPlaceOf(reference))
  }

  /** The namespace's references from now on. */
  follow(namespace: string, references: readonly KeyReference[]): void {
    const own = this.#bounded(namespace, this.#ownOf(namespace, references))
    const known = this.#references.get(namespace) ?? []
    const places = new Set(own.map(placeOf))
    for (const gone of known.map(placeOf)) if (!places.has(gone)) this.#held.delete(gone)
    if (own.length === 0) this.#references.delete(namespace)
    else this.#references.set(namespace, own)
    this.#watch.follow(namespace, new Set(own.map(({ secretName }) => secretName)))
    const earlier = new Set(known.map(placeOf))
    for (const name of secretsWithNewKeys(known, own, earlier)) this.#watch.refresh({ namespace, name })
    this.#deps.metrics.keyInterval.set(this.intervalMs() / 1000)
  }

  /** By reference id. */
  states(namespace: string): ReadonlyMap<string, KeyState> {
    const references = this.#references.get(namespace) ?? []
    return new Map(
      references.map((reference) => [reference.id, this.#held.get(placeOf(reference))?.state ?? { kind: 'pending' }]),
    )
  }

  /** The values of these references of one namespace; null while one of them was never answered. */
  deliver(namespace: string, references: Iterable<KeyReference>): KeyDelivery | null {
    const entries: { readonly id: string; readonly value: Secret }[] = []
    const hash = createHash('sha256')
    for (const reference of references) {
      const held = reference.namespace === namespace ? this.#held.get(placeOf(reference)) : undefined
      if (held === undefined && this.#isFollowed(namespace, reference)) return null
      if (!held?.value) continue
      entries.push({ id: reference.id, value: held.value })
      hash.update(JSON.stringify([reference.id, placeOf(reference), held.resourceVersion]))
    }
    return { version: hash.digest('hex').slice(0, 32), entries }
  }

  /** Reads every Secret of the namespace again as soon as the budget allows. */
  refresh(namespace: string): void {
    const names = new Set((this.#references.get(namespace) ?? []).map(({ secretName }) => secretName))
    for (const name of names) this.#watch.refresh({ namespace, name })
  }

  intervalMs(): number {
    return this.#watch.intervalMs()
  }

  stop(): void {
    this.#refused.stop()
    this.#watch.stop()
  }

  #isFollowed(namespace: string, wanted: KeyReference): boolean {
    const place = placeOf(wanted)
    return (this.#references.get(namespace) ?? []).some((reference) => placeOf(reference) === place)
  }

  /** A reference into another namespace cannot come from a resource; one that does is a bug and is not followed. */
  #ownOf(namespace: string, references: readonly KeyReference[]): readonly KeyReference[] {
    const own = references.filter((reference) => reference.namespace === namespace)
    const foreign = references.length - own.length
    if (foreign > 0) this.#deps.logger.error({ namespace, foreign }, 'keys of other namespaces are not followed')
    return own
  }

  #bounded(namespace: string, references: readonly KeyReference[]): readonly KeyReference[] {
    const names = [...new Set(references.map(({ secretName }) => secretName))].toSorted()
    if (names.length <= MAX_SECRETS_PER_NAMESPACE) return references
    const limit = MAX_SECRETS_PER_NAMESPACE
    this.#deps.logger.error(
      { namespace, secrets: names.length, limit },
      'more Secrets than are followed: last left out',
    )
    const kept = new Set(names.slice(0, limit))
    return references.filter(({ secretName }) => kept.has(secretName))
  }

  #take(secret: SecretName, answer: SecretRead): void {
    const references = (this.#references.get(secret.namespace) ?? []).filter(
      ({ secretName }) => secretName === secret.name,
    )
    let isChanged = false
    for (const reference of references) {
      const place = placeOf(reference)
      const earlier = this.#held.get(place)
      const held = holdKey(reference, answer, earlier)
      this.#held.set(place, held)
      isChanged ||= earlier === undefined || !isEqual(earlier, held)
    }
    if (isChanged) this.#deps.onChange(secret.namespace)
  }
}

/** The namespace's own keys beside those of providers. Without them the proxy refuses what it would have to mask. */
export function withNamespaceKeys(
  delivery: KeyDelivery | null,
  namespaceKeys: NamespaceKeySet | null,
): KeyDelivery | null {
  if (delivery === null || namespaceKeys === null) return delivery
  return {
    version: `${delivery.version}-${namespaceKeys.version}`,
    entries: [...delivery.entries, ...namespaceKeys.entries],
  }
}

function holdKey(reference: KeyReference, answer: SecretRead, earlier: HeldKey | undefined): HeldKey {
  switch (answer.kind) {
    case 'missing':
      return { state: { kind: 'secretMissing' }, value: null, resourceVersion: '' }
    case 'forbidden':
      return {
        ...(earlier ?? { value: null, resourceVersion: '' }),
        state: { kind: 'forbidden', reason: answer.reason },
      }
    case 'found': {
      const { resourceVersion, data } = answer
      const encoded = Object.hasOwn(data, reference.secretKey) ? data[reference.secretKey] : undefined
      if (encoded === undefined) return { state: { kind: 'keyMissing' }, value: null, resourceVersion }
      // Keys made with `echo` or an editor end with a newline, which no header can carry.
      const text = Buffer.from(encoded, 'base64').toString('utf8').trim()
      const reason = reference.holds === 'words' ? unusableWords(text) : unusableReason(text)
      if (reason !== null) return { state: { kind: 'unusable', reason }, value: null, resourceVersion }
      return { state: { kind: 'present' }, value: new Secret(text), resourceVersion }
    }
  }
}

function unusableReason(text: string): string | null {
  if (text === '') return 'the value is empty'
  if (text.length > MAX_KEY_CHARACTERS) return `the value is longer than ${MAX_KEY_CHARACTERS} characters`
  return /^[\x20-\x7e]+$/.test(text) ? null : 'the value has characters that no HTTP header can carry'
}

function unusableWords(text: string): string | null {
  if (text === '') return 'the list of words is empty'
  return text.length > MAX_WORDS_CHARACTERS ? `the list is longer than ${MAX_WORDS_CHARACTERS} characters` : null
}

function secretsWithNewKeys(
  known: readonly KeyReference[],
  own: readonly KeyReference[],
  earlier: ReadonlySet<string>,
): ReadonlySet<string> {
  const knownSecrets = new Set(known.map(({ secretName }) => secretName))
  const isNewKey = (reference: KeyReference) =>
    !earlier.has(placeOf(reference)) && knownSecrets.has(reference.secretName)
  return new Set(own.filter(isNewKey).map(({ secretName }) => secretName))
}

function isEqual(left: HeldKey, right: HeldKey): boolean {
  return left.resourceVersion === right.resourceVersion && JSON.stringify(left.state) === JSON.stringify(right.state)
}

function secretPlaceOf({ namespace, secretName }: KeyReference): string {
  return `${namespace}/${secretName}`
}

/** Names of Secrets and namespaces have no slash, so this cannot be read two ways. */
function placeOf({ namespace, secretName, secretKey }: KeyReference): string {
  return `${namespace}/${secretName}/${secretKey}`
}
