// What would become of a call, by the very stages that decide it for a real one, up to the moment before a provider is
// asked. Nothing is sent, stored or counted.
//
//   Received -> read -> facts -> match (rule by rule) -> mask (counts) -> cache policy -> targets in order
//
// Explaining draws as the pipeline draws: with the same random number and facts it comes to the same order.
import { explainCache } from '../cache/verdict.ts'
import type { CompiledTable } from '../compiled-table.ts'
import { failure, type Failure } from '../errors.ts'
import type { Call, Received } from '../exchange.ts'
import { applyParameters } from '../parameters/apply.ts'
import type { PipelineDeps } from '../pipeline.ts'
import type { MaskedCall } from '../redact/masking.ts'
import { askedBy, circumstancesOf, matchRoute } from '../table/match.ts'
import {
  type CacheSeen,
  type CallSeen,
  type Explanation,
  MAX_RULES_EXPLAINED,
  type RedactionSeen,
  type RuleSeen,
} from './explanation.ts'
import { explainTargets, type TargetDeps } from './targets.ts'

export interface ExplainDeps extends TargetDeps {
  readonly tables: PipelineDeps['tables']
  readonly compiledTables: PipelineDeps['compiledTables']
  readonly masking: Pick<PipelineDeps['masking'], 'mask'>
  readonly facts: Pick<PipelineDeps['facts'], 'of'>
}

const NOTHING: Explanation = {
  tableVersion: null,
  call: null,
  rules: [],
  rulesLeftOut: 0,
  rule: null,
  content: null,
  promptTokens: null,
  strategy: null,
  targets: [],
  adjusted: [],
  redaction: null,
  cache: null,
  failure: null,
}

export async function explainCall(received: Received, deps: ExplainDeps): Promise<Explanation> {
  const table = deps.tables.current()
  if (table === null) return refused(NOTHING, failure('no_table', 'This proxy has no routing table yet.'))
  const start: Explanation = { ...NOTHING, tableVersion: table.version }
  const readCall = received.place.endpoint?.readCall ?? null
  if (readCall === null) return refused(start, failure('unknown_path', 'No rule is asked about this path.'))
  const call = readCall(received)
  if (call.kind === 'failure') return refused(start, call)
  return await explainRead(await deps.facts.of(call), { start, compiled: deps.compiledTables.of(table), deps })
}

interface Explaining {
  readonly start: Explanation
  readonly compiled: CompiledTable
  readonly deps: ExplainDeps
}

async function explainRead(call: Call, { start, compiled, deps }: Explaining): Promise<Explanation> {
  const seen = { ...start, call: callSeen(call), ...factsSeen(call), ...rulesSeen(call, compiled) }
  const taken = matchRoute(call, compiled.table, compiled.matcher)
  if (taken.kind === 'failure') return refused(seen, taken)
  const named = { ...seen, rule: taken.route.name }
  const routed = applyParameters(taken)
  if (routed.kind === 'failure') return refused(named, routed)
  const matched = { ...named, adjusted: routed.call.adjusted ?? [] }
  const masked = await deps.masking.mask(routed)
  if (masked.kind === 'failure') return refused(matched, masked)
  const redaction = redactionSeen(masked)
  const seenTargets = await explainTargets(routed, compiled, deps)
  return { ...matched, redaction, cache: cacheSeen(masked, call), ...seenTargets }
}

function cacheSeen(masked: MaskedCall, { received }: Call): CacheSeen | null {
  const explained = explainCache(masked, received.rawHeaders)
  return explained && { isUsed: explained.stores, reason: explained.reason }
}

function refused(seen: Explanation, { code, message }: Failure): Explanation {
  return { ...seen, failure: { code, message } }
}

function callSeen({ received, model, isStreaming }: Call): CallSeen {
  const { dialect, operation } = received.place
  return { dialect: dialect.name, operation, model, isStreaming }
}

/** The rules at the end are the ones that matter: the one that takes the call, and its neighbours. */
function rulesSeen(call: Call, { matcher }: CompiledTable): Pick<Explanation, 'rules' | 'rulesLeftOut'> {
  const trace = matcher.trace(askedBy(call), circumstancesOf(call))
  const rules = trace.slice(-MAX_RULES_EXPLAINED).map(({ route, refusal }): RuleSeen => {
    const takes = route.mode === 'Shadow' ? 'would take' : 'takes'
    return { rule: route.name, outcome: refusal === null ? takes : 'passes over', reason: refusal }
  })
  return { rules, rulesLeftOut: trace.length - rules.length }
}

function factsSeen({ facts, model }: Call): Pick<Explanation, 'content' | 'promptTokens'> {
  if (facts === undefined) return { content: null, promptTokens: null }
  const { content, codeShare, programmingLanguage, language, evidence } = facts.classification
  return {
    content: { content, codeShare, programmingLanguage, language, evidence },
    promptTokens: facts.promptTokens(model),
  }
}

function redactionSeen({ report }: MaskedCall): RedactionSeen | null {
  if (report === null) return null
  const { outcome, masked, notInspected } = report
  return { outcome, masked, notInspected }
}
