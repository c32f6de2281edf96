// Why a call goes where it goes, as data: what POST /explain answers, what the command line prints and what the header
// of a real call holds. Names, numbers and sentences of ours; never text of the call.
import type { ErrorCode } from '../errors.ts'
import type { Operation } from '../exchange.ts'
import type { HealthState } from '../upstream/health.ts'

/** Rules listed before the one that takes the call; a longer table says how many it leaves out. */
export const MAX_RULES_EXPLAINED = 64

export interface Explanation {
  readonly tableVersion: string | null
  readonly call: CallSeen | null
  /** In order, up to and with the one that takes the call. */
  readonly rules: readonly RuleSeen[]
  readonly rulesLeftOut: number
  /** The rule that takes the call. */
  readonly rule: string | null
  readonly content: ContentSeen | null
  readonly promptTokens: number | null
  readonly strategy: StrategySeen | null
  /** In the order in which they would be asked. */
  readonly targets: readonly TargetSeen[]
  /** What of the request is changed by the rule. */
  readonly adjusted: readonly string[]
  readonly redaction: RedactionSeen | null
  readonly cache: CacheSeen | null
  /** What the caller would be told in place of an answer. */
  readonly failure: { readonly code: ErrorCode; readonly message: string } | null
}

export interface CallSeen {
  readonly dialect: string
  readonly operation: Operation | null
  readonly model: string
  readonly isStreaming: boolean
}

export interface RuleSeen {
  readonly rule: string
  readonly outcome: 'takes' | 'passes over' | 'would take'
  /** Why it does not take the call; null: it does, or would if it were no shadow. */
  readonly reason: string | null
}

export interface ContentSeen {
  readonly content: string
  readonly codeShare: number
  readonly programmingLanguage: string | null
  readonly language: string | null
  readonly evidence: readonly string[]
}

export interface StrategySeen {
  readonly name: string
  /** What the targets' scores are. */
  readonly unit: string
}

export interface TargetSeen {
  readonly target: string
  readonly tier: number | null
  readonly score: number | null
  readonly state: HealthState
  /** Why it is not asked; null: it is, when its turn comes. */
  readonly passedOver: string | null
}

export interface RedactionSeen {
  readonly outcome: 'masked' | 'dryRun' | 'passed'
  readonly masked: Readonly<Record<string, number>>
  readonly notInspected: number
}

export interface CacheSeen {
  /** Whether the call would be looked up and its answer kept. */
  readonly isUsed: boolean
  /** Why it is not. */
  readonly reason: string | null
}
