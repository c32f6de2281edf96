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
  const base = `http://127.0.0.1:${at.proxyPort}/openai/v1`
  const curl = (extra: string, flags: string) =>
    `  curl ${flags}${base}/chat/completions -H 'content-type: application/json' \\\n` +
    `    -d '{"model": "auto", "messages": [{"role": "user", "content": "hello"}]${extra}}'`
  return `
modelroute is ready.

  dashboard   ${at.dashboardUrl}
  proxy       ${base}   (OPENAI_BASE_URL for your application)
  admin       http://127.0.0.1:${at.adminPort}/   (/readyz /metrics /table)
  resources   ${at.resources}   (save a file: the next call follows it)
  models      ${at.alphaUrl} (alpha)   ${at.betaUrl} (beta)

Try it:

${curl('', '')}

${curl(', "stream": true', '-N ')}

Ctrl-C stops everything.
`
}
