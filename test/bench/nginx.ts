// nginx of the Linux distribution, in two roles: a plain upstream that answers with fixed bytes, and a subject, a
// plain reverse proxy with keep-alive on both sides. One worker, no access log, nothing outside its own folder.
import { mkdirSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { launch, waitUntilReady } from './launch.ts'
import type { Launched } from './launch.ts'

export const NGINX_HINT = 'nginx is not installed; on Debian: apt-get install -y nginx-light'

const ANSWER =
  '{"id":"chatcmpl-bench","object":"chat.completion","created":1790000000,"model":"bench","choices":[{"index":0,' +
  `"message":{"role":"assistant","content":"${'word '.repeat(34)}"},"logprobs":null,"finish_reason":"stop"}],` +
  '"usage":{"prompt_tokens":212,"completion_tokens":34,"total_tokens":246}}'

interface NginxPlan {
  readonly name: string
  readonly folder: string
  readonly servers: string
  readonly readyPort: number
  readonly cpu: number
}

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0
}

/** Answers every path with the same 200; a header names the port, so that a table swap can be seen from outside. */
export function startFixedAnswer(plan: Omit<NginxPlan, 'servers' | 'name' | 'readyPort'>, ports: readonly number[]) {
  const servers = ports.map(
    (port) => `server { listen 127.0.0.1:${port} backlog=1024; location / {
      default_type application/json;
      add_header x-request-id req_bench;
      add_header openai-processing-ms 12;
      add_header x-bench-upstream ${port};
      return 200 '${ANSWER}'; } }`,
  )
  return startNginx({ ...plan, name: 'nginx upstream', servers: servers.join('\n'), readyPort: ports[0] ?? 0 })
}

export interface Hop {
  readonly listenPort: number
  readonly upstreamPort: number
  /** Nginx's default; off for streams, which would otherwise wait for a full buffer. */
  readonly isBuffering: boolean
}

/** Reverse proxies, one for each hop. */
export function startReverseProxy(plan: Omit<NginxPlan, 'servers' | 'name' | 'readyPort'>, hops: readonly Hop[]) {
  const servers = hops.map(
    (hop) => `upstream to_${hop.upstreamPort} { server 127.0.0.1:${hop.upstreamPort}; keepalive 64; }
    server { listen 127.0.0.1:${hop.listenPort} backlog=1024; location / {
      proxy_pass http://to_${hop.upstreamPort};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering ${hop.isBuffering ? 'on' : 'off'}; } }`,
  )
  return startNginx({ ...plan, name: 'nginx', servers: servers.join('\n'), readyPort: hops[0]?.listenPort ?? 0 })
}

async function startNginx(plan: NginxPlan): Promise<Launched> {
  mkdirSync(plan.folder, { recursive: true })
  const file = join(plan.folder, 'nginx.conf')
  writeFileSync(file, configuration(plan))
  const command = ['nginx', '-p', plan.folder, '-c', file, '-e', 'stderr', '-g', 'daemon off;']
  const started = launch({ name: plan.name, command, cpu: plan.cpu })
  await waitUntilReady(started, `http://127.0.0.1:${plan.readyPort}/ready`)
  return started
}

function configuration(plan: NginxPlan): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(plan.folder, kind)};`,
  )
  return `worker_processes 1;
pid ${join(plan.folder, 'nginx.pid')};
events { worker_connections 4096; }
http {
  access_log off;
  tcp_nodelay on;
  keepalive_timeout 600s;
  keepalive_requests 100000000;
  client_body_buffer_size 2m;
  client_max_body_size 32m;
  ${temporary.join('\n  ')}
  ${plan.servers}
}
`
}
