// What `npm start` prints when everything is up: where things are, and commands to try.
// Pure text; local.ts prints it.

export interface Addresses {
  readonly resources: string
  readonly proxyPort: number
  readonly adminPort: number
  readonly dashboardUrl: string
  readonly alphaUrl: string
  readonly betaUrl: string
}

export function readyText(at: Addresses): string {
  const origin = `http://127.0.0.1:${at.proxyPort}`
  const base = `${origin}/openai/v1`
  const curl = (extra: string, flags: string) =>
    `  curl ${flags}${base}/chat/completions -H 'content-type: application/json' \\\n` +
    `    -d '{"model": "auto", "messages": [{"role": "user", "content": "hello"}]${extra}}'`
  return `
modelroute is ready.

  dashboard   ${at.dashboardUrl}
  proxy       ${base}   (OPENAI_BASE_URL for your application)
              ${origin}/anthropic   (ANTHROPIC_BASE_URL)   ${origin}/gemini   (GOOGLE_GEMINI_BASE_URL)
  admin       http://127.0.0.1:${at.adminPort}/   (/readyz /metrics /table)
  resources   ${at.resources}   (save a file: the next call follows it)
  models      ${at.alphaUrl} (alpha)   ${at.betaUrl} (beta)

Try it:

${curl('', '')}

${curl(', "stream": true', '-N ')}

The same rules for an application that speaks Anthropic's dialect:

  curl ${origin}/anthropic/v1/messages -H 'content-type: application/json' \\
    -d '{"model": "auto", "max_tokens": 100, "messages": [{"role": "user", "content": "hello"}]}'

Ctrl-C stops everything.
`
}
