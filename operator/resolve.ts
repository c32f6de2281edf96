// From a provider's name in a rule to what stands behind it: a provider that can be used, or the sentence that says
// why not. Pure; translate drops what is unusable, checks turn the same sentence into a Finding.
//
//   providerRef.name -> ModelProvider -> its url -> its Secret -> its key
//        missing          unreadable     no URL     missing     missing
import { createHash } from 'node:crypto'
import type { ModelProviderSpec } from '../crds/model-provider.ts'
import type { NamespaceInputs, UsableProvider } from './gather.ts'
import type { KeyReference, KeyState } from './push/publication.ts'

/** Why a reference leads nowhere; also the reason of the condition ResolvedRefs. */
export type ProblemReason =
  | 'ProviderNotFound'
  | 'ProviderInvalid'
  | 'SecretNotFound'
  | 'SecretKeyNotFound'
  | 'SecretUnusable'
  | 'SecretForbidden'
  | 'RedactionInvalid'

export interface Problem {
  readonly reason: ProblemReason
  readonly message: string
}

/** A usable provider may have a problem too: a key that was read once stays in use while its Secret is forbidden. */
export type ProviderUse =
  | {
      readonly kind: 'usable'
      readonly spec: ModelProviderSpec
      readonly key: KeyReference | null
      readonly problem: Problem | null
    }
  | { readonly kind: 'broken'; readonly problem: Problem }

/** A provider as a rule may use it now. An unanswered look-up of its key (`pending`) does not stand in its way. */
export function resolveProvider(inputs: NamespaceInputs, name: string): ProviderUse {
  const provider = inputs.providers.get(name)
  if (!provider) return broken('ProviderNotFound', missingProvider(inputs.namespace, name))
  const { spec } = provider
  if (!spec) return broken('ProviderInvalid', `ModelProvider "${name}" cannot be read: ${firstFault(provider)}`)
  if (!isHttpUrl(spec.url)) return broken('ProviderInvalid', `ModelProvider "${name}": spec.url is not a URL`)
  const key = keyOf(inputs.namespace, spec)
  const state = key && inputs.keyStates.get(key.id)
  const problem = key && state ? keyProblem(state, { owner: `of ModelProvider "${name}"`, key }) : null
  if (problem && problem.reason !== 'SecretForbidden') return { kind: 'broken', problem }
  return { kind: 'usable', spec, key, problem }
}

/** Where a provider's key rests; null for a provider that needs none. */
export function keyOf(namespace: string, spec: ModelProviderSpec): KeyReference | null {
  if (!spec.credential) return null
  const { name, key } = spec.credential.secretRef
  return { id: boundedId(`${namespace}/${name}/${key}`), namespace, secretName: name, secretKey: key }
}

/** Names in a table have 512 characters at most; Kubernetes allows a little more when every part is at its limit. */
export function boundedId(id: string): string {
  return id.length <= MAX_ID_LENGTH ? id : `${id.slice(0, MAX_ID_LENGTH - 17)}~${shortHash(id)}`
}

const MAX_ID_LENGTH = 512

function missingProvider(namespace: string, name: string): string {
  return `ModelProvider "${name}" does not exist in namespace "${namespace}": create it or correct the name`
}

export function firstFault({ resource }: UsableProvider): string {
  const [fault] = resource.faults
  return fault ? `${fault.path}: ${fault.message}` : 'its spec is missing'
}

/** As the table's schema sees a URL, so that one odd character costs one provider and not a whole table. */
export function isHttpUrl(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
}

/** What is wrong with the Secret behind a reference; `owner` says whose it is: `of ModelProvider "openai"`. */
export function keyProblem(state: KeyState, { owner, key }: { owner: string; key: KeyReference }): Problem | null {
  const secret = `Secret "${key.secretName}" ${owner}`
  switch (state.kind) {
    case 'pending':
    case 'present':
      return null
    case 'secretMissing':
      return {
        reason: 'SecretNotFound',
        message: `${secret} does not exist in namespace "${key.namespace}": create it with the key "${key.secretKey}"`,
      }
    case 'keyMissing':
      return {
        reason: 'SecretKeyNotFound',
        message: `${secret} has no key "${key.secretKey}": add it or correct secretRef.key`,
      }
    case 'unusable':
      return { reason: 'SecretUnusable', message: `${secret}, key "${key.secretKey}": ${state.reason}` }
    case 'forbidden':
      return { reason: 'SecretForbidden', message: `${secret} may not be read by the operator: ${state.reason}` }
  }
}

function broken(reason: ProblemReason, message: string): ProviderUse {
  return { kind: 'broken', problem: { reason, message } }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** True while the look-up of a provider's key has not been answered once. */
export function hasPendingKey(inputs: NamespaceInputs, name: string): boolean {
  const spec = inputs.providers.get(name)?.spec
  const key = spec ? keyOf(inputs.namespace, spec) : null
  return key !== null && (inputs.keyStates.get(key.id)?.kind ?? 'pending') === 'pending'
}
