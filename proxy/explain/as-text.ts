// An explanation for people to read: a line for what decided, in the order in which it was decided. The command line
// and the dashboard show it as it is.
import type { ContentSeen, Explanation, RuleSeen, TargetSeen } from './explanation.ts'

export function explanationText(explanation: Explanation): string {
  const { call, rules, rulesLeftOut, content, promptTokens, adjusted, failure } = explanation
  const lines = [
    call === null
      ? 'call       not read'
      : `call       ${call.dialect} ${call.operation ?? ''}, model "${call.model}"${call.isStreaming ? ', streamed' : ''}`,
    ...(promptTokens === null ? [] : [`tokens     about ${promptTokens} in the prompt`]),
    ...(content === null ? [] : contentLines(content)),
    ...rules.map(ruleLine),
    ...(rulesLeftOut > 0 ? [`rule       (${rulesLeftOut} more are not listed)`] : []),
    ...adjusted.map((change) => `changed    ${change}`),
    ...redactionLines(explanation),
    ...cacheLines(explanation),
    ...targetLines(explanation),
    ...(failure === null ? [] : [`refused    ${failure.code}: ${failure.message}`]),
  ]
  return `${lines.join('\n')}\n`
}

function ruleLine({ rule, outcome, reason }: RuleSeen): string {
  const said = { takes: 'takes the call', 'passes over': 'passes it over', 'would take': 'would take it (shadow)' }
  return `rule       ${rule} ${said[outcome]}${reason === null ? '' : `: ${reason}`}`
}

function contentLines({ content, codeShare, programmingLanguage, language, evidence }: ContentSeen): string[] {
  const languages = [programmingLanguage, language].filter((name) => name !== null)
  const share = `${Math.round(codeShare * 100)} % code`
  return [`content    ${[content, share, ...languages].join(', ')}`, ...evidence.map((item) => `           ${item}`)]
}

function redactionLines({ redaction }: Explanation): string[] {
  if (redaction === null) return []
  const counts = Object.entries(redaction.masked).map(([type, count]) => `${count} ${type}`)
  const unread = redaction.notInspected > 0 ? `, ${redaction.notInspected} parts not inspected` : ''
  return [`masked     ${redaction.outcome}: ${counts.length === 0 ? 'nothing found' : counts.join(', ')}${unread}`]
}

function cacheLines({ cache }: Explanation): string[] {
  if (cache === null) return []
  return [
    `cache      ${cache.isUsed ? 'looked up, and the answer kept' : `not used: ${cache.reason ?? 'no reason given'}`}`,
  ]
}

function targetLines({ strategy, targets }: Explanation): string[] {
  const head = strategy === null ? [] : [`strategy   ${strategy.name} (${strategy.unit})`]
  return [...head, ...targets.map(targetLine)]
}

function targetLine({ target, tier, score, state, passedOver }: TargetSeen): string {
  const facts = [
    ...(tier === null ? [] : [`tier ${tier}`]),
    ...(score === null ? [] : [`score ${Number(score.toPrecision(4))}`]),
    ...(state === 'well' ? [] : [state]),
  ]
  return `target     ${target}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}${passedOver === null ? '' : `: ${passedOver}`}`
}
