// Keeps the operator's TLS alive: one authority in one Secret for all replicas, one leaf in memory per replica.
//
//   every 5 s:  read Secret -> advance authority -> (write it back) -> leaf due? issue -> listeners
//               read webhook configuration -> caBundle differs? patch it
//
// Every replica does this; a write names the resourceVersion it read, so of two that race one wins and the other adopts
// the winner's. Dates are compared with the wall clock at each tick, so a suspended machine catches up at once.
// Creates no object: the chart makes the Secret without data. Losing the API server or the Secret changes nothing here;
// what is in memory goes on serving.
import type { Clock } from '../../proxy/telemetry/clock.ts'
import type { KubeApi } from '../kube/api.ts'
import { expectOk, type SecretData, syncSecretState } from '../secret-state.ts'
import { advanceAuthority, type AuthorityState, bundleOf, fromSecretData, toSecretData } from './authority.ts'
import { caBundlePatch } from './ca-bundle.ts'
import { createAuthority, issueLeaf, type Leaf } from './certificate.ts'

export const TICK_MS = 5_000

/** The certificate of this process and the authorities its clients trust. */
export interface Certificates {
  /** The bundle in PEM: the issuing authority, then those that overlap with it. */
  caPem(): string
  secureContextOptions(): { readonly cert: string; readonly key: string }
  /** Called after either has changed; the returned function ends it. */
  onChange(listener: () => void): () => void
  stop(): void
}

export interface CertificateLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface CertificateDeps {
  readonly api: KubeApi
  readonly clock: Clock
  readonly log: CertificateLog
  readonly namespace: string
  readonly secretName: string
  /** The MutatingWebhookConfiguration whose caBundle is ours. */
  readonly webhookName: string
  /** DNS names and IP addresses this process is called by. */
  readonly names: readonly string[]
}

/** Resolves when this process has a certificate to serve with; until the Secret can be read it keeps trying. */
export async function startCertificates(deps: CertificateDeps): Promise<Certificates> {
  const keeper = new CertificateKeeper(deps)
  await keeper.start()
  return keeper
}

/** The same without a cluster: an authority of its own, in memory, for local mode and tests. Never renewed. */
export async function createLocalCertificates(wish: {
  readonly names: readonly string[]
  readonly nowMs: number
}): Promise<Certificates> {
  const authority = await createAuthority({ nowMs: wish.nowMs })
  const leaf = await issueLeaf(authority, { ...wish, lifetimeMs: authority.notAfterMs - wish.nowMs })
  return {
    caPem: () => authority.pem,
    secureContextOptions: () => ({ cert: leaf.pem, key: leaf.key.reveal() }),
    onChange: () => () => undefined,
    stop: () => undefined,
  }
}

interface Serving {
  readonly state: AuthorityState
  readonly leaf: Leaf
}

class CertificateKeeper implements Certificates {
  readonly #deps: CertificateDeps
  readonly #listeners = new Set<() => void>()
  readonly #ready = Promise.withResolvers<void>()
  #serving: Serving | null = null
  #lastProblem: string | null = null
  #cancel: () => void = () => undefined
  #isStopped = false

  constructor(deps: CertificateDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    void this.#run()
    await this.#ready.promise
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel()
    this.#ready.reject(new Error('The certificates were stopped before the first one was there.'))
    this.#ready.promise.catch(() => undefined)
  }

  caPem(): string {
    return bundleOf(this.#current().state)
  }

  secureContextOptions(): { cert: string; key: string } {
    const { leaf } = this.#current()
    return { cert: leaf.pem, key: leaf.key.reveal() }
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #run(): Promise<void> {
    try {
      await this.#tick()
      this.#report(null)
    } catch (error) {
      this.#report(error instanceof Error ? error.message : String(error))
    }
    if (!this.#isStopped) this.#cancel = this.#deps.clock.after(TICK_MS, () => void this.#run())
  }

  async #tick(): Promise<void> {
    const state = await syncAuthority(this.#deps, this.#serving?.state ?? null)
    await this.#adopt(state)
    this.#ready.resolve()
    await syncCaBundle(this.#deps, bundleOf(state))
  }

  async #adopt(state: AuthorityState): Promise<void> {
    const nowMs = this.#deps.clock.now()
    const before = this.#serving
    const isSameIssuer = before?.state.issuing.pem === state.issuing.pem
    const leaf = isSameIssuer && !isDue(before.leaf, nowMs) ? before.leaf : null
    if (leaf !== null && before !== null && bundleOf(before.state) === bundleOf(state)) return
    const serving = { state, leaf: leaf ?? (await issueLeaf(state.issuing, { nowMs, names: this.#deps.names })) }
    this.#serving = serving
    const notAfter = new Date(serving.leaf.notAfterMs).toISOString()
    this.#deps.log.info(
      { notAfter, authorityNotAfter: new Date(state.issuing.notAfterMs).toISOString() },
      'certificate',
    )
    for (const listener of this.#listeners) listener()
  }

  #current(): Serving {
    if (this.#serving === null) throw new Error('No certificate yet: startCertificates has not resolved.')
    return this.#serving
  }

  /** Once for each change, not once for each tick. */
  #report(problem: string | null): void {
    if (problem === this.#lastProblem) return
    this.#lastProblem = problem
    if (problem === null) this.#deps.log.info({}, 'certificates are in order again')
    else this.#deps.log.warn({ problem }, 'certificates cannot be kept current; what is in memory goes on serving')
  }
}

/** A leaf is replaced when two thirds of its life have gone. */
function isDue(leaf: Leaf, nowMs: number): boolean {
  return nowMs >= leaf.notBeforeMs + ((leaf.notAfterMs - leaf.notBeforeMs) * 2) / 3
}

/** A Secret that was emptied or spoiled gets back what is in memory. */
function syncAuthority(deps: CertificateDeps, known: AuthorityState | null): Promise<AuthorityState> {
  return syncSecretState(deps, {
    read: (data) => readState(deps, data),
    advance: (stored) => advanceAuthority(stored ?? known, deps.clock.now()),
    toData: toSecretData,
  })
}

async function readState(deps: CertificateDeps, data: SecretData): Promise<AuthorityState | null> {
  try {
    return await fromSecretData(data)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    deps.log.warn({ problem, secret: deps.secretName }, 'the certificate authority is replaced')
    return null
  }
}

async function syncCaBundle(deps: CertificateDeps, bundlePem: string): Promise<void> {
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${deps.webhookName}`
  const what = `the MutatingWebhookConfiguration ${deps.webhookName}`
  const configuration = expectOk(await deps.api.request({ method: 'GET', path }), `reading ${what}`)
  const operations = caBundlePatch(configuration, bundlePem)
  if (operations.length === 0) return
  const contentType = 'application/json-patch+json'
  expectOk(await deps.api.request({ method: 'PATCH', path, contentType, body: operations }), `patching ${what}`)
  deps.log.info({ webhooks: operations.length / 2 }, 'caBundle patched')
}
